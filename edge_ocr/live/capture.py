"""Camera -> the newest picture, from its own thread; a lost camera is retried, a camera with an interval sleeps."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from edge_ocr.cameras.behind import leave_behind
from edge_ocr.cameras.camera import Camera
from edge_ocr.errors import CameraLost, EdgeOcrError
from edge_ocr.live.retry import FIRST_PAUSE_S, retried

CLOSING_S = 0.3
"""Longest wait for the thread at the end; one that is stuck in a driver is left behind."""

LONGEST_ROUND_S = 10.0
"""Longest time for which a camera with an interval stays open: a scene that never holds would keep it so."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture with its time."""

    image: NDArray[np.uint8]
    time: float
    """Seconds of `time.monotonic`."""
    at: float
    """Seconds on the camera's clock: a film's own time; else `time`."""
    number: int
    """Number of the camera's picture, from 1."""


class Capture:
    """Takes pictures in the background. Keeps the newest of a live camera, and drops and counts the others.

    It drops none of a film or a folder: it takes the next one when the last one was fetched. With an interval the
    camera is closed when its pictures have been read, and opened again when the interval is over.
    """

    def __init__(self, camera: Camera, pause_s: float = FIRST_PAUSE_S, interval_s: float | None = None) -> None:
        self.dropped = 0
        """Pictures that were not fetched before the next one came."""
        self.losses = 0
        """How often the camera was lost."""
        self.on_shot: Callable[[Shot], None] | None = None
        """Gets every picture as it comes, fetched or not, in the capture's thread; it must not wait."""
        self.trouble: EdgeOcrError | None = None
        """Why there are no pictures, or were none before the last one of `next`; None while all is well."""
        self._camera, self._first_pause, self._interval = camera, pause_s, interval_s
        self._opened = 0.0
        self._rest = threading.Event()
        self._loss: CameraLost | None = None
        self._change = threading.Condition()
        self._shot: Shot | None = None
        self._count = 0
        self._ended = False
        self._failure: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    def __enter__(self) -> "Capture":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        with self._change:
            self._change.notify_all()
        self._thread.join(CLOSING_S)
        if self._thread.is_alive():
            leave_behind(self._thread)

    @property
    def is_resting(self) -> bool:
        """Whether the camera is closed until the interval is over."""
        return self._rest.is_set()

    @property
    def resting_s(self) -> float | None:
        """Seconds until the camera is opened again; None unless it rests."""
        return max(0.0, self._opened + (self._interval or 0.0) - time.monotonic()) if self.is_resting else None

    def read_through(self, is_done: bool) -> None:
        """Say whether more pictures of this scene are of use; if not, a camera with an interval may rest."""
        if self._interval is None or not (is_done or time.monotonic() - self._opened > LONGEST_ROUND_S):
            return
        with self._change:
            self._rest.set()
            self._shot = None

    @property
    def ended(self) -> bool:
        """Whether no more pictures will come."""
        with self._change:
            return self._ended and self._shot is None

    def next(self, timeout: float) -> Shot | None:
        """The newest unfetched picture; None if none came within `timeout` seconds, or none will.

        Raises the error that ended the capture: CameraNotFound, BadImage.
        """
        with self._change:
            self._change.wait_for(lambda: self._shot is not None or self._ended, timeout)
            shot, self._shot = self._shot, None
            if shot is not None or self._loss is not None:
                # A loss that was over before anybody looked is reported with the picture that came after it.
                self.trouble, self._loss = self._loss, None
            self._change.notify_all()
            if shot is None and self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            return shot

    def _run(self) -> None:
        try:
            retried(self._take_all, lambda: self._count, self._lose, self._stop, self._first_pause)
        except Exception as error:
            self._failure = error
        with self._change:
            self._ended = True
            self._change.notify_all()

    def _take_all(self) -> None:
        while not self._stop.is_set():
            if not self._take_round():
                return
            self._stop.wait(self.resting_s or 0.0)
            self._rest.clear()

    def _take_round(self) -> bool:
        """Take pictures until the camera may rest, or to their end; returns whether there may be more."""
        self._opened = time.monotonic()
        with self._camera:
            ready = time.monotonic() + self._camera.settling_s
            while not self._stop.is_set() and not self._rest.is_set():
                image = self._camera.grab()
                if image is None:
                    return False
                if time.monotonic() >= ready:
                    self._put(image)
        return True

    def _lose(self, loss: CameraLost) -> None:
        with self._change:
            self._loss = loss
            self.losses += 1

    def _put(self, image: NDArray[np.uint8]) -> None:
        with self._change:
            if self._rest.is_set():
                return
            if not self._camera.live:
                self._change.wait_for(lambda: self._shot is None or self._stop.is_set())
            elif self._shot is not None:
                self.dropped += 1
            self._count += 1
            now, rate = time.monotonic(), self._camera.rate
            shot = self._shot = Shot(image, now, self._count / rate if rate else now, self._count)
            self._change.notify_all()
        if self.on_shot is not None:
            self.on_shot(shot)
