"""Frames turned upright, and boxes turned back: a page that lies askew is read as if it lay straight."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Box, Frame, Glyph, Line, Page

Affine = NDArray[np.float64]
"""(2, 3) map of points."""

BORDER = 8
"""Pixels along the border whose median brightness stands in the corners that turning lays bare."""


def upright(frame: Frame, turn: float) -> tuple[Frame, Affine]:
    """A frame whose text is turned clockwise by `turn` degrees, made upright.

    Returns:
        The frame, large enough for all of the picture, and the affine map from its points back to the frame's.
    """
    height, width = frame.image.shape[:2]
    angle = np.deg2rad(turn % 360)
    cosine, sine = np.cos(angle), np.sin(angle)
    # With y down, a point (x, y) of the picture turned counterclockwise goes to (c x + s y, -s x + c y).
    matrix = np.array([[cosine, sine], [-sine, cosine]])
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)]) @ matrix.T
    low, high = corners.min(axis=0), corners.max(axis=0)
    forward = np.concatenate([matrix, -low[:, None]], axis=1)
    back: Affine = cv2.invertAffineTransform(forward)
    quarters = round(turn / 90)
    if abs(turn - 90 * quarters) < 1e-6:
        image = np.ascontiguousarray(np.rot90(frame.image, quarters % 4))
    else:
        size = (int(np.ceil(high[0] - low[0])), int(np.ceil(high[1] - low[1])))
        image = cv2.warpAffine(
            frame.image, forward, size, flags=cv2.INTER_LINEAR, borderValue=_border_colour(frame.image)
        )
    return Frame(image, frame.name), back


def shifted(back: Affine | None, left: int, top: int) -> Affine:
    """The map from points of a part of a frame, whose left and top these are, to where `back` takes the frame's."""
    move = np.array([[1.0, 0.0, left], [0.0, 1.0, top], [0.0, 0.0, 1.0]])
    whole: Affine = move[:2] if back is None else back @ move
    return whole


def _border_colour(image: NDArray[np.uint8]) -> tuple[float, ...]:
    """The median of the outermost pixels, a number a channel."""
    rows = np.concatenate([image[:BORDER].reshape(-1, *image.shape[2:]), image[-BORDER:].reshape(-1, *image.shape[2:])])
    return tuple(np.atleast_1d(np.median(rows, axis=0)).tolist())


def turned_back(page: Page, back: Affine, width: int, height: int) -> Page:
    """The page with all boxes on the frame that it was turned from, (width, height) pixels large."""

    def moved(line: Line) -> Line:
        return Line(tuple(replace(word, glyphs=tuple(map(placed, word.glyphs))) for word in line.words))

    def placed(glyph: Glyph) -> Glyph:
        return replace(glyph, box=_around(glyph.box, back).within(width, height))

    lines, rejected = (tuple(map(moved, part)) for part in (page.lines, page.rejected))
    return replace(page, lines=lines, rejected=rejected, width=width, height=height)


def _around(box: Box, back: Affine) -> Box:
    corners = np.array([(x, y, 1.0) for x in (box.left, box.right) for y in (box.top, box.bottom)]) @ back.T
    low, high = np.floor(corners.min(axis=0) + 1e-6), np.ceil(corners.max(axis=0) - 1e-6)
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
