"""A film that plays at its own rate, as a camera would show it: what nobody takes in time is gone."""

import time

import numpy as np
from numpy.typing import NDArray

from edge_ocr.cameras.camera import Camera, Through


class Paced(Through):
    """Shows another camera's pictures at `speed` times its rate, or as they come if that has none."""

    live = True

    def __init__(self, camera: Camera, speed: float = 1.0) -> None:
        super().__init__(camera)
        self.rate, self._speed = camera.rate, speed
        self._due = 0.0

    def __enter__(self) -> "Paced":
        super().__enter__()
        self._due = time.monotonic()
        return self

    def grab(self) -> NDArray[np.uint8] | None:
        """The next picture, when its time has come."""
        image = self._camera.grab()
        time.sleep(max(0.0, self._due - time.monotonic()))
        if self.rate:
            step = 1 / (self.rate * self._speed)
            is_late = time.monotonic() - self._due > step
            self._due = (time.monotonic() if is_late else self._due) + step
        return image
