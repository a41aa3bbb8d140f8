"""USB cameras, network streams and films, through OpenCV's VideoCapture.

No wait is endless: streams have TIMEOUT_MS, devices OpenCV's own ten seconds.
"""

import sys
from types import TracebackType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.cameras.camera import Frames, Settings
from edge_ocr.errors import CameraLost, CameraNotFound

TIMEOUT_MS = 5000
"""Longest time for a stream to open, or to send its next picture."""


LEAST_RATE, HIGHEST_RATE, USUAL_RATE = 0.01, 1000.0, 25.0
"""Pictures a second that a film's header may claim, and what is taken where it claims another."""


class Video(Frames):
    """What VideoCapture opens: a device's number, a URL or a file."""

    def __init__(self, name: str, target: int | str, settings: Settings, *, live: bool) -> None:
        self.name, self.live = name, live
        self._target, self._settings = target, settings
        self._capture: Any = None
        self._given = 0

    def __enter__(self) -> "Video":
        self._capture = self._open()
        if not self._capture.isOpened():
            self._capture = None
            raise self._absent()
        if isinstance(self._target, int):
            self._configure()
        self._given = 0
        if not self.live:
            rate = self._capture.get(cv2.CAP_PROP_FPS)
            self.rate = rate if LEAST_RATE <= rate <= HIGHEST_RATE else USUAL_RATE
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()

    def grab(self) -> NDArray[np.uint8] | None:
        """The next picture; None at a film's end. Raises CameraLost if a device or a stream has none."""
        taken, image = self._capture.read()
        if not taken and not self.live and self._settings.loop and self._given:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            taken, image = self._capture.read()
        if taken:
            self._given += 1
            return np.asarray(image, np.uint8)
        if self.live:
            raise CameraLost(f"{self.name} gives no pictures any more: check its cable or its network")
        if not self._given:
            raise CameraNotFound(f"{self.name} holds no picture that OpenCV can decode: expected a film")
        return None

    def _open(self) -> Any:
        if isinstance(self._target, int):
            return cv2.VideoCapture(self._target, cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY)
        if not self.live:
            return cv2.VideoCapture(self._target)
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS]
        return cv2.VideoCapture(self._target, cv2.CAP_FFMPEG, limits)

    def _configure(self) -> None:
        """Ask for size and rate, and for MJPEG: USB 2 carries only a few raw pictures of this size a second."""
        capture, settings = self._capture, self._settings
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
        capture.set(cv2.CAP_PROP_FPS, settings.rate)
        # Old pictures would wait in the driver while one is read.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if settings.exposure_us is not None:
            manual, unit_us = 1, 100
            capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, manual)
            capture.set(cv2.CAP_PROP_EXPOSURE, settings.exposure_us / unit_us)
        if not settings.autofocus:
            capture.set(cv2.CAP_PROP_AUTOFOCUS, 0)

    def _absent(self) -> CameraNotFound | CameraLost:
        if isinstance(self._target, int):
            return CameraNotFound(
                f"{self.name} cannot be opened: it is not there, another program is using it, or you are not in group "
                "video (`edge-ocr cameras` lists the cameras)"
            )
        if self.live:
            return CameraLost(f"{self.name} does not answer within {TIMEOUT_MS / 1000:g} s: check address and network")
        return CameraNotFound(f"{self.name} cannot be decoded: expected a film that OpenCV reads, such as .mp4 or .avi")
