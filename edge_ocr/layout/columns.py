"""Lines of a page -> the same in reading order: a column of text to its end before the one beside it.

Where rows that follow each other share a wide gap, and what stands on both sides of it is as long as text is, the gap
divides two columns (a recursive cut, as in Nagy and Seth, 1984). Tables and forms are read across: their cells are
shorter, or stand level with those beside them and are of all lengths.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.components import Components
from edge_ocr.ink.curves import fit_curve

ROWS = 3
"""Rows that a column of text has at least."""

LENGTH = 8.0
"""Usual length of a column's lines, in typical heights, at least."""

LEVEL, ALL_LEVEL = 0.35, 0.7
"""Difference in height, in typical heights, up to which two rows are level, and the part of a side's rows that is level
with rows of the other, from which both may be cells."""

MANY, EVEN = 6, 0.6
"""Level rows that columns have at least, and the length of all but their shortest quarter, as a part of the longest."""

GUTTER = 2.0
"""Empty width between two columns, in typical heights, at least."""

BIN = 0.25
"""Width, in typical heights, of the places at which ink is looked for."""

Lines = list[list[int]]
"""Component numbers line by line."""


def in_reading_order(lines: Lines, parts: Components, unit: float) -> Lines:
    """Lines from top to bottom along the page's own slope, column after column; lines across a gutter are divided.

    Args:
        lines: component numbers, each line from left to right.
        parts: of the page, levelled.
        unit: the typical height, in pixels.
    """
    return _ordered(_by_height(lines, parts), parts, unit)


def _ordered(rows: Lines, parts: Components, unit: float) -> Lines:
    """The longest run of rows with a gutter becomes two columns; what stands above and below it is ordered alike."""
    if len(rows) < ROWS:
        return rows
    for first, last, cut in _gutters(rows, parts, unit):
        left, right = (_side(rows[first:last], parts, cut, is_left=is_left) for is_left in (True, False))
        are_columns = _is_column(left, parts, unit) and _is_column(right, parts, unit)
        if are_columns and not _are_cells(left, right, parts, unit):
            runs = [rows[:first], left, right, rows[last:]]
            return [line for run in runs for line in _ordered(run, parts, unit)]
    return rows


def _gutters(rows: Lines, parts: Components, unit: float) -> Iterator[tuple[int, int, float]]:
    """Runs of rows (first, behind the last) with the middle of the widest gap that they share, longest runs first."""
    inked = _inked(rows, parts, unit)
    before = np.concatenate([np.zeros((1, inked.shape[1]), np.int64), np.cumsum(inked, axis=0)])

    def gutter(first: int, last: int) -> float | None:
        left, right = _widest_gap(before[last] > before[first])
        return (left + right) / 2 * BIN * unit if (right - left) * BIN >= GUTTER else None

    # Few pages have a gap that even ROWS rows share; no longer run has one where these have none.
    may_begin = [gutter(first, first + ROWS) is not None for first in range(len(rows) - ROWS + 1)]
    for length in range(len(rows), ROWS - 1, -1):
        for first in range(len(rows) - length + 1):
            if all(may_begin[first : first + length - ROWS + 1]):
                cut = gutter(first, first + length)
                if cut is not None:
                    yield first, first + length, cut


def _inked(rows: Lines, parts: Components, unit: float) -> NDArray[np.bool_]:
    """(rows, places) whether a row has ink there."""
    starts = (parts.left / (BIN * unit)).astype(int)
    ends = np.ceil(parts.right / (BIN * unit)).astype(int)
    inked = np.zeros((len(rows), int(ends.max()) + 1), bool)
    for number, row in enumerate(rows):
        for part in row:
            inked[number, starts[part] : ends[part]] = True
    return inked


def _widest_gap(inked: NDArray[np.bool_]) -> tuple[int, int]:
    """The widest run of empty places between inked ones; (0, 0) if there is none."""
    places = np.flatnonzero(inked)
    gaps = np.diff(places)
    if not len(gaps) or gaps.max() == 1:
        return 0, 0
    widest = int(gaps.argmax())
    return int(places[widest]) + 1, int(places[widest + 1])


def _side(rows: Lines, parts: Components, cut: float, *, is_left: bool) -> Lines:
    """What of the rows stands on one side of a cut."""
    sides = [[part for part in row if (parts.right[part] <= cut) == is_left] for row in rows]
    return [side for side in sides if side]


def _is_column(rows: Lines, parts: Components, unit: float) -> bool:
    """Whether rows are a column of text."""
    if len(rows) < ROWS:
        return False
    return float(np.median(_lengths(rows, parts))) >= LENGTH * unit


def _are_cells(left: Lines, right: Lines, parts: Components, unit: float) -> bool:
    """Whether two sides are cells of one table or form: level with each other, and few or of all lengths."""
    few, many = sorted((_middles(left, parts), _middles(right, parts)), key=len)
    apart = np.abs(few[:, None] - many).min(axis=1)
    if (apart < LEVEL * unit).mean() < ALL_LEVEL:
        return False
    lengths = [_lengths(side, parts) for side in (left, right)]
    return len(few) < MANY or any(np.percentile(side, 25) < EVEN * side.max() for side in lengths)


def _middles(rows: Lines, parts: Components) -> NDArray[np.float64]:
    """(rows,) the middle height of each."""
    return np.array([np.median(parts.top[row] + parts.height[row] / 2) for row in rows])


def _lengths(rows: Lines, parts: Components) -> NDArray[np.int64]:
    """(rows,) from the left end of each to its right end."""
    return np.array([parts.right[row].max() - parts.left[row].min() for row in rows])


def _by_height(lines: Lines, parts: Components) -> Lines:
    """From top to bottom along the page's own slope; where lines curve, as they stand above each other."""
    slope = _common_slope(lines, parts)

    def height_at_margin(line: list[int]) -> float:
        middle = parts.top[line] + parts.height[line] / 2
        return float(np.median(middle - slope * parts.left[line]))

    ordered = sorted(lines, key=height_at_margin)
    for number in range(1, len(ordered)):
        place = number
        while place and _is_below(ordered[place - 1], ordered[place], parts):
            ordered[place - 1 : place + 1] = ordered[place], ordered[place - 1]
            place -= 1
    return ordered


def _is_below(line: list[int], other: list[int], parts: Components) -> bool:
    """Whether a line stands below another where both have letters."""
    left = max(parts.left[line].min(), parts.left[other].min())
    right = min(parts.right[line].max(), parts.right[other].max())
    feet = [
        parts.bottom[numbers][(parts.right[numbers] > left) & (parts.left[numbers] < right)]
        for numbers in (np.array(line), np.array(other))
    ]
    return all(map(len, feet)) and bool(np.median(feet[0]) > np.median(feet[1]))


def _common_slope(lines: Lines, parts: Components) -> float:
    """Median rise a pixel of the lines' bottoms, 0 if no line is long enough."""
    slopes = [
        float(fit_curve(parts.left[line].astype(np.float64), parts.bottom[line].astype(np.float64), 1)[0])
        for line in lines
        if len(line) >= 5
    ]
    return float(np.median(slopes)) if slopes else 0.0
