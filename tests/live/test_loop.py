"""The loop: what is read and what is passed over, what is given out, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_ocr import BadCharset, BadPattern, CameraLost, Page, Reader
from edge_ocr.errors import RegionOutside
from edge_ocr.live.capture import Capture
from edge_ocr.live.loop import Loop, Sight
from edge_ocr.live.moving import moved_page
from edge_ocr.live.region import Region
from edge_ocr.live.statistics import Statistics
from edge_ocr.live.task import Controls, Task
from edge_ocr.live.watch import MOST_READINGS
from edge_ocr.outputs.file import OutputFile
from edge_ocr.page import Box
from tests.live.test_capture import Fake
from tests.live.test_steady import page
from tests.places import TINY
from tests.scenes import photograph, write

SAMPLE = Path("edge_ocr/samples/note.mp4")
SIZE = (320, 200)


def scene(text: str) -> np.ndarray:
    return photograph(write(text, size=SIZE, capital=40, pen=5, corner=(40, 110)).ink).image


class Film(Fake):
    """A camera that gives these pictures."""

    def __init__(self, pictures: list[np.ndarray], *, live: bool = False) -> None:
        super().__init__(len(pictures), live=live)
        self._pictures = pictures

    def grab(self) -> np.ndarray | None:
        if self._left == 0:
            return None
        self._left -= 1
        return self._pictures[len(self._pictures) - 1 - self._left]


class Scripted:
    """A reader that reads "GATE 47" in everything, and remembers the sizes it was given."""

    def __init__(self, text: str = "GATE 47") -> None:
        self.text, self.sizes = text, []

    def read(self, frame: object) -> Page:
        self.sizes.append(frame.image.shape[:2])  # type: ignore[attr-defined]
        return page(self.text)


def run(pictures: list[np.ndarray], reader: Scripted, controls: Controls | None = None) -> tuple[list[Sight], Loop]:
    with Capture(Film(pictures)) as capture:  # type: ignore[arg-type]
        loop = Loop(capture, lambda region: reader, controls or Controls(Task()))  # type: ignore[arg-type, return-value]
        return list(loop), loop


def test_a_still_scene_is_read_until_its_text_holds() -> None:
    """The processor is busy all day with a page that lies there."""
    reader = Scripted()
    sights, loop = run([scene("A1")] * 40, reader)
    assert 3 <= len(reader.sizes) <= MOST_READINGS
    assert loop.statistics.still == 40 - len(reader.sizes)
    assert [sight.given.text for sight in sights if sight.given] == ["GATE 47"]


def test_a_still_scene_that_never_holds_is_reported_all_the_same() -> None:
    """What is hard to read is never given out, though it will not get easier."""

    class Undecided(Scripted):
        def read(self, frame: object) -> Page:
            self.text = "BOX 12" if self.text == "GATE 47" else "GATE 47"
            return super().read(frame)

    sights, _ = run([scene("A1")] * 40, Undecided())
    assert len([sight for sight in sights if sight.given]) == 1


def test_a_change_is_read_again() -> None:
    reader = Scripted()
    run([scene("A1")] * 10 + [scene("1A BO")] * 10, reader)
    assert len(reader.sizes) >= 6


def test_a_region_is_read_alone_and_boxes_stay_on_the_picture() -> None:
    """Boxes are drawn where they lie in the region, not in the picture."""
    reader = Scripted()
    sights, _ = run([scene("A1")] * 5, reader, Controls(Task((Region(box=Box(20, 30, 120, 90)),))))
    assert set(reader.sizes) == {(60, 100)}
    given = next(sight.given for sight in sights if sight.given)
    assert given.lines[0].box.left == page("GATE 47").lines[0].box.left + 20
    assert (given.width, given.height) == SIZE


def test_a_region_outside_of_the_picture_is_reported() -> None:
    """A sliver of the picture's edge is read all day."""
    reader = Scripted()
    sights, _ = run([scene("A1")] * 3, reader, Controls(Task((Region(box=Box(5000, 5000, 6000, 6000)),))))
    assert [type(sight.trouble) for sight in sights] == [RegionOutside] * 3 and not reader.sizes


def test_a_lost_camera_is_reported_though_no_picture_comes() -> None:
    """The user sees nothing for hours, and the service is taken for dead."""
    sights: list[Sight] = []
    with Capture(Fake(2, live=False, losses=1), pause_s=2.0) as capture:  # type: ignore[arg-type]
        for sight in Loop(capture, lambda region: Scripted(), Controls(Task())):  # type: ignore[arg-type, return-value]
            sights.append(sight)
    lost = [sight for sight in sights if sight.image is None]
    assert lost and all(isinstance(sight.trouble, CameraLost) for sight in lost)
    assert sights[-1].trouble is None


def test_a_counter_that_moves_by_one_is_given_out() -> None:
    """A meter's number is taken for a misreading of the one before, and not looked at again."""
    reader = Scripted("METER 00417")

    class Moving(Film):
        def grab(self) -> np.ndarray | None:
            if self._left == 30:
                reader.text = "METER 00418"
            return super().grab()

    with Capture(Moving([scene("A1")] * 30 + [scene("A1B")] * 30)) as capture:  # type: ignore[arg-type]
        sights = list(Loop(capture, lambda region: reader, Controls(Task())))  # type: ignore[arg-type, return-value]
    assert [sight.given.text for sight in sights if sight.given] == ["METER 00417", "METER 00418"]
    assert len(reader.sizes) < 30


class Loose(Fake):
    """A camera with a loose cable: it shows the next note at each opening, and is lost after eight pictures."""

    def grab(self) -> np.ndarray | None:
        if super().grab() is None:
            return None
        image = np.full((60, 120), 200, np.uint8)
        image[20:40, self.opened : self.opened + 15] = 30
        image[0, 0] = self.opened
        return image


class Numbering(Scripted):
    """Reads the number of the note."""

    def read(self, frame: object) -> Page:
        return page(f"NOTE {int(frame.image[0, 0]):04}")  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_hundred_losses_lose_nothing_that_was_given_out(tmp_path: Path) -> None:
    """After a night of a loose cable notes are missing in the file, or stand there twice."""
    log = OutputFile(tmp_path / "log.txt", as_json=False)
    camera = Loose(8, live=False, losses=100)
    camera.rate = 5.0
    with Capture(camera, pause_s=0.0) as capture:  # type: ignore[arg-type]
        for sight in Loop(capture, lambda region: Numbering(), Controls(Task())):  # type: ignore[arg-type, return-value]
            if sight.given is not None:
                log.add(sight.given)
    log.close()
    assert capture.losses == 100
    kept = [text for text in (tmp_path / "log.txt").read_text().split("\n\n") if text.strip()]
    assert kept == [f"NOTE {number:04}" for number in range(1, 102)]


def test_a_less_sharp_region_is_read_at_once() -> None:
    """What was dragged waits for a sharpness that only the rest of the picture has, beside the old text."""
    whole = scene("A1BO")
    whole[:, 160:] = cv2.GaussianBlur(whole[:, 160:], (0, 0), 3)
    controls, reader = Controls(Task()), Scripted()
    with Capture(Film([whole] * 12)) as capture:  # type: ignore[arg-type]
        loop = iter(Loop(capture, lambda region: reader, controls))  # type: ignore[arg-type, return-value]
        assert any(next(loop).given for _ in range(6))
        controls.change(regions=(Region(box=Box(160, 0, 320, 200)),))
        reader.text = "EAST"
        sight = next(loop)
        assert sight.page is not None and sight.voted is not None and sight.voted.text == "EAST"


def test_the_rate_is_that_of_all_pictures() -> None:
    """Pictures that were passed over quickly raise the rate far over the camera's."""
    statistics = Statistics()
    for _ in range(100):
        statistics.came(0.001)
        statistics.came(0.099)
    assert statistics.rate == pytest.approx(20, rel=0.15)


def test_what_is_to_be_read_can_be_changed_meanwhile() -> None:
    """The page's boxes do nothing, or a wrong charset ends the program."""
    controls = Controls(Task())
    asked: list[str | None] = []

    def make(region: Region) -> Scripted:
        asked.append(region.charset)
        if region.charset == "?":
            raise BadCharset("the charset names nothing")
        return Scripted(region.charset or "GATE 47")

    with Capture(Film([scene("A1")] * 30)) as capture:  # type: ignore[arg-type]
        loop = iter(Loop(capture, make, controls))  # type: ignore[arg-type]
        assert any(next(loop).given for _ in range(6))
        controls.change(regions=(Region(charset="0-9"),))
        assert [sight.given.text for sight in (next(loop) for _ in range(8)) if sight.given] == ["0-9"]
        controls.change(regions=(Region(charset="?"),))
        assert isinstance(next(loop).trouble, BadCharset)
        controls.change(regions=(Region(),))
        controls.change(paused=True)
        assert next(loop).page is None
    assert asked == [None, "0-9", "?", None]


def test_a_reading_that_fails_does_not_end_the_loop() -> None:
    """A pattern that a viewer typed takes the service down."""

    class Failing(Scripted):
        def read(self, frame: object) -> Page:
            if self.text == "GATE 47":
                raise BadPattern("the pattern takes too long")
            return super().read(frame)

    controls = Controls(Task())
    with Capture(Film([scene("A1")] * 12)) as capture:  # type: ignore[arg-type]
        loop = iter(Loop(capture, lambda region: Failing(region.pattern or "GATE 47"), controls))  # type: ignore[arg-type, return-value]
        assert isinstance(next(loop).trouble, BadPattern)
        controls.change(regions=(Region(pattern="BOX"),))
        sights = list(loop)
    assert sights[0].trouble is None and [sight.given.text for sight in sights if sight.given] == ["BOX"]


def test_a_pattern_too_large_to_make_is_a_sentence() -> None:
    """Memory or the stack runs out, and with it the loop."""
    controls = Controls(Task())

    def make(region: Region) -> Scripted:
        if region.pattern:
            raise RecursionError
        return Scripted()

    with Capture(Film([scene("A1")] * 4)) as capture:  # type: ignore[arg-type]
        loop = iter(Loop(capture, make, controls))  # type: ignore[arg-type]
        next(loop)
        controls.change(regions=(Region(pattern="(" * 50),))
        assert isinstance(next(loop).trouble, BadPattern)


@pytest.mark.parametrize("text", ["(((A{99}){99}){99}){99}", "A{100000000}", "(?:[A-Z ]{1,1000}){1,1000}", "(?=A)"])
def test_a_pattern_that_explodes_is_a_sentence_at_once(text: str) -> None:
    """A viewer of the page takes all memory of the board, or stops the loop for minutes."""
    controls = Controls(Task())
    with Capture(Film([scene("A1")] * 4)) as capture:  # type: ignore[arg-type]
        loop = iter(Loop(capture, lambda region: Reader.load(TINY, **region.reading), controls))
        next(loop)
        controls.change(regions=(Region(pattern=text),))
        assert isinstance(next(loop).trouble, BadPattern)
        assert next(loop).page is not None


def test_it_stops_when_reported_though_no_picture_comes() -> None:
    """Ctrl-C waits for a camera that gives nothing."""
    controls = Controls(Task())
    with Capture(Fake(1, pause=90.0)) as capture:  # type: ignore[arg-type]
        loop = Loop(capture, lambda region: Scripted(), controls)  # type: ignore[arg-type, return-value]
        threading.Timer(0.2, controls.stop.set).start()
        start = time.monotonic()
        assert {sight.image is None for sight in loop} == {True}
        assert time.monotonic() - start < 60  # Else it waited for the camera.


def test_moving_a_page_by_nothing_is_the_page() -> None:
    one = page("A1")
    assert moved_page(one, 0, 0, one.width, one.height) is one


COMMAND = [sys.executable, "-m", "edge_ocr", "live", "--model", str(TINY), "--language", "none"]


def live(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, text in enumerate(("A1BO", "1A BOB")):
        cv2.imwrite(str(folder / f"{number}.png"), scene(text))
    yield folder


@pytest.mark.slow
def test_the_bundled_film_is_read() -> None:
    """`make demo` shows nonsense."""
    command = [sys.executable, "-m", "edge_ocr", "live", "--camera", str(SAMPLE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert done.stdout.strip().endswith("MEET ANNA AT\nGATE 47 EAST")


def test_each_text_is_put_out_once(pictures: Path, tmp_path: Path) -> None:
    """stdout is no list of what was written."""
    log, kept = tmp_path / "log.jsonl", tmp_path / "kept"
    done = live("--camera", str(pictures), "--json", "--output", str(log), "--record", str(kept))
    assert done.returncode == 0
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert [entry["text"] for entry in entries] == ["A1BO", "1A BOB"]
    assert all(entry["confidence"] and entry["lines"][0]["box"] for entry in entries)
    assert [json.loads(line)["text"] for line in log.read_text().splitlines()] == ["A1BO", "1A BOB"]
    assert sorted(path.suffix for path in kept.iterdir()) == [".jpg", ".jpg", ".json", ".json"]


def test_once_ends_after_the_first_text(pictures: Path) -> None:
    assert live("--camera", str(pictures), "--once", "--loop").stdout == "A1BO\n\n"


@pytest.mark.slow
def test_once_with_nothing_to_read_ends_with_a_code_of_its_own(tmp_path: Path) -> None:
    """A script takes an empty output for a text, or waits for ever."""
    blank = tmp_path / "blank.png"
    cv2.imwrite(str(blank), np.full((120, 160), 200, np.uint8))
    ended = live("--camera", str(blank), "--once")
    assert (ended.returncode, ended.stdout) == (22, "") and "held: check light" in ended.stderr
    late = live("--camera", str(blank), "--once", "--loop", "--timeout", "0.5")
    assert (late.returncode, late.stdout) == (22, "") and "held within 0.5 s" in late.stderr
    assert live("--camera", str(blank)).returncode == 0


def test_a_timeout_leaves_a_text_that_comes_in_time_alone(pictures: Path) -> None:
    done = live("--camera", str(pictures), "--once", "--timeout", "50")
    assert (done.returncode, done.stdout) == (0, "A1BO\n\n")


@pytest.mark.slow
def test_what_is_too_doubtful_is_listed_where_it_is_asked_for(pictures: Path, tmp_path: Path) -> None:
    """The floor does not reach the reader, or a log does not hold what it kept back."""
    arguments = ["--camera", str(pictures), "--min-confidence", "1", "--json"]
    assert live(*arguments).stdout == ""
    log = tmp_path / "log.jsonl"
    assert live("--camera", str(pictures), "--json", "--rejected", "--output", str(log)).returncode == 0
    assert [json.loads(line)["rejected"] for line in log.read_text().splitlines()] == [[], []]


SLOW = """
import sys, time
from edge_ocr.commands import main, read
class Slow:
    load = classmethod(lambda cls, *a, **k: cls())
    def read(self, frame):
        print("reading", file=sys.stderr, flush=True)
        time.sleep(600)
read.Reader = Slow
sys.exit(main.main())
"""
"""`edge-ocr` with a reader that takes ten minutes for a picture."""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_does_not_wait_for_a_slow_reading(pictures: Path, number: int, code: int) -> None:
    """Ctrl-C is answered after half a minute, and systemd kills what does not end."""
    command = [sys.executable, "-c", SLOW, "live", "--camera", str(pictures)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while "reading" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(number)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "") and "Traceback" not in errors


def test_a_timeout_does_not_wait_for_a_slow_reading(pictures: Path) -> None:
    command = [sys.executable, "-c", SLOW, "live", "--camera", str(pictures), "--once", "--timeout", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 22 and "Traceback" not in done.stderr


def test_a_camera_that_hangs_upside_down_turns_its_pictures(pictures: Path, tmp_path: Path) -> None:
    """Boxes, regions and the page refer to pictures that stand on their head."""
    image = cv2.imread(str(pictures / "0.png"), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(tmp_path / "turned.png"), cv2.flip(cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE), 1))
    arguments = ["--camera", str(tmp_path / "turned.png"), "--flip", "--rotate", "270", "--json"]
    entry = json.loads(live(*arguments).stdout)
    assert (entry["text"], entry["width"], entry["height"]) == ("A1BO", *SIZE)


def test_the_camera_may_come_from_a_file_or_the_environment(pictures: Path, tmp_path: Path) -> None:
    """A password stands in the list of processes, for every user of the machine."""
    named = tmp_path / "camera"
    named.write_text(f"{pictures}\n")
    assert live("--camera", f"@{named}", "--once").stdout == "A1BO\n\n"
    assert live("--once", env={**os.environ, "EDGE_OCR_CAMERA": str(pictures)}).stdout == "A1BO\n\n"


def test_a_region_can_be_named(pictures: Path) -> None:
    assert "1A BOB" not in live("--camera", str(pictures), "--roi", "0,0,150,200").stdout


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_cleanly(pictures: Path, tmp_path: Path, number: int, code: int) -> None:
    """The last texts are lost, or a traceback stands in the journal."""
    log = tmp_path / "log.txt"
    arguments = [*COMMAND, "--camera", str(pictures / "0.png"), "--loop", "--output", str(log)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "A1BO\n"
    os.kill(process.pid, number)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == code and "Traceback" not in errors
    assert log.read_text() == "A1BO\n\n"


@pytest.mark.slow
def test_a_stream_that_is_away_is_reported_and_the_service_lives(tmp_path: Path) -> None:
    """The user waits before a silent program, and systemd kills it where it should try again."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        arguments = [*COMMAND, "--camera", "http://127.0.0.1:9/none"]
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=environment)
        try:
            said = [systemd.recv(1000).decode() for _ in range(3)]
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)
    assert said[0] == "READY=1" and all("WATCHDOG=1" in message for message in said[1:])
    assert process.returncode == 0 and errors.count("trying again") == 1


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (["--camera", "usb:99"], 14, "cameras"),
    (["--camera", "nothing.mp4"], 14, "expected"),
    (["--camera", "x", "--roi", "1,2,3"], 2, "left,top,width,height"),
    (["--camera", str(SAMPLE), "--roi", "5000,0,10,10"], 21, "outside the picture"),
    (["--camera", str(SAMPLE), "--output", str(SAMPLE)], 9, "choose another file"),
    (["--camera", "x", "--size", "big"], 2, "1280x720"),
    (["--camera", str(SAMPLE), "--output", "/nowhere/log"], 9, "choose another file"),
    (["--camera", str(SAMPLE), "--charset", "é"], 7, "charset"),
    (["--camera", str(SAMPLE), "--preview", "0.0.0.0:0"], 16, "--token"),
    (["--camera", str(SAMPLE), "--preview", "here:there"], 16, "HOST:PORT"),
    (["--camera", str(SAMPLE), "--token", "secret"], 2, "add --preview"),
    (["--camera", str(SAMPLE), "--timeout", "5"], 2, "add --once"),
    (["--camera", str(SAMPLE), "--once", "--timeout", "0"], 2, "seconds"),
    (["--camera", str(SAMPLE), "--rejected"], 2, "add --json"),
    (["--camera", str(SAMPLE), "--min-confidence", "50"], 2, "from 0 to 1"),
    (["--camera", str(SAMPLE), "--interval", "5m"], 2, "--interval is for cameras"),
    (["--camera", "usb:99", "--interval", "5 minutes"], 2, "30s, 5m or 1h"),
    (["--camera", "usb:99", "--speed", "1"], 2, "--speed is for films"),
    (["--camera", str(SAMPLE), "--rotate", "auto", "--roi", "0,0,9,9"], 2, "name the degrees"),
    (["--camera", str(SAMPLE), "--rotate", "45"], 2, "choose from"),
    (["--camera", "@/nowhere"], 14, "/nowhere cannot be read"),
    (["--camera", "rtsp:/admin:SECRET@camera"], 14, "admin:***@camera"),
])  # fmt: skip
def test_what_cannot_be_done_is_one_sentence(arguments: list[str], code: int, words: str) -> None:
    """The user sees a traceback, or nothing."""
    done = live(*arguments)
    assert done.returncode == code and words in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""
