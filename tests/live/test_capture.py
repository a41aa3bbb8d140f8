"""Capture: the newest picture of a live camera, every picture of a film, and a lost camera tried again."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from edge_ocr import CameraLost, CameraNotFound
from edge_ocr.live import capture as module
from edge_ocr.live.capture import Capture


def image(level: int) -> np.ndarray:
    return np.full((4, 4), level % 256, np.uint8)


class Fake:
    """A camera that gives `frames` pictures at each opening, then fails or ends."""

    name, rate, settling_s = "fake", 10.0, 0.0

    def __init__(self, frames: int, *, live: bool = True, losses: int = 0, pause: float = 0.0) -> None:
        self.live, self._frames, self._losses, self._pause = live, frames, losses, pause
        self.opened = self.closed = 0
        self._left = 0

    def __enter__(self) -> "Fake":
        self.opened += 1
        self._left = self._frames
        return self

    def __exit__(self, *_: object) -> None:
        self.closed += 1

    def grab(self) -> np.ndarray | None:
        time.sleep(self._pause)
        if self._left == 0:
            if self.opened <= self._losses:
                raise CameraLost("the cable was pulled")
            return None
        self._left -= 1
        return image(self._left)


def wait_for(condition, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.002)
    return False


def test_a_film_loses_no_picture() -> None:
    """A slow reader misses pages."""
    with Capture(Fake(20, live=False)) as capture:
        seen = []
        while (shot := capture.next(60.0)) is not None:
            seen.append(shot.number)
        assert seen == list(range(1, 21)) and capture.ended and capture.dropped == 0


def test_of_a_live_camera_the_newest_waits() -> None:
    """A slow reader falls behind for ever, and memory grows."""
    with Capture(Fake(50)) as capture:
        assert wait_for(lambda: capture.dropped == 49)
        shot = capture.next(60.0)
        assert shot is not None and shot.number == 50
        assert capture.next(60.0) is None and capture.ended


def test_waiting_ends_in_time() -> None:
    """The loop hangs where a camera gives nothing."""
    with Capture(Fake(3, pause=30.0)) as capture:
        start = threading.active_count()
        assert capture.next(0.05) is None and not capture.ended
        assert threading.active_count() == start


def test_a_lost_camera_comes_back_two_hundred_times() -> None:
    """After a night of a loose cable nothing is read any more, or threads have piled up."""
    before = threading.active_count()
    camera = Fake(2, losses=200)
    seen = 0
    with Capture(camera, pause_s=0.0) as capture:
        while not capture.ended:
            seen += capture.next(60.0) is not None
        assert capture.losses == 200 and seen + capture.dropped == 402
        assert camera.opened == camera.closed == 201
    assert wait_for(lambda: threading.active_count() == before)


def test_why_there_is_no_picture_is_reported_until_there_is_one() -> None:
    pull, plug = threading.Event(), threading.Event()

    class Cable(Fake):
        """Gives a picture, is pulled on demand, and gives another one once it is plugged in again."""

        def __enter__(self) -> "Fake":
            assert self.opened == 0 or plug.wait(60)
            return super().__enter__()

        def grab(self) -> np.ndarray | None:
            assert self._left or pull.wait(60)
            return super().grab()

    with Capture(Cable(1, losses=1), pause_s=0.0) as capture:
        assert capture.next(60.0) is not None and capture.trouble is None
        pull.set()
        assert wait_for(lambda: capture.next(0.02) is None and capture.trouble is not None)
        assert isinstance(capture.trouble, CameraLost) and "trying again" in str(capture.trouble)
        plug.set()
        assert capture.next(60.0) is not None and capture.trouble is None


def test_a_loss_that_nobody_saw_is_reported_with_the_next_picture() -> None:
    """While a page is read, a camera goes and comes unnoticed."""
    with Capture(Fake(1, losses=1), pause_s=0.0) as capture:
        assert wait_for(lambda: capture.dropped == 1)
        assert capture.next(60.0) is not None and isinstance(capture.trouble, CameraLost)


def test_a_camera_that_never_was_there_is_an_error() -> None:
    """A wrong name is tried for ever."""

    class Missing(Fake):
        def __enter__(self) -> "Fake":
            raise CameraNotFound("there is no camera")

    with Capture(Missing(1)) as capture, pytest.raises(CameraNotFound):
        while not capture.ended or capture.next(1.0) is None:
            capture.next(1.0)


def test_the_end_does_not_wait_for_a_camera_that_is_stuck() -> None:
    """Ctrl-C waits for a driver that never answers."""
    asked, answer, answered = threading.Event(), threading.Event(), threading.Event()

    class Stuck(Fake):
        def grab(self) -> np.ndarray | None:
            asked.set()
            answer.wait(60)
            answered.set()
            return None

    with Capture(Stuck(1)):
        assert asked.wait(60)
    assert not answered.is_set()
    answer.set()  # Its thread ends with the test.
    assert answered.wait(60)


def test_a_camera_with_an_interval_closes_and_opens_again() -> None:
    """A battery is empty after a day, since a meter that is read every five minutes is filmed all the time."""
    camera = Fake(1000)
    with Capture(camera, interval_s=0.05) as capture:
        for turn in range(3):
            assert capture.next(60.0) is not None and camera.opened == turn + 1
            capture.read_through(False)
            assert not capture.is_resting
            capture.read_through(True)
            assert wait_for(lambda turn=turn: camera.closed == turn + 1)  # type: ignore[misc]
        assert capture.losses == 0 and capture.trouble is None


def test_a_camera_without_an_interval_stays_open() -> None:
    camera = Fake(3, live=False)
    with Capture(camera) as capture:
        while capture.next(60.0) is not None:
            capture.read_through(True)
        assert camera.opened == 1 and not capture.is_resting


def test_the_end_does_not_wait_for_an_interval() -> None:
    """Ctrl-C is answered after five minutes."""
    with Capture(Fake(9), interval_s=3600.0) as capture:
        assert capture.next(60.0) is not None
        capture.read_through(True)
        assert capture.is_resting
        thread = capture._thread
    assert not thread.is_alive()


def test_pictures_from_before_the_exposure_settled_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each opening begins with a dark picture, on which the writing is gone."""
    now = [100.0]

    class Slow(Fake):
        """Takes a second for each picture, by the capture's clock."""

        def grab(self) -> np.ndarray | None:
            now[0] += 1.0
            return super().grab()

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    camera = Slow(4, live=False)
    camera.settling_s = 2.5
    with Capture(camera) as capture:
        first = capture.next(60.0)
        assert first is not None and first.image[0, 0] == 1


def test_a_watcher_sees_every_picture_also_those_that_nobody_fetches() -> None:
    """The page's video stands still while a picture is read."""
    seen: list[int] = []
    capture = Capture(Fake(20))
    capture.on_shot = lambda shot: seen.append(shot.number)
    with capture:
        assert wait_for(lambda: capture.dropped == 19)
        assert wait_for(lambda: seen == list(range(1, 21)))
