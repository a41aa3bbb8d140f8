"""Pen strokes -> ink: draws recorded strokes as a pen on paper would leave them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Gray

Stroke = NDArray[np.float32]
"""(points, 2): x to the right, y down."""

STAIRCASE = ("app", "apa")
"""UNIPEN providers whose tablets quantised coarsely: their strokes are smoothed before drawing."""

SUBPIXEL_BITS = 4


def smooth(stroke: Stroke) -> Stroke:
    """Cut a stroke's corners twice (Chaikin, 1974), which turns a staircase into a slope."""
    for _ in range(2):
        if len(stroke) < 3:
            break
        first, second = stroke[:-1], stroke[1:]
        cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], axis=1).reshape(-1, 2)
        stroke = np.concatenate([stroke[:1], cut, stroke[-1:]]).astype(np.float32)
    return stroke


def bounds(strokes: list[Stroke]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Least and greatest (x, y) over all strokes."""
    points = np.concatenate(strokes)
    return points.min(axis=0), points.max(axis=0)


def transform(strokes: list[Stroke], matrix: NDArray[np.float32]) -> list[Stroke]:
    """Apply a (2, 3) affine matrix to every point."""
    return [stroke @ matrix[:, :2].T + matrix[:, 2] for stroke in strokes]


def draw(strokes: list[Stroke], width: float, margin: int) -> Gray:
    """Draw strokes with a round pen.

    Args:
        strokes: in pixels.
        width: of the pen, in pixels; below 1 the line is 1 pixel wide and paler.
        margin: empty pixels around the ink.

    Returns:
        (height, width) uint8, 0 paper to 255 pen.
    """
    low, high = bounds(strokes)
    pad = margin + int(np.ceil(width / 2))
    size = np.ceil(high - low).astype(int) + 2 * pad + 1
    canvas = np.zeros((size[1], size[0]), np.uint8)
    unit = 1 << SUBPIXEL_BITS
    lines = [np.round((stroke - low + pad) * unit).astype(np.int32) for stroke in strokes]
    # A full stop is often recorded as one point, once or more; polylines draws nothing for it, or too much.
    lines = [np.concatenate([line[:1], line[:1] + 1]) if (line == line[0]).all() else line for line in lines]
    thickness = max(1, round(width))
    cv2.polylines(canvas, lines, False, int(min(255, 140 + 115 * width)), thickness, cv2.LINE_AA, SUBPIXEL_BITS)
    return canvas
