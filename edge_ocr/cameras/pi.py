"""A Raspberry Pi's own camera, through picamera2 of Raspberry Pi OS, which is imported only here."""

import threading
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_ocr.cameras.behind import leave_behind
from edge_ocr.cameras.camera import SETTLING_S, Frames, Settings
from edge_ocr.errors import CameraLost, CameraNotFound, first_line

FIRST_FRAME_S = 10.0
"""Longest wait for a picture."""

MANUAL_FOCUS, CONTINUOUS_AUTOFOCUS = 0, 2
"""libcamera's AfMode for them."""

INSTALL = "`sudo apt install python3-picamera2`, and make the virtual environment with --system-site-packages"


OLDER_NUMPY = "this one was built for NumPy 1, so run `pip install 'numpy<2' 'opencv-python-headless<4.12'`"


class PiCamera(Frames):
    """Gives the Y plane of YUV420, which is the grey picture: no colour is converted."""

    live = True
    settling_s = SETTLING_S

    def __init__(self, number: int, settings: Settings) -> None:
        self.name = f"pi:{number}"
        self._number, self._settings = number, settings
        self._camera: Any = None
        self._size = (settings.width, settings.height)

    def __enter__(self) -> "PiCamera":
        picamera2 = _import_picamera2()
        cameras = picamera2.Picamera2.global_camera_info()
        if self._number >= len(cameras):
            raise CameraNotFound(
                f"there is no Pi camera {self._number} ({len(cameras)} found): check its cable and `rpicam-hello`"
            )
        try:
            self._camera = picamera2.Picamera2(self._number)
            self._configure()
            self._camera.start()
        except Exception as error:  # libcamera and picamera2 raise RuntimeError, IndexError, OSError and more.
            self._close()
            raise CameraLost(
                f"{self.name} cannot be started ({first_line(error)}): is another program using it?"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def grab(self) -> NDArray[np.uint8] | None:
        """The next picture, grey (height, width). Raises CameraLost when none comes in time."""
        try:
            job = self._camera.capture_array("main", wait=False)
            plane = self._camera.wait(job, timeout=FIRST_FRAME_S)
        except Exception as error:
            raise CameraLost(
                f"{self.name} gives no pictures any more ({first_line(error)}): check its cable"
            ) from error
        width, height = self._size
        # Rows are padded to the hardware's stride, and the colours follow below.
        return np.ascontiguousarray(plane[:height, :width])

    def _configure(self) -> None:
        settings, camera = self._settings, self._camera
        wanted = camera.create_video_configuration(
            main={"size": (settings.width, settings.height), "format": "YUV420"}, buffer_count=4, queue=False
        )
        camera.configure(wanted)
        # libcamera may have given another size than asked for.
        self._size = tuple(camera.camera_configuration()["main"]["size"])
        camera.set_controls(self._controls())

    def _controls(self) -> dict[str, Any]:
        """Values for those controls that the sensor has."""
        known = self._camera.camera_controls
        wanted: dict[str, Any] = {}
        if self._settings.focus is not None and "LensPosition" in known:
            wanted["AfMode"], wanted["LensPosition"] = MANUAL_FOCUS, self._settings.focus
        elif self._settings.autofocus and "AfMode" in known:
            wanted["AfMode"] = CONTINUOUS_AUTOFOCUS
        if self._settings.exposure_us is not None and "ExposureTime" in known:
            wanted["ExposureTime"] = self._settings.exposure_us
            if "AeEnable" in known:
                wanted["AeEnable"] = False
        if "FrameDurationLimits" in known:
            duration = round(1e6 / self._settings.rate)
            wanted["FrameDurationLimits"] = (duration, duration)
        return wanted

    def _close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is None:
            return
        # A camera whose cable was pulled may never come back from this.
        closer = threading.Thread(target=_close_quietly, args=(camera,), daemon=True)
        closer.start()
        closer.join(FIRST_FRAME_S)
        if closer.is_alive():
            leave_behind(closer)


def _close_quietly(camera: Any) -> None:
    for step in (camera.stop, camera.close):
        try:
            step()
        except Exception:  # It is given up in any case.
            continue


def _import_picamera2() -> Any:
    try:
        import picamera2
    except Exception as error:  # A missing libcamera shows as anything.
        remedy = OLDER_NUMPY if "numpy" in str(error) else f"run {INSTALL}"
        raise CameraNotFound(f"the Pi's camera needs picamera2 ({first_line(error)}): {remedy}") from error
    return picamera2
