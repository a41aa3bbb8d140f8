"""Pictures in memory as a camera, for measuring the live loop by the film's own time."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from convert.synthesis.desk_film import RATE
from edge_ocr.cameras.camera import Frames


class Roll(Frames):
    """Given pictures as a camera that waits until each was taken."""

    name, live = "roll", False
    rate: float | None = RATE

    def __init__(self, pictures: Iterable[NDArray[np.uint8]]) -> None:
        self._left = iter(pictures)

    def __enter__(self) -> "Roll":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None: ...

    def grab(self) -> NDArray[np.uint8] | None:
        return next(self._left, None)
