"""Letters on the keys of a keyboard on the desk: no line of writing."""

import math
from collections.abc import Iterable
from itertools import pairwise
from statistics import median

from edge_ocr.page import Line

STREWN, FEWEST_STREWN = 2.5, 5
"""Heights of a letter by which most letters stand apart on keys; and the letters from which that can be seen. Writing
has 0.5 to 1.2, in boxes of a form up to 2; a keyboard has 3. So has a note of letters far apart, but it is alone."""

NEAREST_ROW, FARTHEST_ROW = 0.5, 2.5
"""Steps from letter to letter within which another row of keys stands, though the one between them may not be read."""


def is_on_keys(line: Line, lines: Iterable[Line]) -> bool:
    """Whether a line's letters stand on keys: far apart, and with such a line of `lines` above or below them."""
    return is_strewn(line) and any(is_strewn(other) and _is_next_row(other, line) for other in lines)


def is_strewn(line: Line) -> bool:
    """Whether most letters of a line stand further apart than those of writing mostly do."""
    heights = [glyph.box.height for word in line.words for glyph in word.glyphs]
    return len(heights) >= FEWEST_STREWN and _step(line) > STREWN * median(heights)


def _is_next_row(other: Line, line: Line) -> bool:
    """Whether another line stands beside this one, by about the step of its letters."""
    (x, y), *_, (end_x, end_y) = _middles(line)
    length = max(1.0, math.hypot(end_x - x, end_y - y))
    along, across = (end_x - x) / length, (end_y - y) / length
    places = [(to_x - x, to_y - y) for to_x, to_y in _middles(other)]
    row = abs(median(right * across - down * along for right, down in places))
    is_beside = 0 <= median(right * along + down * across for right, down in places) <= length
    return is_beside and NEAREST_ROW < row / _step(line) < FARTHEST_ROW


def _step(line: Line) -> float:
    """Usual distance from one letter to the next, in pixels."""
    return median(math.dist(here, there) for here, there in pairwise(_middles(line)))


def _middles(line: Line) -> list[tuple[float, float]]:
    boxes = [glyph.box for word in line.words for glyph in word.glyphs]
    return [((box.left + box.right) / 2, (box.top + box.bottom) / 2) for box in boxes]
