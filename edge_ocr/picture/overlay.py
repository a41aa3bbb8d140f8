"""A Page drawn on its Frame: a box around each word, coloured by confidence, and the text above it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Box, Frame, Line, Page

LEVELS = ((0.9, (178, 114, 0)), (0.6, (0, 159, 230)), (0.0, (0, 94, 213)))
"""Least confidence and its colour (BGR): blue for sure, orange for likely, vermilion for doubtful. Okabe and Ito's
palette, which colour-blind people can distinguish; a doubtful box is also thicker."""

HALO = (255, 255, 255)
"""BGR, around each box, so that it shows on dark pictures, too."""

PLATE = (32, 32, 32)
"""BGR, behind the text, so that it is legible on every picture."""

LETTERS = (255, 255, 255)
"""BGR, of the text."""

FONT = cv2.FONT_HERSHEY_SIMPLEX

TEXT_PART = 0.45
"""Height of the drawn text as part of the height of the line's words: small enough to fit between two lines."""

SMALLEST_TEXT = 11
"""Pixels; smaller text is illegible."""

LARGEST_TEXT = 1 / 25
"""Of the picture's longer side: huge writing needs no huge caption."""

DASH = 6
"""Length of a dash, and of the gap after it, in widths of the pen."""

_MEASURE = 2.0
"""Font scale at which text is measured; OpenCV 4 and 5 have different fonts, so sizes are measured."""


def draw(page: Page, frame: Frame) -> NDArray[np.uint8]:
    """Draw a page on a copy of its picture. Rejected lines get dashed boxes and no text.

    Args:
        page: with boxes in the frame's pixels.
        frame: grey or BGR; it stays unchanged.

    Returns:
        (height, width, 3) uint8, BGR, of the frame's size.
    """
    image = frame.image
    canvas: NDArray[np.uint8] = np.repeat(image[:, :, np.newaxis], 3, axis=2) if image.ndim == 2 else image.copy()
    pen = max(1, round(max(canvas.shape) / 700))
    for line in page.lines:
        for word in line.words:
            _outline(canvas, word.box, word.confidence, pen)
    for line in page.rejected:
        for word in line.words:
            _dash(canvas, word.box, pen)
    for line in page.lines:  # After all boxes, so that none runs through a text.
        _caption(canvas, line)
    return canvas


def confidence_level(confidence: float) -> int:
    """Which of `LEVELS` a confidence from 0 to 1 belongs to: 0 is the most certain."""
    return next((i for i, (least, _) in enumerate(LEVELS) if confidence >= least), len(LEVELS) - 1)


def _outline(canvas: NDArray[np.uint8], box: Box, confidence: float, pen: int) -> None:
    level = confidence_level(confidence)
    thickness = pen * (2 if level == len(LEVELS) - 1 else 1)
    corners, halo = _corners(box, thickness, pen)
    cv2.rectangle(canvas, *corners, HALO, halo)
    cv2.rectangle(canvas, *corners, LEVELS[level][1], thickness)


def _dash(canvas: NDArray[np.uint8], box: Box, pen: int) -> None:
    """Outline a box of doubtful writing with dashes."""
    ((left, top), (right, bottom)), halo = _corners(box, pen, pen)
    edges = ((left, top), (right, top)), ((left, bottom), (right, bottom)), ((left, top), (left, bottom)), (
        (right, top), (right, bottom))  # fmt: skip
    for (x, y), (end_x, end_y) in edges:
        for step in range(0, max(end_x - x, end_y - y), 2 * DASH * pen):
            start = (x + step, y) if end_x > x else (x, y + step)
            end = min(start[0] + DASH * pen, end_x), min(start[1] + DASH * pen, end_y)
            cv2.line(canvas, start, end, HALO, halo)
            cv2.line(canvas, start, end, LEVELS[-1][1], pen)


def _corners(box: Box, thickness: int, pen: int) -> tuple[tuple[tuple[int, int], tuple[int, int]], int]:
    """Of an outline around a box, with the thickness of its halo; the outline stays off the writing."""
    halo = thickness + 2 * pen
    gap = (halo + 1) // 2 + 1  # The corners are the outline's middle.
    return ((box.left - gap, box.top - gap), (box.right - 1 + gap, box.bottom - 1 + gap)), halo


def _caption(canvas: NDArray[np.uint8], line: Line) -> None:
    """Write a line's text on a plate above it, or below if there is no room above."""
    text = "".join(character if " " <= character <= "~" else "?" for character in line.text)
    if not text:
        return
    height, width = canvas.shape[:2]
    written = float(
        np.median([word.box.height for word in line.words])
    )  # The line's own box is higher if it is slanted.
    wanted = min(max(SMALLEST_TEXT, TEXT_PART * written), LARGEST_TEXT * max(height, width))
    (text_width, text_height), baseline = cv2.getTextSize(text, FONT, _MEASURE, 1)
    scale = min(wanted / text_height, 0.9 * width / text_width) * _MEASURE
    bold = max(1, round(scale))
    (text_width, text_height), baseline = cv2.getTextSize(text, FONT, scale, bold)
    margin = max(2, text_height // 5)
    plate_width, plate_height = text_width + 2 * margin, text_height + baseline + 2 * margin
    left = max(0, min(line.box.left, width - plate_width))
    top = line.box.top - plate_height
    if top < 0:
        top = max(0, min(line.box.bottom, height - plate_height))
    cv2.rectangle(canvas, (left, top), (left + plate_width - 1, top + plate_height - 1), PLATE, cv2.FILLED)
    origin = (left + margin, top + margin + text_height)
    cv2.putText(canvas, text, origin, FONT, scale, LETTERS, bold, cv2.LINE_AA)
