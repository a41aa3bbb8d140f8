"""A comb's handwriting -> one line of writing: a character a cell, set side by side as in a word."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.forms.form import Span
from edge_ocr.forms.shapes import INK
from edge_ocr.page import Gray

LEAST_HEIGHT = 0.22
"""Of a character, in heights of the comb; specks, and what is left of walls, are less high or less wide."""

GAP, SPACE = 0.3, 1.1
"""Between two characters, and between two words, in heights of the characters."""

REACHES = 1.4
"""Widths of a cell from which a shape is of several characters, which are parted at the walls."""


@dataclass(frozen=True, slots=True)
class Comb:
    """What stands in a comb."""

    line: Gray
    """(height, width) uint8, 0 paper to 255 pen."""
    filled: tuple[bool, ...]
    """Of each cell."""

    def spaced(self, characters: str) -> str:
        """A character for each filled cell, with a space where cells between them are empty."""
        left = iter(characters)
        text = "".join(next(left) if full else " " for full in self.filled)
        return " ".join(text.split())


def read_cells(ink: Gray, margin: int, spans: Sequence[Span]) -> Comb:
    """Part the ink into cells, and set the characters side by side.

    Args:
        ink: (height, width) uint8 of the patch, 0 paper to 255 pen, without print.
        margin: pixels around the comb.
        spans: of the comb's cells, from the left.
    """
    height = len(ink)
    owners = _owners(ink, margin, np.array(spans))
    shapes: list[Gray | None] = []
    for cell in range(len(spans)):
        own = np.where(owners == cell + 1, ink, 0).astype(np.uint8)
        shapes.append(own if _is_character(own, height - 2 * margin) else None)
    filled = tuple(shape is not None for shape in shapes)
    capital = float(np.median([_rows(shape) for shape in shapes if shape is not None] or [height]))
    parts: list[Gray] = []
    for cell, shape in enumerate(shapes):
        if shape is None:
            continue
        is_word = bool(parts) and not filled[cell - 1]
        parts.append(np.zeros((height, round((SPACE if is_word else GAP) * capital)), np.uint8))
        parts.append(shape[:, shape.max(axis=0) > 0])
    edge = np.zeros((height, round(capital)), np.uint8)
    return Comb(np.concatenate([edge, *parts, edge], axis=1), filled)


def _owners(ink: Gray, margin: int, spans: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(height, width) number of the cell, from 1, that each pixel of a character belongs to; 0 for none."""
    mask = cv2.inRange(ink, INK, 255)
    count, labels, stats, middles = cv2.connectedComponentsWithStats(mask, connectivity=8)
    across = ink.shape[1] - 2 * margin
    between = (spans[:-1, 1] + spans[1:, 0]) / 2
    columns = np.searchsorted(between * across, np.arange(ink.shape[1]) - margin, side="right").astype(np.int32) + 1
    widths = (spans[:, 1] - spans[:, 0]) * across
    by_column = np.broadcast_to(columns, ink.shape)
    owners = np.zeros(ink.shape, np.int32)
    for number in range(1, count):
        x, y, wide, high, _ = stats[number]
        part = labels[y : y + high, x : x + wide] == number
        place = by_column[y : y + high, x : x + wide]
        middle = columns[int(middles[number][0])]
        own = place if wide > REACHES * widths[middle - 1] else middle
        region = owners[y : y + high, x : x + wide]
        region[part] = np.broadcast_to(own, part.shape)[part]
    # The soft edges of a stroke belong to it.
    return np.asarray(cv2.dilate(owners.astype(np.uint8), np.ones((3, 3), np.uint8)), np.uint8)


def _is_character(own: Gray, high: int) -> bool:
    return _rows(own) >= LEAST_HEIGHT * high and int(cv2.countNonZero(cv2.inRange(own, INK, 255))) > high / 4


def _rows(own: Gray) -> int:
    """From the topmost to the lowest row of ink."""
    rows = np.flatnonzero(own.max(axis=1) >= INK)
    return int(rows[-1] - rows[0]) + 1 if len(rows) else 0
