"""Lines of marks -> those that may be writing, where a picture shows a texture: grass, a keyboard, halftone, knit.

Letters stand close together, on a line, drawn with a thin pen, in shapes that differ. The marks of a texture can be
chained to lines too, but they lie far apart, off any line, and are thick, or all alike. A few marks say little; those
of a whole picture are clear. So the picture is judged first. Only where it is a texture, each line has to show by
itself that it is writing: a note before a hedge is still read, and no page of writing loses a line.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.components import Components
from edge_ocr.ink.curves import evaluate, fit_curve
from edge_ocr.ink.resolution import DUST
from edge_ocr.layout.rectify import CURVE_LEAST

FEWEST = 150
"""Marks of a letter's size from which a picture may be a texture. Fewer are read in no time, and may be letters in the
boxes of a form, which stand as far apart as a texture's marks."""

MOST = 8000
"""Marks of a letter's size that a page may have: 80 lines of 100 characters. With more, no line is looked for."""

SHORTEST = 4
"""Marks that a line, or a part of one in a texture, needs before its order says something."""

WIDE = 1.0
"""Gap inside a line, in typical heights, from which it is wide; in writing mostly a space between words."""

MOST_LOOSE = 0.5
"""Part of wide gaps above which no more is made of them: numbers in columns have wide gaps alone."""

DISORDER = 1.0
"""Sum of loose + 2 * scatter + solid from which marks are no writing. Photographed pages of writing have 0.2 to 0.85,
the same reduced until letters are 8 pixels high up to 0.9; scenes without writing have 0.95 to 1.5."""

STRICT = 0.7
"""The same for a part of a line in a texture: five in six letters of written pages stand in parts that have less, one
in 25 marks of the others."""

APART = 2.0
"""Gap, in typical heights, at which lines are parted in a texture: as wide as a sheet's margin before what lies behind
it."""

SOLID = 0.48
"""Width of the strokes, in typical heights, from which they are filled shapes: a disc's and a square's is 0.5. A thick
marker's is 0.16, that of letters 6 pixels high, whose strokes are blurred, up to 0.45."""

LIKE, ALIKE = 0.08, 0.7
"""Difference of width and of height from the usual up to which marks are alike, and the part of them that is, from
which they are one pattern, repeated: of letters, be they all capitals and printed, at most a half are."""

LOW, MOST_LOW = 0.65, 0.6
"""Height, in typical heights, below which marks are low, and the part of them that may be low where letters are smaller
than DUST: in writing up to a half are. What is lower yet than the smallest letters is dust, or what is left of rulings.
"""


@dataclass(frozen=True, slots=True)
class Signs:
    """Features that distinguish writing from texture, of one line or of all."""

    loose: float
    """Part of the gaps between neighbours that are wide, 0 to 1."""
    scatter: float
    """Median distance of the marks' feet from the baseline, in typical heights."""
    solid: float
    """Width of the strokes in typical heights."""
    alike: float
    """Part of the marks that have the usual width and height, 0 to 1."""

    def is_texture(self, disorder: float = DISORDER) -> bool:
        """Whether the marks are no writing: too little order, filled shapes, or all alike."""
        found = min(self.loose, MOST_LOOSE) + 2 * self.scatter + self.solid
        return found > disorder or self.solid > SOLID or self.alike > ALIKE


def without_texture(lines: list[list[int]], parts: Components, unit: float, pen: float) -> list[list[int]]:
    """All lines of a page of writing; of a texture, the parts that look like writing by themselves.

    Args:
        lines: numbers of components of a letter's size, from left to right.
        parts: of the whole page, levelled.
        unit: the typical height, in pixels.
        pen: width of the pen, in pixels.
    """
    if sum(map(len, lines)) < FEWEST:
        return lines
    is_texture = find_signs(lines, parts, unit, pen).is_texture()
    if unit < DUST and (is_texture or (parts.height[np.concatenate(lines)] < LOW * unit).mean() > MOST_LOW):
        return []
    if not is_texture:
        return lines
    outline = _outline(parts)

    def is_writing(line: list[int]) -> bool:
        own_pen = 2.0 * float(parts.area[line].sum()) / max(1, int(outline[line].sum()))
        return not find_signs([line], parts, unit, own_pen).is_texture(STRICT)

    pieces = [piece for line in lines for piece in _parted(line, parts, unit)]
    return [piece for piece in pieces if len(piece) >= SHORTEST and is_writing(piece)]


def find_signs(lines: list[list[int]], parts: Components, unit: float, pen: float) -> Signs:
    """The signs of some lines together; arguments as in `without_texture`."""
    gaps, offs = [np.zeros(0)], [np.zeros(0)]
    for line in lines:
        marks = np.array(line)
        gaps.append(_gaps(marks, parts) / unit)
        if len(line) >= SHORTEST:
            offs.append(_off_baseline(marks, parts) / unit)
    everything = np.concatenate(lines)
    usual = _is_usual(parts.width[everything]) & _is_usual(parts.height[everything])
    between = np.concatenate(gaps)
    loose = float((between > WIDE).mean()) if len(between) else 0.0
    off = np.concatenate(offs)
    return Signs(loose, float(np.median(off)) if len(off) else 0.0, pen / unit, float(usual.mean()))


def _parted(line: list[int], parts: Components, unit: float) -> list[list[int]]:
    """A line's parts between gaps of at least APART."""
    marks = np.array(line)
    ends = np.flatnonzero(_gaps(marks, parts) > APART * unit) + 1
    return [part.tolist() for part in np.split(marks, ends)]


def _gaps(marks: NDArray[np.int_], parts: Components) -> NDArray[np.int32]:
    """(marks - 1,) empty columns before each mark but the first; negative where it begins over one before it."""
    return parts.left[marks][1:] - np.maximum.accumulate(parts.right[marks])[:-1]


def _off_baseline(marks: NDArray[np.int_], parts: Components) -> NDArray[np.float64]:
    """Distance of each mark's foot from the curve through them, in pixels."""
    feet = parts.bottom[marks].astype(np.float64)
    middles = parts.left[marks] + parts.width[marks] / 2
    curve = fit_curve(middles, feet, 2 if len(marks) >= CURVE_LEAST else 1)
    return np.abs(feet - evaluate(curve, middles))


def _is_usual(lengths: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.asarray(np.abs(np.log(lengths / np.median(lengths))) < LIKE)


def _outline(parts: Components) -> NDArray[np.int_]:
    """(components,) pixels of each that lie beside paper."""
    mask = cv2.inRange(parts.labels, 1, len(parts))
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8))
    return parts.area - np.bincount(parts.labels[inner > 0], minlength=len(parts))
