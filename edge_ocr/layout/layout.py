"""Ink -> Layout: text lines in reading order, each upright, with every way to cut it into characters."""

import math
from bisect import bisect_right
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.binarization import INK_LEVEL
from edge_ocr.ink.components import Components, find_components, pen_width, typical_height
from edge_ocr.ink.finder import above
from edge_ocr.ink.quantile import weighted_quantile
from edge_ocr.layout.grouping import group_lines
from edge_ocr.layout.rectify import Rectified, find_slant, fit_baseline, rectify
from edge_ocr.layout.segments import Cuts, Segment, blob_map, find_blobs, find_pieces, find_segments, line_components
from edge_ocr.layout.zones import group_by_zones
from edge_ocr.page import Box, Gray, Ink
from edge_ocr.stopwatch import FINDING_SHARE, Stopwatch

FIRST_LINES = 4
"""Lines that get the whole time of a picture, and more for reading: a short note comes out on slow boards, too."""

SMALLEST_TEXT = 6.0
"""Height of a letter in pixels below which nothing can be read."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of writing, ready to be read."""

    ink: Gray
    """(height, width) uint8: the line's ink alone as it stands on the page, before anything was made upright."""
    upright: Rectified
    capital: float
    """Height of a capital or digit, in pixels of the rectified line."""
    x_height: float
    """Height of a small letter without ascender; equal to `capital` where the line shows one height only."""
    gaps: NDArray[np.float64]
    """(pieces,) empty columns before each piece, in capital heights; 0 within a blob and at the start."""
    cuts: Cuts
    scale: float
    """Frame pixels to one pixel of the line's source."""
    origin: tuple[int, int]
    """Left and top of the line's source on the page's ink."""
    seen: float | None = None
    """How surely the finder takes its pixels for pen, 0 to 1 in the mean; None where none has looked."""

    @property
    def segments(self) -> list[Segment]:
        """Every way to cut it into characters; sought each time, since most lines are read without."""
        return find_segments(self.cuts)

    def to_frame(self, left: float, top: float, right: float, bottom: float) -> Box:
        """A box of the rectified line as the upright box around it in frame pixels."""
        corners = [self.upright.to_source(float(x), float(y)) for x in (left, right) for y in (top, bottom)]
        across = [(x + self.origin[0]) * self.scale for x, _ in corners]
        down = [(y + self.origin[1]) * self.scale for _, y in corners]
        return Box(int(min(across)), int(min(down)), math.ceil(max(across)), math.ceil(max(down)))


@dataclass(frozen=True, slots=True)
class Layout:
    """The text lines of a page, in reading order."""

    lines: tuple[TextLine, ...]
    space: float
    """Gap, in capital heights, from which two pieces more likely belong to different words."""


def find_layout(ink: Ink, parts: Components | None = None, watch: Stopwatch | None = None) -> Layout:
    """Find text lines, make them upright and cut them into candidate characters.

    Args:
        ink: of a page.
        parts: the components of its mask, where they are known.
        watch: once FINDING_SHARE of its time is spent, no line is added.
    """
    watch = watch or Stopwatch()
    parts = parts or find_components(ink.mask)
    unit = typical_height(parts)
    if unit < SMALLEST_TEXT:
        return Layout((), 0.0)
    groups = group_by_zones(parts, ink.core) if ink.core is not None else group_lines(parts, unit, pen_width(ink.mask))
    lines: list[TextLine] = []
    for group in groups:
        if lines and watch.is_over(FINDING_SHARE if len(lines) >= FIRST_LINES else 1.0):
            break
        own = unit if ink.core is None else _usual_height(parts, group)
        line = _text_line(ink, parts, group, own)
        if line is not None:
            lines.append(line)
    return Layout(tuple(lines), _space_threshold(lines))


def _usual_height(parts: Components, group: list[int]) -> float:
    """Height of a usual letter of a line in pixels, by its components weighted as in `typical_height`."""
    return weighted_quantile(parts.height[group], np.sqrt(parts.area[group]))


def _text_line(ink: Ink, parts: Components, group: list[int], unit: float) -> TextLine | None:
    left, top = int(parts.left[group].min()), int(parts.top[group].min())
    right, bottom = int(parts.right[group].max()), int(parts.bottom[group].max())
    own = own_ink(ink, parts, group, (left, top, right, bottom))
    letters = [part for part in group if parts.height[part] >= 0.4 * unit]
    middles = parts.left[letters] + parts.width[letters] / 2.0 - left
    curve = fit_baseline(middles, parts.bottom[letters].astype(np.float64) - top, unit)
    middle = (right - left) / 2
    slope = 2 * curve[0] * middle + curve[1]
    slant = find_slant(own, slope, float(np.polyval(curve, middle))) if len(letters) >= 4 else 0.0
    rows = np.polyval(curve, np.array([0.0, middle, right - left]))
    upright = rectify(own, curve, slant, float(rows.max()) + 2, float(bottom - top - rows.min()) + 2)
    shapes = line_components(upright.ink)
    if len(shapes) < 2:
        return None
    capital, x_height = _letter_heights(shapes, upright.baseline, unit)
    mask = cv2.inRange(shapes.labels, 1, len(shapes))
    blobs = find_blobs(shapes, capital)
    owners = blob_map(shapes, blobs)
    pieces = find_pieces(owners, blobs, capital, pen_width(mask))
    cuts = Cuts(upright.ink, shapes, blobs, owners, pieces, capital)
    lefts = np.array([piece.left for piece in pieces])
    rights = np.maximum.accumulate([piece.right for piece in pieces])
    gaps = np.concatenate([[0.0], np.maximum(0, lefts[1:] - rights[:-1]) / capital])
    seen = _seen(ink, own, left, top)
    return TextLine(own, upright, capital, x_height, gaps, cuts, ink.scale, (left, top), seen)


def own_ink(ink: Ink, parts: Components, group: list[int] | NDArray[np.intp], box: tuple[int, int, int, int]) -> Gray:
    """The ink of some components alone, cropped to a box (left, top, right, bottom), soft edges of a pixel included."""
    left, top, right, bottom = box
    member = np.zeros(len(parts), np.uint8)
    member[group] = 255
    mask = cv2.dilate(member[parts.labels[top:bottom, left:right]], np.ones((3, 3), np.uint8))
    own: Gray = cv2.bitwise_and(ink.strength[top:bottom, left:right], mask)
    return own


def _seen(ink: Ink, own: Gray, left: int, top: int) -> float | None:
    """Mean of the finder's map over a line's pixels, 0 to 1."""
    if ink.seen is None:
        return None
    height, width = own.shape
    seen = ink.seen[top : top + height, left : left + width]
    return float(cv2.mean(seen, above(own, INK_LEVEL))[0]) / 255


def _letter_heights(shapes: Components, baseline: float, unit: float) -> tuple[float, float]:
    """Heights of capitals and of small letters above the baseline, by two-means; equal when there is one size."""
    standing = (shapes.height >= 0.4 * unit) & (shapes.top < baseline - 0.3 * unit)
    standing[0] = False
    # The standard library's median takes a twentieth of NumPy's time on a few numbers.
    heights = sorted((baseline - shapes.top[standing]).tolist())
    if not heights:
        return unit, unit
    if len(heights) < 3:
        return heights[-1], heights[-1]
    low, high = heights[round(0.2 * (len(heights) - 1))], heights[round(0.85 * (len(heights) - 1))]
    for _ in range(6):
        split = bisect_right(heights, (low + high) / 2)
        if split in (0, len(heights)):
            break
        low, high = median(heights[:split]), median(heights[split:])
    if high < 1.3 * low or high > 3.2 * low:
        return median(heights), median(heights)
    return high, low


def _space_threshold(lines: list[TextLine]) -> float:
    """Where the gaps of the page fall into two kinds: the split of greatest variance between them (Otsu, 1979)."""
    gaps = np.sort(np.concatenate([line.gaps[line.gaps > 0.02] for line in lines])) if lines else np.zeros(0)
    gaps = np.minimum(gaps, 1.5)
    if len(gaps) < 8:
        return 0.45
    counts = np.arange(1, len(gaps))
    sums = np.cumsum(gaps)[:-1]
    between = (sums / counts - (gaps.sum() - sums) / (len(gaps) - counts)) ** 2 * counts * (len(gaps) - counts)
    split = int(between.argmax())
    return float(np.clip((gaps[split] + gaps[split + 1]) / 2, 0.3, 0.75))
