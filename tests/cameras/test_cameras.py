"""Cameras: every kind of source behind one interface, and one sentence when it is not there."""

import sys
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import cv2
import numpy as np
import pytest

from edge_ocr import BadImage, CameraLost, CameraNotFound, Frame, open_camera
from edge_ocr.cameras import Settings, video
from edge_ocr.cameras.listing import list_cameras
from edge_ocr.cameras.stills import SHOWN


def picture(path: Path, level: int) -> Path:
    cv2.imwrite(str(path), np.full((40, 60), level, np.uint8))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, level in enumerate((10, 20, 30)):
        picture(tmp_path / f"{number}.png", level)
    return tmp_path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for level in (0, 80, 160, 240):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    return path


def levels(frames: list[Frame]) -> list[int]:
    return [int(frame.image.mean()) for frame in frames]


def test_a_folder_shows_its_pictures_in_order(folder: Path) -> None:
    """Pages are read in another order than their names say."""
    with open_camera(str(folder)) as camera:
        assert levels(list(camera)) == [level for level in (10, 20, 30) for _ in range(SHOWN)]


def test_one_picture_is_a_camera_too(folder: Path) -> None:
    with open_camera(str(folder / "1.png")) as camera:
        assert levels(list(camera)) == [20] * SHOWN


def test_a_loop_begins_again(folder: Path, film: Path) -> None:
    """A demonstration ends after the first round."""
    with open_camera(str(folder), Settings(loop=True)) as camera:
        seen = [int(camera.grab().mean()) for _ in range(4 * SHOWN)]  # type: ignore[union-attr]
    assert seen[-1] == 10
    with open_camera(str(film), Settings(loop=True)) as camera:
        seen = [int(camera.grab().mean()) for _ in range(6)]  # type: ignore[union-attr]
    assert abs(seen[4] - seen[0]) < 4


def test_a_broken_picture_among_others_is_passed_over(folder: Path) -> None:
    (folder / "1.png").write_bytes(b"no picture")
    with open_camera(str(folder)) as camera:
        assert set(levels(list(camera))) == {10, 30}


def test_nothing_but_broken_pictures_is_an_error(tmp_path: Path) -> None:
    """Nobody learns that nothing was read."""
    (tmp_path / "1.png").write_bytes(b"no picture")
    with open_camera(str(tmp_path)) as camera, pytest.raises(BadImage):
        list(camera)


def test_a_film_is_read_to_its_end(film: Path) -> None:
    with open_camera(str(film)) as camera:
        assert [round(level / 80) for level in levels(list(camera))] == [0, 1, 2, 3]


@pytest.mark.parametrize("source", ["nowhere.mp4", "usb", "pi:x", "/dev/videoX", ""])
def test_what_is_no_camera_is_named(source: str) -> None:
    with pytest.raises(CameraNotFound):
        open_camera(source).__enter__()


def test_a_file_that_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no film")
    (tmp_path / "a.txt").write_text("no film")
    with pytest.raises(CameraNotFound, match="decoded"), open_camera(str(tmp_path / "a.mp4")):
        pass
    with pytest.raises(CameraNotFound, match="by its name"):
        open_camera(str(tmp_path / "a.txt"))


class Device:
    """OpenCV's VideoCapture of a device that gives `frames` pictures, then none."""

    opened: ClassVar[list] = []

    def __init__(self, target: object, *_: object) -> None:
        self.target, self.left, self.released, self.asked = target, 2, False, {}
        Device.opened.append(self)

    def isOpened(self) -> bool:
        return self.target != 9

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.left -= 1
        return (True, np.zeros((48, 64, 3), np.uint8)) if self.left >= 0 else (False, None)

    def set(self, key: int, value: float) -> None:
        self.asked[key] = value

    def release(self) -> None:
        self.released = True


@pytest.mark.parametrize("source", ["usb:0", "/dev/video0", "rtsp://camera/stream", "http://camera/stream"])
def test_a_device_that_stops_is_lost(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """A pulled cable looks like the end of a film, and the program ends."""
    monkeypatch.setattr(video.cv2, "VideoCapture", Device)
    with pytest.raises(CameraLost, match="no pictures"), open_camera(source, Settings(320, 240)) as camera:
        assert camera.live
        list(camera)
    assert Device.opened[-1].released
    if source.startswith(("usb", "/dev")):
        assert Device.opened[-1].asked[cv2.CAP_PROP_FRAME_WIDTH] == 320


def test_a_device_that_is_not_there_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video.cv2, "VideoCapture", Device)
    with pytest.raises(CameraNotFound, match="group video"), open_camera("usb:9"):
        pass


class FakePicamera2:
    """picamera2's class: YUV420 with padded rows, another size than was asked for."""

    cameras = 1
    broken = False
    closed = 0

    @staticmethod
    def global_camera_info() -> list[dict[str, str]]:
        return [{"Model": "imx708"}] * FakePicamera2.cameras

    def __init__(self, number: int) -> None:
        self.camera_controls = {"AfMode": (0, 2, 0), "FrameDurationLimits": (1, 2, 3)}
        self.set: dict[str, object] = {}

    def create_video_configuration(self, **options: object) -> dict[str, object]:
        return options

    def configure(self, options: dict[str, object]) -> None:
        assert options["main"] == {"size": (640, 480), "format": "YUV420"}

    def camera_configuration(self) -> dict[str, dict[str, object]]:
        return {"main": {"size": (632, 480), "format": "YUV420"}}

    def set_controls(self, controls: dict[str, object]) -> None:
        self.set = controls
        assert "ExposureTime" not in controls and controls["AfMode"] == 2

    def start(self) -> None:
        if FakePicamera2.broken:
            raise RuntimeError("Camera __init__ sequence did not complete.")

    def capture_array(self, name: str, wait: bool) -> object:
        return np.dstack([np.full((720, 640), 77, np.uint8)])[:, :, 0]

    def wait(self, job: np.ndarray, timeout: float) -> np.ndarray:
        assert timeout > 0
        return job

    def stop(self) -> None: ...

    def close(self) -> None:
        FakePicamera2.closed += 1


@pytest.fixture
def picamera2(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("picamera2")
    module.Picamera2 = FakePicamera2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", module)
    monkeypatch.setattr(FakePicamera2, "cameras", 1)
    monkeypatch.setattr(FakePicamera2, "broken", False)


def test_a_pi_camera_gives_the_grey_plane_of_the_size_that_it_has(picamera2: None) -> None:
    """Padding or colours are taken for paper."""
    with open_camera("pi", Settings(640, 480)) as camera:
        image = camera.grab()
    assert image is not None and image.shape == (480, 632) and image.flags.c_contiguous
    assert FakePicamera2.closed


def test_a_pi_camera_that_is_missing_or_taken_is_reported(picamera2: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CameraNotFound, match="no Pi camera 1"), open_camera("pi:1"):
        pass
    monkeypatch.setattr(FakePicamera2, "broken", True)
    with pytest.raises(CameraLost, match="did not complete"), open_camera("pi", Settings(640, 480)):
        pass


def test_without_picamera2_the_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraNotFound, match="apt install python3-picamera2"), open_camera("pi"):
        pass


def test_a_picamera2_for_another_numpy_is_reported_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is sent to install what is there."""
    error = "numpy.dtype size changed, may indicate binary incompatibility"
    (tmp_path / "picamera2.py").write_text(f"raise ValueError({error!r})")
    monkeypatch.delitem(sys.modules, "picamera2", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(CameraNotFound, match="numpy<2"), open_camera("pi"):
        pass


def test_cameras_are_listed_without_the_boards_own_devices(tmp_path: Path, picamera2: None) -> None:
    """Decoders and second devices of one camera are offered as cameras."""
    devices = {"video0": ("0", "HD Webcam"), "video1": ("1", "HD Webcam"), "video10": ("0", "bcm2835-codec-decode")}
    for name, (index, label) in devices.items():
        folder = tmp_path / "sys/class/video4linux" / name
        folder.mkdir(parents=True)
        (folder / "index").write_text(index + "\n")
        (folder / "name").write_text(label + "\n")
    assert list_cameras(tmp_path) == [("pi:0", "imx708"), ("/dev/video0", "HD Webcam")]


def test_no_camera_is_an_empty_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    assert list_cameras(tmp_path) == []
