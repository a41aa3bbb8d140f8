"""Coarse look -> how far the text is turned: the axis and the slope of its lines, from the finder's core zones.

The zones say along which axis the lines run and how far they are off it. Which of the two ways along it is up the
network does not see surely; `edge_ocr.reader` reads a few lines both ways where that is in doubt.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.finder import CORE_LEVEL, above
from edge_ocr.ink.looking import Sight
from edge_ocr.ink.quantile import weighted_quantile
from edge_ocr.page import Gray

LONG = 3.0
"""Length of a core zone in its heights from which its slope is that of its line."""

UPRIGHT = 6.0
"""How much longer zones down the picture must be than those across it, before a page lies on its side."""

WAYS = 0.5
"""Weight of the network's own scores of the two axes beside the logarithm of these lengths."""

LONE = 0.5
"""How far the network's scores must speak for the other axis (in the same natural logarithms) where no long zone does:
without this, one in ten letters that stand by themselves is turned, with it one in thirty."""

SURE_AXIS = 5.0
"""How far (in these natural logarithms) the axis must be from being the other one before nobody tries that: of 800
words, lines and pages by unseen writers, and drawn, none is beyond it and wrong; on their side one in 200 is."""

CLEARLY = 0.5
"""How much likelier (natural logarithm) the other way must be before a page is taken for upside down."""

LEVEL = 6.0
"""Degrees by which lines are off their axis at least; less is left to the strips."""

OFF = 10.0
"""Degrees by which core zones are off it, where the rows of pen tell nothing; a word's own zone leans by less."""

STEEPEST, STEP = 42.0, 3.0
"""Degrees to both sides of the axis that are tried, and how far apart."""

SHARPER = 1.4
"""How much denser the rows of pen must be along a slope than along the axis, before it is believed."""

PEN = 96
"""Value of the pen map from which a pixel counts for that."""

ROW = 2.0
"""Height in pixels of these rows."""

POINTS = 4000
"""Pixels of pen that are enough for it."""

Floats = NDArray[np.float64]


class Turn(NamedTuple):
    """How far the text is turned."""

    degrees: float
    """Clockwise, 0 to 360."""
    is_axis_sure: bool
    """Whether it surely does not run across that."""
    across: float
    """Degrees clockwise by which the text is turned if its lines run across that after all; the other way is 180 on."""


def text_turn(sight: Sight) -> Turn:
    """How far the text of a coarse look is turned; by 0 degrees where that is unclear."""
    angles, lengths = zone_angles(sight.core)
    if sight.x_height == 0:
        return Turn(0.0, is_axis_sure=False, across=90.0)
    is_down = np.abs(angles) > 45
    longer = np.log((lengths[is_down].sum() + 1) / (lengths[~is_down].sum() + 1))
    ways = sight.ways[1:]
    across = float(longer) + WAYS * float(ways[1::2].sum() - ways[::2].sum()) - math.log(UPRIGHT)
    on_side = across > (0 if is_down.any() else LONE)
    up, down = ways[on_side::2]
    axis = 90.0 * on_side + (180.0 if down > up + CLEARLY else 0.0)

    def levelled(axis: float) -> float:
        return (axis + (_slope(sight.pen, axis) or _zones_slope(angles, lengths, axis % 180))) % 360

    is_sure = abs(across) > SURE_AXIS
    return Turn(levelled(axis), is_sure, axis + 90 if is_sure else levelled(axis + 90))


def _slope(pen: Gray, axis: float) -> float:
    """Degrees by which lines are off their axis, by the projection profile of the pen map (Postl, 1986).

    Rows that run along the lines hold much pen or none; across them they all hold some.
    """
    rows, columns = np.nonzero(pen > PEN)
    every = len(rows) // POINTS + 1
    points = np.stack([columns[::every], rows[::every]]).astype(np.float64)
    if not points.size:
        return 0.0
    level = _density(points, axis)
    best, density = 0.0, level
    for reach, step in ((STEEPEST, STEP), (STEP - 1, 1.0)):
        for off in best + np.arange(-reach, reach + step, step):
            found = _density(points, axis + off)
            if found > density:
                best, density = float(off), found
    is_peak = abs(best) < STEEPEST - STEP  # At the end of the range it may still rise beyond.
    return best if is_peak and abs(best) > LEVEL and density > SHARPER * level else 0.0


def _zones_slope(angles: Floats, lengths: Floats, axis: float) -> float:
    """Degrees by which the usual core zone is off an axis, for a word or two, whose rows tell little; else 0."""
    off = (angles - axis + 90) % 180 - 90
    near = np.abs(off) <= 45
    if not near.any():
        return 0.0
    usual = weighted_quantile(off[near], lengths[near])
    return usual if abs(usual) > OFF else 0.0


def zone_angles(core: Gray) -> tuple[Floats, Floats]:
    """Degrees clockwise, -90 to 90, of long core zones, and their lengths in cells."""
    # Letters far apart leave gaps in a zone.
    whole = cv2.morphologyEx(above(core, CORE_LEVEL), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        (_, (wide, tall), angle) = cv2.minAreaRect(outline)
        if max(wide, tall) > LONG * (min(wide, tall) + 1):
            along = angle if wide >= tall else angle + 90
            found.append(((along + 90) % 180 - 90, max(wide, tall)))
    angles, lengths = np.array(found, np.float64).reshape(-1, 2).T
    return angles, lengths


def _density(points: Floats, degrees: float) -> float:
    """How unevenly points (2, n) are spread over rows that run at an angle: the sum of squares of the rows' shares."""
    angle = np.deg2rad(degrees)
    level = (np.cos(angle) * points[1] - np.sin(angle) * points[0]) / ROW
    counts = np.bincount((level - level.min()).astype(np.int64))
    return float(counts @ counts) / len(level) ** 2
