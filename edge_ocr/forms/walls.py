"""The cells of a comb, of whatever widths and with whatever room between them, from the walls on the form's picture."""

from itertools import pairwise

import cv2
import numpy as np

from edge_ocr.forms.form import Span
from edge_ocr.page import Gray

WHOLE = 0.85
"""Part of its height along which a wall is dark at least; writing is less high."""

TICK = 0.3
"""Part of a comb's height, from below, in which walls that are but ticks stand."""

ROOM = 0.75
"""Widest room between two cells, in widths of the narrowest cell."""

NARROWEST = 0.4
"""Narrowest cell of a comb, in widths of its widest."""


def cells_between(ink: Gray, cells: int) -> tuple[Span, ...]:
    """Left and right of each cell in pixels; () where the walls do not say which these are.

    Args:
        ink: (height, width) of the comb and a little to its left and right: 255 print, 0 paper.
        cells: of the comb.
    """
    height = len(ink)
    return _cells(_walls(ink), cells) or _cells(_walls(ink[round((1 - TICK) * height) :]), cells)


def _walls(ink: Gray) -> list[float]:
    """The middles of lines from top to bottom, from the left; they may lean by a pixel to each side."""
    if not ink.size:
        return []
    dark = cv2.dilate(ink, np.ones((1, 3), np.uint8)).mean(axis=0) >= WHOLE * 255
    edges = np.flatnonzero(np.diff(dark, prepend=False, append=False)).reshape(-1, 2)
    return [float(first + last - 1) / 2 for first, last in edges]


def _cells(walls: list[float], cells: int) -> tuple[Span, ...]:
    """The widest rooms between walls, if all others are clearly narrower."""
    rooms = sorted(pairwise(walls), key=lambda room: room[0] - room[1])
    widths = [right - left for left, right in rooms]
    if len(rooms) < cells or widths[cells - 1] < NARROWEST * widths[0]:
        return ()
    if len(rooms) > cells and widths[cells] > ROOM * widths[cells - 1]:
        return ()
    return tuple(sorted(rooms[:cells]))
