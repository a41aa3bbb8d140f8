"""Mask -> connected components with their boxes and areas, and the height of a usual letter among them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.quantile import weighted_quantile
from edge_ocr.page import Gray

Labels = NDArray[np.int32]
"""(height, width): the number of the component each pixel belongs to, 0 for paper."""

SMALLEST_SCENE = 300
"""Longer side in pixels below which a picture is a crop, whose writing may fill it."""


LONGEST_WORD = 12
"""Width of a joined word, in its own heights, from which it is a ruling."""

DOT, AWAY, INKED = 0.5, 1.2, 0.2
"""Height of a joined word's dots and bars, their distance from it, both in its heights, and all their ink, in its ink;
each at most."""


@dataclass(frozen=True, slots=True)
class Components:
    """Connected components of a mask as columns of numbers; entry 0 is the paper."""

    labels: Labels
    left: NDArray[np.int32]
    top: NDArray[np.int32]
    width: NDArray[np.int32]
    height: NDArray[np.int32]
    area: NDArray[np.int32]
    """Pixels of each component."""

    @property
    def right(self) -> NDArray[np.int32]:
        return self.left + self.width

    @property
    def bottom(self) -> NDArray[np.int32]:
        return self.top + self.height

    def __len__(self) -> int:
        return len(self.left)


def find_components(mask: Gray) -> Components:
    """Connected components (8-connected) with their boxes and areas, by blocks of pixels (Grana et al., 2010)."""
    # OpenCV's default takes three times as long when it also gives boxes.
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_GRANA)
    left, top, width, height, area = (np.ascontiguousarray(column) for column in stats.T)
    return Components(labels, left, top, width, height, area)


def typical_height(parts: Components, among: NDArray[np.bool_] | None = None) -> float:
    """Height of a usual letter in pixels: the median over components, each weighted by the root of its area.

    The weight keeps specks from deciding, the root keeps stains from it. 0 when there are no components.

    Args:
        parts: all components.
        among: (components,) those that may be letters; None for all.
    """
    page_height, page_width = parts.labels.shape
    sized = (parts.height > 4) & (parts.area > 10)
    if among is not None:
        sized &= among
    sized[0] = False
    usual = sized & (parts.width < 0.5 * page_width)
    usual &= (parts.height < max(0.25 * page_height, 64)) | (parts.width < 4 * parts.height)
    usual |= _joined_word(parts, sized & ~usual, usual)
    if not usual.any() and max(page_height, page_width) < SMALLEST_SCENE:
        usual = sized  # A crop that one character or one joined word fills to its borders.
    # Where specks hold more ink than everything larger, it is the grain of a dark, unwritten page.
    specks = parts.height <= 4
    specks[0] = False
    if parts.area[usual].sum() <= parts.area[specks].sum():
        return 0.0
    return weighted_quantile(parts.height[usual], np.sqrt(parts.area[usual]))


def pen_width(mask: Gray) -> float:
    """Width of the stroke in pixels: twice the ink's area over its outline's length."""
    area = cv2.countNonZero(mask)
    inner = cv2.countNonZero(cv2.erode(mask, np.ones((3, 3), np.uint8)))
    return 2.0 * area / max(1, area - inner)


def _joined_word(parts: Components, large: NDArray[np.bool_], others: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(components,) which of the `large` ones are the word that a crop shows: all others can be its dots."""
    page_height, page_width = parts.labels.shape
    inside = (parts.left > 0) & (parts.top > 0) & (parts.right < page_width) & (parts.bottom < page_height)
    word: NDArray[np.bool_] = large & inside & (parts.width < LONGEST_WORD * parts.height)
    if not word.any() or parts.area[others].sum() > INKED * parts.area[word].sum():
        return np.zeros_like(word)
    tallest = float(parts.height[word].max())
    reach = AWAY * tallest
    dots = parts.height < DOT * tallest
    dots &= (parts.bottom > parts.top[word].min() - reach) & (parts.top < parts.bottom[word].max() + reach)
    dots &= (parts.right > parts.left[word].min() - reach) & (parts.left < parts.right[word].max() + reach)
    return word if dots[others].all() else np.zeros_like(word)
