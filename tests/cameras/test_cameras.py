"""Cameras: every kind of source behind one interface, and one sentence when it is not there."""

import sys
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import cv2
import numpy as np
import pytest

from edge_ocr import BadImage, CameraLost, CameraNotFound, Frame, open_camera
from edge_ocr.cameras import Settings, pacing, video
from edge_ocr.cameras.listing import list_cameras
from edge_ocr.cameras.pacing import Paced
from edge_ocr.cameras.stills import SHOWN
from edge_ocr.cameras.turning import Turned


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


@pytest.mark.parametrize("ending", ["ts", "TS", "mpg", "mjpeg"])
def test_films_of_other_endings_are_read_and_begin_again(film: Path, tmp_path: Path, ending: str) -> None:
    """What a recorder or `rpicam-vid` stores is refused by its name, or cannot be wound back."""
    kinds = {"ts": "mpg2", "mpg": "mpg1", "mjpeg": "MJPG"}
    path = tmp_path / f"film.{ending}"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*kinds[ending.lower()]), 25, (64, 48))
    for level in (0, 80, 160, 240):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    with open_camera(str(path), Settings(loop=True)) as camera:
        seen = [round(int(camera.grab().mean()) / 80) for _ in range(8)]  # type: ignore[union-attr]
    assert seen == [0, 1, 2, 3] * 2


def test_a_stored_stream_is_a_film_by_its_name(tmp_path: Path) -> None:
    for ending in ("h264", "H265", "hevc", "m2ts"):
        (tmp_path / f"a.{ending}").write_bytes(b"")
        with pytest.raises(CameraNotFound, match="decode"), open_camera(str(tmp_path / f"a.{ending}")) as camera:
            camera.grab()


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_pictures_are_mirrored_and_then_turned(tmp_path: Path, degrees: int, mirrored: bool) -> None:
    """A camera over the desk's far edge shows everything upside down, on the page too."""
    asked = np.arange(12, dtype=np.uint8).reshape(3, 4).repeat(8, 0).repeat(8, 1) * 20
    cv2.imwrite(str(tmp_path / "a.png"), asked)
    with Turned(open_camera(str(tmp_path)), degrees, mirrored=mirrored) as camera:
        image = camera.grab()
    expected = np.rot90(asked[:, ::-1] if mirrored else asked, -degrees // 90)
    assert image is not None and image.flags.c_contiguous and np.array_equal(image, expected)
    assert camera.name == str(tmp_path) and not camera.live and camera.rate


@pytest.mark.parametrize(("turn", "degrees"), [(0, 90), (4.5, 90), (91, 0), (180, 270), (-88, 180), (268, 180)])
def test_a_camera_follows_the_text(folder: Path, turn: float, degrees: int) -> None:
    camera = Turned(open_camera(str(folder)), 90)
    assert camera.follow(turn) == (degrees != 90) and camera.degrees == degrees


def test_a_film_is_paced_at_its_own_rate(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A film of a minute is over in a second, or what was not read in time is read later."""
    now, waits = [100.0], []

    class Clock:
        monotonic = staticmethod(lambda: now[0])

        @staticmethod
        def sleep(seconds: float) -> None:
            waits.append(round(seconds, 3))
            now[0] += seconds

    monkeypatch.setattr(pacing, "time", Clock)
    with Paced(open_camera(str(film)), 2.0) as camera:
        assert camera.live and camera.rate == pytest.approx(10)
        for _ in range(3):
            assert camera.grab() is not None
        now[0] += 5.0  # A slow disk: what is late does not make the rest hurry.
        camera.grab()
        assert camera.grab() is None
    assert waits == [0, 0.05, 0.05, 0, 0.05]


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
    width = 64

    def __init__(self, target: object, *_: object) -> None:
        self.target, self.left, self.released, self.asked = target, 2, False, {}
        self.history: list[tuple[int, float]] = []
        Device.opened.append(self)

    def isOpened(self) -> bool:
        return self.target != 9

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.left -= 1
        return (True, np.zeros((48, 64, 3), np.uint8)) if self.left >= 0 else (False, None)

    def get(self, key: int) -> float:
        return {cv2.CAP_PROP_FRAME_WIDTH: Device.width, cv2.CAP_PROP_FRAME_HEIGHT: 48}[key]

    def set(self, key: int, value: float) -> None:
        self.asked[key] = value
        self.history.append((key, value))

    def release(self) -> None:
        self.released = True


@pytest.mark.parametrize(
    "source", ["usb:0", "/dev/video0", "/dev/v4l/by-id/usb-x-video-index0", "RTSP://camera/stream"]
)
def test_a_device_that_stops_is_lost(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """A pulled cable looks like the end of a film, and the program ends."""
    monkeypatch.setattr(video.cv2, "VideoCapture", Device)
    with pytest.raises(CameraLost, match="no pictures"), open_camera(source, Settings(320, 240)) as camera:
        assert camera.live
        list(camera)
    assert Device.opened[-1].released
    if source.startswith(("usb", "/dev")):
        assert Device.opened[-1].asked[cv2.CAP_PROP_FRAME_WIDTH] == 320


def test_a_device_is_put_back_to_automatic(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a run with --exposure or --focus every other program, and the next run, has dark or blurred pictures."""
    monkeypatch.setattr(video.cv2, "VideoCapture", Device)
    with open_camera("usb:0", Settings(exposure_us=5000, focus=120)):
        asked = dict(Device.opened[-1].asked)
    assert asked[cv2.CAP_PROP_AUTO_EXPOSURE] == 1 and asked[cv2.CAP_PROP_EXPOSURE] == 50
    assert asked[cv2.CAP_PROP_AUTOFOCUS] == 0 and asked[cv2.CAP_PROP_FOCUS] == 120
    automatic = {cv2.CAP_PROP_AUTO_EXPOSURE: 3, cv2.CAP_PROP_AUTOFOCUS: 1}
    assert automatic.items() <= Device.opened[-1].asked.items()
    with open_camera("usb:0"):  # Another program, or a run that was killed, may have left anything.
        assert automatic.items() <= Device.opened[-1].asked.items()


def test_a_device_is_found_by_its_own_name_at_each_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    """After another plugging /dev/video0 is another camera; the name that udev gives is not."""
    monkeypatch.setattr(video.cv2, "VideoCapture", Device)
    with open_camera("/dev/v4l/by-id/usb-x-video-index0"):
        assert Device.opened[-1].target == "/dev/v4l/by-id/usb-x-video-index0"


@pytest.mark.parametrize("source", ["usb:0", "rtsp://camera/stream"])
def test_pictures_that_are_too_large_are_refused(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """A camera's pictures of 16000x16000 take 2.5 GB."""
    monkeypatch.setattr(video.cv2, "VideoCapture", Device)
    monkeypatch.setattr(Device, "width", 6_000_000)
    with pytest.raises(CameraNotFound, match="too large"), open_camera(source):
        pass
    assert Device.opened[-1].released and Device.opened[-1].left == 2


def test_a_device_that_is_not_there_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video.cv2, "VideoCapture", Device)
    with pytest.raises(CameraNotFound, match="group video"), open_camera("usb:9"):
        pass


class FakePicamera2:
    """picamera2's class: YUV420 with padded rows, another size than was asked for."""

    cameras = 1
    broken = False
    closed = 0
    lens: ClassVar[dict[str, object]] = {"AfMode": (0, 2, 0)}
    controls: ClassVar[dict[str, object]] = {}

    @staticmethod
    def global_camera_info() -> list[dict[str, str]]:
        return [{"Model": "imx708"}] * FakePicamera2.cameras

    def __init__(self, number: int) -> None:
        self.camera_controls = {**FakePicamera2.lens, "FrameDurationLimits": (1, 2, 3)}

    def create_video_configuration(self, **options: object) -> dict[str, object]:
        return options

    def configure(self, options: dict[str, object]) -> None:
        assert options["main"] == {"size": (640, 480), "format": "YUV420"}

    def camera_configuration(self) -> dict[str, dict[str, object]]:
        return {"main": {"size": (632, 480), "format": "YUV420"}}

    def set_controls(self, controls: dict[str, object]) -> None:
        FakePicamera2.controls = controls

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
    assert "ExposureTime" not in FakePicamera2.controls and FakePicamera2.controls["AfMode"] == 2


def test_a_lens_stays_where_it_was_put(picamera2: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The autofocus of a camera ten centimetres over a desk hunts for ever."""
    monkeypatch.setattr(FakePicamera2, "lens", {"AfMode": (0, 2, 0), "LensPosition": (0, 32, 1)})
    with open_camera("pi", Settings(640, 480, focus=10)):
        assert FakePicamera2.controls["AfMode"] == 0 and FakePicamera2.controls["LensPosition"] == 10
    monkeypatch.setattr(FakePicamera2, "lens", {})
    with open_camera("pi", Settings(640, 480, focus=10)):
        assert "LensPosition" not in FakePicamera2.controls


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
