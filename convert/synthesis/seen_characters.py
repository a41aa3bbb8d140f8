"""Single characters seen through the finder: a page of them is photographed, and each cut as the reader gets it."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from convert.synthesis.augmentation import Rng, between
from convert.synthesis.character_sources import Drawn
from convert.synthesis.seen_lines import Placed, photographed_lines
from edge_ocr.ink.binarization import INK_LEVEL
from edge_ocr.ink.finder import Finder
from edge_ocr.page import Gray

SIDE, MARGIN = 800, 40
"""Height and width of a page in pixels, and what stays empty at its edges."""

HEIGHT = (14.0, 60.0)
"""Height of a page's characters at most, in pixels."""

GAP = (10, 30)
"""Pixels between characters that follow each other: as in cells, none hangs together with the next."""


def seen_characters(draw: Callable[[Rng], Drawn], finder: Finder, rng: Rng) -> Iterator[Drawn]:
    """The characters of one photographed page with the ink that is found of them, cropped, in pixels of that ink.

    Args:
        draw: gives one character after the other.
        finder: as the reader uses it.
    """
    page = np.zeros((SIDE, SIDE), np.uint8)
    placed = _set(page, draw, rng)
    for seen in photographed_lines(page, list(placed), finder, rng):
        drawn = placed[seen.line]
        yield Drawn(seen.ink, drawn.char, drawn.case_known, drawn.capital_height / seen.scale)


def ink_box(ink: Gray) -> tuple[int, int, int, int]:
    """The box (x, y, width, height) that the layout would find."""
    return cv2.boundingRect((ink > INK_LEVEL).view(np.uint8))


def _set(page: Gray, draw: Callable[[Rng], Drawn], rng: Rng) -> dict[Placed, Drawn]:
    """Fill the page with characters of about one size in rows."""
    placed: dict[Placed, Drawn] = {}
    size = between(rng, *HEIGHT)
    left, top = MARGIN, MARGIN
    row = 1.5 * size + GAP[0]
    while top + row < SIDE - MARGIN:
        drawn = draw(rng)
        if not ink_box(drawn.ink)[2]:
            continue  # A stroke too faint to be found.
        drawn = _resized(drawn, size * between(rng, 0.8, 1.2))
        height, width = drawn.ink.shape
        if left + width > SIDE - MARGIN:
            left, top = MARGIN, top + round(row)
            continue
        area = page[top : top + height, left : left + width]
        np.maximum(area, drawn.ink[: len(area)], out=area)
        placed[Placed((left, top, left + width, top + height), drawn.char)] = drawn
        left += width + int(rng.integers(*GAP))
    return placed


def _resized(drawn: Drawn, height: float) -> Drawn:
    """The character without margin, a capital beside it, or itself, so many pixels high."""
    x, y, width, tall = ink_box(drawn.ink)
    scale = height / max(tall, width, drawn.capital_height)
    size = max(1, round(width * scale)), max(1, round(tall * scale))
    ink = cv2.resize(drawn.ink[y : y + tall, x : x + width], size, interpolation=cv2.INTER_AREA)
    return Drawn(ink, drawn.char, drawn.case_known, drawn.capital_height * scale)
