"""A picture, or a folder of pictures, as a camera: each is shown a few times, in the order of their names."""

from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from edge_ocr.cameras.camera import Frames, Settings
from edge_ocr.errors import BadImage, ImageNotFound
from edge_ocr.picture.folder import find_images
from edge_ocr.picture.load import load_image

RATE = 5.0
"""Pictures a second, so that what each shows is seen for long enough to hold."""

SHOWN = 3
"""Frames for each picture: as many readings as must agree before a text holds."""


class Stills(Frames):
    """Shows pictures once, or forever with `Settings.loop`. Skips broken ones among others."""

    live = False
    rate: float | None = RATE

    def __init__(self, path: Path, settings: Settings) -> None:
        self.name = str(path)
        self._path, self._loop = path, settings.loop
        self._pictures: list[Path] = []
        self._next = 0
        self._image: NDArray[np.uint8] | None = None
        self._left = 0
        self._shown = 0

    def __enter__(self) -> "Stills":
        self._pictures = [Path(name) for name in find_images([str(self._path)])]
        self._next = self._shown = self._left = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pictures = []

    def grab(self) -> NDArray[np.uint8] | None:
        """The picture at hand or the next one; None after the last. Raises BadImage if none can be decoded."""
        if self._left:
            self._left -= 1
            return self._image
        self._image = self._load()
        self._left = SHOWN - 1 if self._image is not None else 0
        return self._image

    def _load(self) -> NDArray[np.uint8] | None:
        failure: BadImage | ImageNotFound | None = None
        for _ in range(len(self._pictures) + 1):
            if self._next == len(self._pictures):
                if not self._loop or not self._shown:
                    break
                self._next = 0
            path = self._pictures[self._next]
            self._next += 1
            try:
                image = load_image(path).image
            except (BadImage, ImageNotFound) as error:
                failure = error
                continue
            self._shown += 1
            return image
        if failure is not None and not self._shown:
            raise failure
        return None
