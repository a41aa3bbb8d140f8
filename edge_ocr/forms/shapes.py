"""The shapes of a field's handwriting: whether there are any, and whether all of them were read."""

from collections.abc import Iterator

import cv2
import numpy as np

from edge_ocr.page import Box, Gray, Page

INK = 90
"""Strength, 0 to 255, from which a pixel counts as pen."""

LEAST_WRITING, LEAST_PIXELS = 0.12, 6
"""Height or width of the smallest writing, in heights of its field, and at least in pixels."""

LEAST_CHARACTER = 0.6
"""Height of a shape that must have been read, in heights of those that were: marks and dots are lower."""

BESIDE = 0.3
"""Heights of a character by which a shape may stand beside what was read and still belong to it."""


def has_writing(ink: Gray, high: int) -> bool:
    """Whether there is more than specks on the ink of a field that is `high` pixels high."""
    least = max(LEAST_PIXELS, LEAST_WRITING * high)
    return any(max(shape.width, shape.height) >= least for shape in _shapes(ink))


def has_unread(ink: Gray, page: Page) -> bool:
    """Whether a shape as high as a character stands beside all words that were read; `page` has its lines."""
    words = [word.box for line in page.lines for word in line.words]
    usual = float(np.median([word.height for word in words]))
    tall = [shape for shape in _shapes(ink) if shape.height >= LEAST_CHARACTER * usual]
    return not all(any(_is_beside(shape, word, BESIDE * usual) for word in words) for shape in tall)


def _shapes(ink: Gray) -> Iterator[Box]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(cv2.inRange(ink, INK, 255), connectivity=8)
    for left, top, width, height, _ in stats[1:count].tolist():
        yield Box(left, top, left + width, top + height)


def _is_beside(shape: Box, word: Box, reach: float) -> bool:
    middle = (shape.left + shape.right) / 2
    is_across = word.left - reach <= middle <= word.right + reach
    return is_across and shape.bottom > word.top - reach and shape.top < word.bottom + reach
