"""USB cameras, network streams and films, through OpenCV's VideoCapture.

No wait is endless: streams have TIMEOUT_MS, devices OpenCV's own ten seconds.
"""

import sys
from types import TracebackType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.cameras.camera import SETTLING_S, Frames, Settings, check_size
from edge_ocr.cameras.rtsp import refusal
from edge_ocr.errors import CameraLost, CameraNotFound

TIMEOUT_MS = 5000
"""Longest time for a stream to open, or to send its next picture."""

LEAST_RATE, HIGHEST_RATE, USUAL_RATE = 0.01, 1000.0, 25.0
"""Pictures a second that a film's header may claim, and what is taken where it claims another."""

MANUAL, AUTOMATIC = 1, 3
"""V4L2's exposure modes: the user's shutter time, and the camera's own (aperture priority, as UVC has it)."""

EXPOSURE_UNIT_US = 100


class Video(Frames):
    """What VideoCapture opens: a film, or the address of a stream."""

    def __init__(self, name: str, target: str | int, settings: Settings, *, live: bool) -> None:
        """`name` is for messages; the target, a path or an address, may hold a password."""
        self.name, self.live = name, live
        self._target, self._settings = target, settings
        self._capture: Any = None
        self._given = 0

    def __enter__(self) -> "Video":
        self._capture = self._open()
        self._given = 0
        try:
            if not self._capture.isOpened():
                raise self._absent()
            check_size(
                self.name, *(self._capture.get(it) for it in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
            )
            self._configure()
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def grab(self) -> NDArray[np.uint8] | None:
        """The next picture; None at a film's end. Raises CameraLost if a device or a stream has none."""
        taken, image = self._capture.read()
        if not taken and not self.live and self._settings.loop and self._given:
            # A stored stream, such as .h264, cannot be wound back.
            self._capture.release()
            self._capture = self._open()
            taken, image = self._capture.read()
        if taken:
            self._given += 1
            check_size(self.name, image.shape[1], image.shape[0])
            return np.asarray(image, np.uint8)
        if self.live:
            raise CameraLost(f"{self.name} gives no pictures any more: check its cable or its network")
        if not self._given:
            raise CameraNotFound(f"{self.name} holds no picture that OpenCV can decode: expected a film")
        return None

    def _open(self) -> Any:
        if not self.live:
            return cv2.VideoCapture(self._target)
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS]
        return cv2.VideoCapture(self._target, cv2.CAP_FFMPEG, limits)

    def _configure(self) -> None:
        """Prepare what was opened."""
        if not self.live:
            rate = self._capture.get(cv2.CAP_PROP_FPS)
            self.rate = rate if LEAST_RATE <= rate <= HIGHEST_RATE else USUAL_RATE

    def _release(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()

    def _absent(self) -> CameraNotFound | CameraLost:
        if not self.live:
            return CameraNotFound(f"{self.name} cannot be decoded: expected a film that OpenCV reads, such as .mp4")
        if sentence := refusal(str(self._target)):
            return CameraNotFound(f"{self.name} {sentence}")
        return CameraLost(f"{self.name} does not answer within {TIMEOUT_MS / 1000:g} s: check address and network")


class Device(Video):
    """A USB camera, through Video4Linux."""

    settling_s = SETTLING_S

    def __init__(self, name: str, target: str | int, settings: Settings) -> None:
        """`target`: the device's number or path."""
        super().__init__(name, target, settings, live=True)

    def _open(self) -> Any:
        # A name that udev gives, such as /dev/v4l/by-id/..., points to another device after each plugging.
        return cv2.VideoCapture(self._target, cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY)

    def _configure(self) -> None:
        """Ask for size and rate, and for MJPEG: USB 2 carries only a few raw pictures of this size a second."""
        capture, settings = self._capture, self._settings
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
        capture.set(cv2.CAP_PROP_FPS, settings.rate)
        # Old pictures would wait in the driver while one is read.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        # A UVC camera keeps what another program, or an earlier run, has set.
        self._set_automatic()
        if settings.exposure_us is not None:
            capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, MANUAL)
            capture.set(cv2.CAP_PROP_EXPOSURE, settings.exposure_us / EXPOSURE_UNIT_US)
        if settings.focus is not None or not settings.autofocus:
            capture.set(cv2.CAP_PROP_AUTOFOCUS, 0)
        if settings.focus is not None:
            capture.set(cv2.CAP_PROP_FOCUS, settings.focus)

    def _set_automatic(self) -> None:
        self._capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, AUTOMATIC)
        self._capture.set(cv2.CAP_PROP_AUTOFOCUS, 1)

    def _release(self) -> None:
        if self._capture is not None and self._capture.isOpened():
            self._set_automatic()
        super()._release()

    def _absent(self) -> CameraNotFound | CameraLost:
        return CameraNotFound(
            f"{self.name} cannot be opened: it is not there, another program is using it, or you are not in group "
            "video (`edge-ocr cameras` lists the cameras)"
        )
