"""A text line's ink -> the same ink on a level baseline, upright: slope, curve and slant removed in one step."""

from dataclasses import dataclass
from statistics import median
from typing import TypeVar

import cv2
import numpy as np

from edge_ocr.ink.curves import Floats, evaluate, fit_curve
from edge_ocr.page import Gray

Number = TypeVar("Number", float, Floats)

STEEPEST_SLANT = 0.7
"""Largest shear (pixels to the right a pixel up) that is looked for: 35 degrees."""

SLANT_POINTS = 1000
"""Pixels of ink by which a line's slant is judged."""

CURVE_LEAST = 14
"""Letters a line must have before a curved baseline is fitted."""


@dataclass(frozen=True, slots=True)
class Rectified:
    """An upright line and the way back."""

    ink: Gray
    """(height, width) uint8, baseline level, strokes upright."""
    baseline: float
    """Row of the baseline in `ink`."""
    curve: tuple[float, float, float]
    """The baseline's row in the source as a polynomial of the column, highest power first."""
    slant: float
    """Shear that was removed: pixels to the right a pixel up."""
    left: int
    """Column of the source at column 0 of `ink`, on the baseline."""

    def to_source(self, x: Number, y: Number) -> tuple[Number, Number]:
        """Points of `ink` as points of the source image; numbers or arrays."""
        bend, slope, height = self.curve
        above = self.baseline - y
        source_x = x + self.left + self.slant * above
        return source_x, (bend * source_x + slope) * source_x + height - above


def fit_baseline(x: Floats, bottoms: Floats, unit: float) -> tuple[float, float, float]:
    """A robust line (a parabola for long lines) through the letters' bottoms, descenders left out.

    Iterated least squares: bottoms that hang or float by more than a part of `unit` pixels lose their vote.
    """
    degree = 2 if len(x) >= CURVE_LEAST else 1 if len(x) >= 3 and np.ptp(x) > 2 * unit else 0
    kept = np.ones(len(x), bool)
    for tolerance in (0.5, 0.3, 0.2):
        here, there = x[kept], bottoms[kept]
        # Those that are left may be too close together, or above each other, to have a slope.
        terms = min(degree, len(set(here.tolist())) - 1) if np.ptp(here) > 2 * unit else 0
        curve = np.zeros(3)
        curve[2 - terms :] = fit_curve(here, there, terms) if terms else median(there.tolist())
        off = bottoms - evaluate(curve, x)
        # Hanging is a descender's habit, floating a quote's: the median brings the fit back between them.
        kept = np.abs(off - median(off.tolist())) < tolerance * unit
        if kept.sum() < 2:
            break
    return float(curve[0]), float(curve[1]), float(curve[2])


def find_slant(mask: Gray, slope: float, baseline: float) -> float:
    """The shear that makes the columns of ink most concentrated (after Vinciarelli and Luettin, 2001).

    Args:
        mask: (height, width) uint8 of one line.
        slope: of the baseline, so that the shear is measured along it.
        baseline: row about which is sheared.

    Returns:
        Pixels to the right a pixel up; 0 when upright is about as good.
    """
    pixels = cv2.findNonZero(np.ascontiguousarray(mask[::2, ::2]))
    if pixels is None or len(pixels) < 50:
        return 0.0
    x, y = pixels.reshape(-1, 2)[:: len(pixels) // SLANT_POINTS + 1].T.astype(np.float64)
    above = baseline / 2 - y + slope * x

    def score(shear: float) -> float:
        return _concentration(x - shear * above)

    coarse = max(np.linspace(-STEEPEST_SLANT, STEEPEST_SLANT, 11), key=score)
    best = float(max(coarse + np.array([-0.09, -0.045, 0.0, 0.045, 0.09]), key=score))
    return best if score(best) > 1.06 * score(0.0) else 0.0


def _concentration(columns: Floats) -> float:
    counts = np.bincount((columns - columns.min()).astype(np.int64))
    return float(counts @ counts)


def rectify(ink: Gray, curve: tuple[float, float, float], slant: float, above: float, below: float) -> Rectified:
    """Resample a line so that its baseline is level and its strokes upright.

    Args:
        ink: (height, width) uint8 that holds this line's ink alone.
        curve: the baseline, as `fit_baseline` gives it.
        slant: as `find_slant` gives it.
        above, below: pixels to keep above and below the baseline.
    """
    lean_left, lean_right = max(0.0, slant * above), max(0.0, -slant * above)
    left = -int(np.ceil(lean_left + max(0.0, -slant * below))) - 1
    width = ink.shape[1] - left + int(np.ceil(lean_right + max(0.0, slant * below))) + 1
    height = int(np.ceil(above + below))
    line = Rectified(ink, float(int(above)), curve, slant, left)
    if curve[0] == 0:
        corners = line.to_source(np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
        unit = np.array([[0, 0], [1, 0], [0, 1]], np.float32)
        back = cv2.getAffineTransform(unit, np.stack(corners, axis=1).astype(np.float32))
        upright = cv2.warpAffine(ink, back, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    else:
        columns, rows = np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64)
        source_x, source_y = line.to_source(columns[None, :], rows[:, None])
        upright = cv2.remap(ink, source_x.astype(np.float32), source_y.astype(np.float32), cv2.INTER_LINEAR)
    return Rectified(upright, line.baseline, curve, slant, left)
