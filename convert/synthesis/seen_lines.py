"""Lines of a made picture as the reader will get them: the ink that its finder and its layout give to each."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from convert.synthesis.augmentation import Rng
from convert.synthesis.photograph import Conditions, photograph
from edge_ocr.ink.finder import Finder
from edge_ocr.ink.views import View, see
from edge_ocr.layout.layout import own_ink
from edge_ocr.page import Frame, Gray

LEAST_LEFT = 0.5
"""Part of a line's ink that must be found; else it is no longer legible."""

LEAST_WIDE = 0.85
"""Width of what is found at least, as a part of the line's box: of a line that is cut off, the text is not known."""

MOST_GROWN = 2.0
"""Area of what is found at most, as a multiple of the line's box."""

BESIDE, ABOVE = 6, 4
"""Pixels by which the middle of a component may lie outside its line's box."""


PAPER = Conditions(
    papers=("white", "cream", "recycled", "grey", "yellow"),
    pens=("blue", "black", "pencil", "faint pencil", "marker", "red"),
    rulings=("plain", "plain", "plain", "lines"),
    pitch=(40.0, 90.0),
    defocus=(0.3, 1.0),
    motion=(0.0, 1.5),
)
BOARD = Conditions(papers=("board", "green board"), pens=("chalk",), rulings=("plain",))
BOARDS = 0.12
"""Part of the photographs that show a board."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line on the page that was photographed."""

    box: tuple[int, int, int, int]
    """Left, top, right, bottom in page pixels."""
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A line as the reader gets it."""

    ink: Gray
    """(height, width) uint8, 0 paper to 255 pen, cropped."""
    line: Placed
    scale: float
    """Pixels of the picture, which are about those of the page, to one of the ink."""


def photographed_lines(page: Gray, placed: list[Placed], finder: Finder, rng: Rng) -> Iterator[Seen]:
    """The lines of a page that is photographed on a desk, under light as it comes; for the arguments, `seen_lines`."""
    taken = photograph(page, rng, BOARD if rng.random() < BOARDS else PAPER)
    yield from seen_lines(taken.picture, taken.to_picture, page, placed, finder)


def seen_lines(
    picture: Gray, to_picture: np.ndarray, written: Gray, placed: list[Placed], finder: Finder
) -> Iterator[Seen]:
    """Every line that is found legibly and apart from others.

    Args:
        picture: grey or colour, as a camera takes it.
        to_picture: (3, 3) homography from page pixels to picture pixels, of about the same scale.
        written: (height, width) uint8 what pens left on the page, 0 to 255.
        placed: the lines on the page.
        finder: as the reader uses it.
    """
    view = see(Frame(picture), finder, turn=0.0)
    parts, scale = view.parts, view.ink.scale
    middles = _middles_on_page(view, to_picture)
    for line in placed:
        left, top, right, bottom = line.box
        inside = (middles[:, 0] > left - BESIDE) & (middles[:, 0] < right + BESIDE)
        inside &= (middles[:, 1] > top - ABOVE) & (middles[:, 1] < bottom + ABOVE)
        inside[0] = False
        numbers = np.flatnonzero(inside)
        area = written[max(0, top) : bottom, max(0, left) : right]
        drawn = np.count_nonzero(area > 96) / scale**2
        if len(numbers) == 0 or parts.area[numbers].sum() < LEAST_LEFT * drawn:
            continue
        x0, y0 = int(parts.left[numbers].min()), int(parts.top[numbers].min())
        x1, y1 = int(parts.right[numbers].max()), int(parts.bottom[numbers].max())
        if (x1 - x0) * scale < LEAST_WIDE * (right - left):
            continue
        if (x1 - x0) * (y1 - y0) > MOST_GROWN * (right - left) * (bottom - top) / scale**2:
            continue  # Grown together with a neighbour or a ruling: nobody could say which text is meant.
        yield Seen(own_ink(view.ink, parts, numbers, (x0, y0, x1, y1)), line, scale)


def _middles_on_page(view: View, to_picture: np.ndarray) -> np.ndarray:
    """(n, 2) middles of a view's components on the page that was photographed."""
    parts = view.parts
    middles = np.stack([parts.left + parts.width / 2, parts.top + parts.height / 2], axis=1) * view.ink.scale
    if view.back is not None:
        middles = cv2.transform(middles[None], view.back)[0]
    on_page: np.ndarray = cv2.perspectiveTransform(middles[None], np.linalg.inv(to_picture))[0]
    return on_page
