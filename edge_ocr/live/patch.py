"""A line's pixels, which show whether writing is still there, whatever was read."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Box, Gray

HEIGHT = 16
"""Rows of a patch: enough for the shapes of letters, few enough to be found in a millisecond."""

REACH = 1.5
"""How far it may have moved in each direction since it was read, in heights of the line."""

FOUND = 0.6
"""Correlation, up to 1, from which a place shows the same writing."""


@dataclass(frozen=True, slots=True)
class Patch:
    """The pixels of a line, reduced."""

    pixels: Gray
    """(HEIGHT, width)."""
    box: Box
    """Where they were, in pixels of the picture."""

    @classmethod
    def of(cls, image: NDArray[np.uint8], box: Box) -> "Patch":
        """The line in `box` on a picture, grey or BGR."""
        box = box.within(image.shape[1], image.shape[0])
        return cls(_cut(image, box, HEIGHT / box.height), box)

    def found_in(self, image: NDArray[np.uint8]) -> "Patch | None":
        """The same line near the same place on another picture; None if it is not there."""
        box, reach = self.box, round(REACH * self.box.height)
        area = Box(box.left - reach, box.top - reach, box.right + reach, box.bottom + reach)
        area = area.within(image.shape[1], image.shape[0])
        scale = HEIGHT / box.height
        around = _cut(image, area, scale)
        if around.shape[0] < self.pixels.shape[0] or around.shape[1] < self.pixels.shape[1]:
            return None
        _, likeness, _, (right, down) = cv2.minMaxLoc(cv2.matchTemplate(around, self.pixels, cv2.TM_CCOEFF_NORMED))
        left, top = area.left + round(right / scale), area.top + round(down / scale)
        there = Box(left, top, left + box.width, top + box.height)
        return Patch(self.pixels, there) if likeness >= FOUND else None


def _cut(image: NDArray[np.uint8], box: Box, scale: float) -> Gray:
    """A part of a picture in grey, reduced; grey is the green channel."""
    part = image[box.top : box.bottom, box.left : box.right]
    gray = np.ascontiguousarray(part if part.ndim == 2 else part[:, :, 1])
    size = (max(1, round(scale * box.width)), max(1, round(scale * box.height)))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
