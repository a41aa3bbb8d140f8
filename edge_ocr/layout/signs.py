"""Small signs (dots, dashes, quotes) -> the lines that they belong to."""

import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.components import Components

SIGN_REACH = 2.5
"""Widest gap between a sign (a dash, a bullet) and the nearest letter, in typical heights."""

SMALL, MARK_REACH = 1.0, 1.2
"""Height below which quotes are, and their distance from the next letter, both in typical heights."""


def split_marks(lines: list[list[int]], parts: Components, unit: float) -> tuple[list[list[int]], list[int]]:
    """The lines, and the components of those that are none: quotes, which stand high beside another line's letters."""
    small = [bool(parts.height[line].max() < SMALL * unit) for line in lines]
    letters = np.array([part for line, low in zip(lines, small, strict=True) if not low for part in line], int)
    kept, marks = [], []
    for line, low in zip(lines, small, strict=True):
        if low and len(letters) and all(_stands_high(part, letters, parts, unit) for part in line):
            marks += line
        else:
            kept.append(line)
    return kept, marks


def _stands_high(mark: int, letters: NDArray[np.int_], parts: Components, unit: float) -> bool:
    """Whether a letter is near, over whose upper half the mark stands or but little above."""
    across = np.maximum(parts.left[letters] - parts.right[mark], parts.left[mark] - parts.right[letters])
    middle = parts.top[letters] + parts.height[letters] / 2
    high = (parts.bottom[mark] < middle + 0.2 * unit) & (parts.bottom[mark] > parts.top[letters] - 0.6 * unit)
    return bool((high & (across < MARK_REACH * unit)).any())


def attach(parts: Components, signs: list[int], lines: list[list[int]], unit: float) -> None:
    """Put each small sign on the line of the nearest letter; what is near none is a speck."""
    if not lines:
        return
    owner = np.concatenate([[number] * len(line) for number, line in enumerate(lines)])
    letters = np.concatenate(lines)
    left, right = parts.left[letters], parts.right[letters]
    top, bottom = parts.top[letters], parts.bottom[letters]
    for sign in signs:
        across = np.maximum(0, np.maximum(left - parts.right[sign], parts.left[sign] - right))
        below = np.maximum(0, parts.top[sign] - bottom)
        above = np.maximum(0, top - parts.bottom[sign])
        # A dot stands above its letter more often than below one, and dashes stand far to the side.
        distance = 0.5 * across + above + 1.6 * below
        nearest = int(np.argmin(distance))
        if across[nearest] < SIGN_REACH * unit and above[nearest] + below[nearest] < 0.7 * unit:
            lines[int(owner[nearest])].append(sign)
