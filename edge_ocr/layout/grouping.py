"""Mask -> groups of connected components, one a text line, in reading order; specks left out."""

from statistics import median

import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.components import Components
from edge_ocr.layout.columns import in_reading_order
from edge_ocr.layout.levelling import levelled
from edge_ocr.layout.signs import attach, split_marks
from edge_ocr.layout.texture import MOST, without_texture

LETTER_LEAST = 0.4
"""Height, as a part of the typical component's, from which a component can found or carry a line."""

OVERLAP_LEAST = 0.35
"""Vertical overlap of neighbours on a line, as a part of the lower one's height."""

REACH = 14.0
"""Widest gap inside a line, in typical heights: tabs and wide spaces, not the next column's far edge."""

AMONG = 0.6
"""Overlap, as a part of the lower one's height, from which a letter stands in the row of those beside it."""

BAR, HAIR = 4, 0.35
"""Length, in its own widths, and least width, as a part of the pen's, of a stroke that no pen drew: a ruling's rest."""


def group_lines(parts: Components, unit: float, pen: float) -> list[list[int]]:
    """Component numbers line by line, in reading order, each line from left to right.

    Letters are chained from left to right: each joins the line whose last letters it overlaps best, so that slanted
    and curved lines are followed. Small signs (dots, dashes, quotes) then go to the nearest line.

    Args:
        parts: of the whole page.
        unit: the typical height, in pixels.
        pen: width of the pen, in pixels.
    """
    letters, signs = _sort_out(parts, unit, pen)
    if len(letters) > MOST:
        return []
    level = levelled(parts, letters, unit)
    chains = without_texture(_chain(level, letters, unit), level, unit, pen)
    chains = _merge_interleaved(chains, level)
    lines = [line for line in _merge_rows(chains, level) if _is_writing(line, parts, unit)]
    lines, marks = split_marks(lines, level, unit)
    attach(level, signs + marks, lines, unit)
    lines = [sorted(line, key=lambda part: int(parts.left[part])) for line in lines]
    return in_reading_order(lines, level, unit)


def _sort_out(parts: Components, unit: float, pen: float) -> tuple[list[int], list[int]]:
    """Components that can carry a line, and small ones that can only belong to one."""
    page_height, page_width = parts.labels.shape
    width, height = parts.width, parts.height
    shorter, longer = np.minimum(width, height), np.maximum(width, height)
    at_edge = (parts.left <= 1) | (parts.top <= 1)
    at_edge |= (parts.right >= page_width - 1) | (parts.bottom >= page_height - 1)
    none = (height > np.where(at_edge, 3, 5) * unit) | _is_underline(width, height, unit)
    none |= (longer > BAR * shorter) & (parts.area < HAIR * pen * longer)
    if max(page_height, page_width) > 100:
        none |= at_edge & ((height < LETTER_LEAST * unit) | (width < 0.12 * height))
    none[0] = True
    tall = height >= LETTER_LEAST * unit
    inked = (parts.area >= (0.06 * unit) ** 2) & (longer >= 0.08 * unit)
    return np.flatnonzero(~none & tall).tolist(), np.flatnonzero(~none & ~tall & inked).tolist()


def _is_underline(width: NDArray[np.int32], height: NDArray[np.int32], unit: float) -> NDArray[np.bool_]:
    """Whether components of these sizes are lines under words or the rests of rulings: no dash is as long."""
    return np.asarray((height < 0.4 * unit) & ((width > 5 * unit) | (width > np.maximum(2 * unit, 8 * height))))


def _chain(parts: Components, letters: list[int], unit: float) -> list[list[int]]:
    lines: list[list[int]] = []
    tops, bottoms, rights = np.zeros((3, len(letters)))  # Where each line's next letter is expected, and its end.
    for part in sorted(letters, key=lambda number: int(parts.left[number])):
        left, top, bottom = float(parts.left[part]), float(parts.top[part]), float(parts.bottom[part])
        known = slice(len(lines))
        beside = (tops[known] < bottom) & (bottoms[known] > top) & (rights[known] >= left - REACH * unit)
        best, best_score = len(lines), 0.0
        for number in np.flatnonzero(beside).tolist():
            line_top, line_bottom = float(tops[number]), float(bottoms[number])
            share = (min(bottom, line_bottom) - max(top, line_top)) / min(bottom - top, line_bottom - line_top)
            if share < OVERLAP_LEAST:
                continue
            gap = max(left - float(rights[number]), 0.0)
            distance = abs((top + bottom) - (line_top + line_bottom)) / 2 + 0.05 * gap
            score = share - 0.5 * distance / unit + 2.0
            if score > best_score:
                best, best_score = number, score
        if best == len(lines):
            lines.append([])
        lines[best].append(part)
        tops[best], bottoms[best], rights[best] = _recent_span(parts, lines[best])
    return lines


def _recent_span(parts: Components, line: list[int]) -> tuple[float, float, float]:
    """Where the next letter of a line is expected: mean top and bottom of its last letters, and its right end."""
    recent = line[-4:]
    return *_span(parts, recent), float(parts.right[line].max())


def _span(parts: Components, line: list[int]) -> tuple[float, float]:
    # The standard library's median takes a twentieth of NumPy's time on a few numbers.
    return median(parts.top[line].tolist()), median(parts.bottom[line].tolist())


def _merge_rows(lines: list[list[int]], parts: Components) -> list[list[int]]:
    """Join lines of which one starts where the other ends, at the same height."""
    lines = sorted(lines, key=lambda line: int(parts.left[line].min()))
    merged: list[list[int]] = []
    ends: list[tuple[float, float, float]] = []
    for line in lines:
        top, bottom = _span(parts, line[:4])
        left = float(parts.left[line].min())
        for number, (end_top, end_bottom, right) in enumerate(ends):
            overlap = min(bottom, end_bottom) - max(top, end_top)
            if left > right and overlap > 0.7 * min(bottom - top, end_bottom - end_top):
                merged[number].extend(line)
                ends[number] = _recent_span(parts, merged[number])
                break
        else:
            merged.append(line)
            ends.append(_recent_span(parts, line))
    return merged


def _merge_interleaved(lines: list[list[int]], parts: Components) -> list[list[int]]:
    """Give the letters of a line that stand among another one's, at their height, to that one: an accent began it."""
    merged: list[list[int]] = []
    tops, bottoms = np.zeros(len(lines)), np.zeros(len(lines))
    for line in sorted(lines, key=len, reverse=True):
        top, bottom = parts.top[line].min(), parts.bottom[line].max()
        # Most lines lie above or below; what is asked of the others takes its time.
        beside = np.flatnonzero((bottoms[: len(merged)] > top) & (tops[: len(merged)] < bottom)).tolist()
        number = next((number for number in beside if _stands_among(line, merged[number], parts)), len(merged))
        if number == len(merged):
            merged.append(list(line))
            tops[number], bottoms[number] = top, bottom
        else:
            merged[number] += line
            tops[number], bottoms[number] = min(tops[number], top), max(bottoms[number], bottom)
    return merged


def _stands_among(line: list[int], other: list[int], parts: Components) -> bool:
    """Whether most of a line's height of letters lies beside letters of the other line that it overlaps."""
    left, right = parts.left[other], parts.right[other]
    among = 0
    for part in line:
        away = np.maximum(left - parts.right[part], parts.left[part] - right)
        near = np.array(other)[np.argsort(away)[:3]]
        if away.min() > 2 * parts.height[part] or not len(near):
            continue
        top, bottom = _span(parts, near.tolist())
        overlap = min(bottom, float(parts.bottom[part])) - max(top, float(parts.top[part]))
        if overlap > AMONG * min(bottom - top, float(parts.height[part])):
            among += int(parts.height[part])
    return among > 0.5 * int(parts.height[line].sum())


def _is_writing(line: list[int], parts: Components, unit: float) -> bool:
    """A line needs a component of a letter's height and not only bars (squared paper); lone marks at the picture's edge
    are the desk or a hand."""
    heights, widths = parts.height[line], parts.width[line]
    if len(line) > 5 and (widths < 0.3 * heights).mean() > 0.7:
        return False
    if len(line) > 2 or len(parts) <= 4:
        return bool(heights.max() >= 0.55 * unit)
    page_height, page_width = parts.labels.shape
    at_edge = (
        parts.left[line].min() <= 1 or parts.top[line].min() <= 1
        or parts.right[line].max() >= page_width - 1 or parts.bottom[line].max() >= page_height - 1
    )  # fmt: skip
    return bool(heights.max() >= 0.55 * unit and heights.max() < 2.5 * unit and widths.max() < 8 * unit and not at_edge)
