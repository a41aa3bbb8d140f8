"""A text line's ink -> the same ink on a level baseline, upright: slope, curve and slant removed in one step."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Gray

Floats = NDArray[np.float64]

STEEPEST_SLANT = 0.7
"""Largest shear (pixels to the right a pixel up) that is looked for: 35 degrees."""

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

    def to_source(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Points of `ink` as points of the source image."""
        above = self.baseline - y
        source_x = x + self.left + self.slant * above
        return source_x, np.polyval(self.curve, source_x) - above


def fit_baseline(x: Floats, bottoms: Floats, unit: float) -> tuple[float, float, float]:
    """A robust line (a parabola for long lines) through the letters' bottoms, descenders left out.

    Iterated least squares: bottoms that hang or float by more than a part of `unit` pixels lose their vote.
    """
    degree = 2 if len(x) >= CURVE_LEAST else 1 if len(x) >= 3 and np.ptp(x) > 2 * unit else 0
    kept = np.ones(len(x), bool)
    curve = np.zeros(3)
    for tolerance in (0.5, 0.3, 0.2):
        here, there = x[kept], bottoms[kept]
        # Those that are left may stand too close together, or over each other, to tell a slope.
        terms = min(degree, len(np.unique(here)) - 1) if np.ptp(here) > 2 * unit else 0
        fit = np.polyfit(here, there, terms) if terms else [np.median(there)]
        curve = np.concatenate([np.zeros(3 - len(fit)), fit])
        off = bottoms - np.polyval(curve, x)
        # Hanging is a descender's habit, floating a quote's: the median brings the fit back between them.
        kept = np.abs(off - np.median(off)) < tolerance * unit
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
    y, x = np.nonzero(mask[::2, ::2])
    if len(x) > 4000:
        step = len(x) // 4000 + 1
        x, y = x[::step], y[::step]
    if len(x) < 50:
        return 0.0
    above = baseline / 2 - y + slope * x
    shears = np.linspace(-STEEPEST_SLANT, STEEPEST_SLANT, 29)
    scores = np.array([_concentration(x - shear * above) for shear in shears])
    best = int(scores.argmax())
    upright = float(_concentration(x.astype(float)))
    return float(shears[best]) if scores[best] > 1.06 * upright else 0.0


def _concentration(columns: Floats) -> float:
    counts = np.bincount((columns - columns.min()).astype(np.int64)).astype(np.float64)
    return float((counts**2).sum())


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
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    source_x, source_y = line.to_source(x, y)
    upright = cv2.remap(ink, source_x.astype(np.float32), source_y.astype(np.float32), cv2.INTER_LINEAR)
    return Rectified(upright, line.baseline, curve, slant, left)
