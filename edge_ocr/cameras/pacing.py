"""A film that plays at its own rate, as a camera would show it: what nobody takes in time is gone."""

import time
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from edge_ocr.cameras.camera import Camera, Frames


class Paced(Frames):
    """Shows another camera's pictures at `speed` times its rate, or as they come if that has none."""

    live = True

    def __init__(self, camera: Camera, speed: float = 1.0) -> None:
        self.name, self.rate = camera.name, camera.rate
        self._camera, self._speed = camera, speed
        self._due = 0.0

    def __enter__(self) -> "Paced":
        self._camera.__enter__()
        self.rate = self._camera.rate
        self._due = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._camera.__exit__(kind, error, trace)

    def grab(self) -> NDArray[np.uint8] | None:
        """The next picture, when its time has come."""
        image = self._camera.grab()
        time.sleep(max(0.0, self._due - time.monotonic()))
        if self.rate:
            step = 1 / (self.rate * self._speed)
            is_late = time.monotonic() - self._due > step
            self._due = (time.monotonic() if is_late else self._due) + step
        return image
