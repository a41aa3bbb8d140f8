"""Ink of one line -> Strip: the ONE preprocessing of whole lines, used by the reader and by training alike.

The slope is the one at which the rows of ink are most concentrated (Postl, 1986), the slant the one at which its
columns are (Vinciarelli and Luettin, 2001), and the core zone between baseline and x-height is where the level rows are
dense (Bozinovic and Srihari, 1989). Width follows the number of strokes that the core zone's rows cross, so that
cramped and wide hands have letters of like width (Liwicki and Bunke, 2007). One affine resampling takes all of it out.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.binarization import INK_LEVEL
from edge_ocr.layout.rectify import find_slant
from edge_ocr.page import Gray

HEIGHT = 40
"""Rows of a strip."""

BASELINE = 29
"""Row of the baseline: what lies above is for ascenders, below for descenders."""

TALLEST_CORE = 20.0
"""Height in pixels that small letters are enlarged to at most, and capitals in a line of them."""

LEAST_CORE = 9.0
"""Height that they are given at least, even where a flourish then leaves the strip."""

PAD = 6
"""Empty columns at both ends, so that the network sees the first and the last stroke whole."""

WIDEST = 2400
"""Columns after which a line is compressed: bounds the time of a line."""

STROKE_PITCH = 12.5
"""Columns of ink to one crossed stroke that widths are brought to; small letters have two or three strokes."""

NARROWER, WIDER = 0.75, 1.6
"""Least and greatest factor by which a hand's width is changed."""

POINTS = 3000
"""Pixels of ink by which slope and core zone are judged."""

STEEPEST = 0.21
"""Slope that is looked for at most: 12 degrees."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Strip:
    """A line made level, upright and of steady height."""

    image: Gray
    """(HEIGHT, width) uint8, 0 paper to 255 pen."""
    to_source: NDArray[np.float64]
    """(2, 3) affine map from strip pixels to the pixels of the ink that it was cut from."""


def cut_strip(ink: Gray) -> Strip:
    """Scale one line's ink into a strip.

    Args:
        ink: (height, width) uint8, 0 paper to 255 pen, that holds this line's ink alone.

    Returns:
        The strip; of width 2 * PAD and empty when there is no ink.
    """
    mask = (ink > INK_LEVEL).view(np.uint8)
    if not mask.any():
        return Strip(np.zeros((HEIGHT, 2 * PAD), np.uint8), np.eye(2, 3))
    pixels = cv2.findNonZero(mask)  # In a fifth of the time that NumPy takes.
    x, y = pixels.reshape(-1, 2)[:: len(pixels) // POINTS + 1].T.astype(np.float64)
    slope = find_slope(x, y)
    level = y - slope * x
    top, base = core_zone(level)
    slant = find_slant(mask, slope, base)
    scale = _scale(level, top, base)
    upright = scale * (x - slant * (base - level))
    left, right = float(upright.min()), float(upright.max())
    # With above = base - y + slope * x, a pixel of ink lies in row BASELINE - scale * above.
    across = scale * np.array([1 - slant * slope, slant, -slant * base]) - [0, 0, left]
    to_strip = np.stack([across, [-scale * slope, scale, BASELINE - scale * base]])
    natural = _resample(ink, to_strip, int(np.ceil(right - left)) + 1, scale)
    stretch = _stretch(natural, scale * (base - top))
    stretch = min(stretch, (WIDEST - 2 * PAD) / natural.shape[1])
    to_strip[0] = to_strip[0] * stretch + [0, 0, PAD]
    image = _resample(ink, to_strip, int(np.ceil(stretch * (right - left))) + 2 * PAD, scale)
    return Strip(image, cv2.invertAffineTransform(to_strip))


def find_slope(x: Floats, y: Floats) -> float:
    """Pixels down a pixel to the right at which rows of ink are most concentrated; 0 where level is about as good.

    Args:
        x, y: positions of the ink's pixels.
    """
    tall, wide = float(np.ptp(y)) + 1, float(np.ptp(x)) + 1
    # A short word's letters differ in height by more than its slope does.
    reach = STEEPEST * min(1.0, max(0.0, wide / tall - 1.5) / 2.5)
    if reach < 0.02:
        return 0.0
    x, y = (x - x[0]) * (24 / tall), y * (24 / tall)

    def score(slope: float) -> float:
        level = y - slope * x
        counts = np.bincount((level - level.min()).astype(np.int64))
        return float(counts @ counts)

    best = float(max(np.linspace(-reach, reach, 15), key=score))
    best = float(max(best + reach / 7 * np.array([-0.67, -0.33, 0.0, 0.33, 0.67]), key=score))
    return best if score(best) > 1.05 * score(0.0) else 0.0


def core_zone(level: Floats) -> tuple[float, float]:
    """Upper and lower row of the zone that small letters fill, from the rows of all pixels of ink.

    It is the longest run of rows with at least 0.4 times as much ink as the densest tenth; capitals alone fill it too.
    """
    low, high = float(level.min()), float(level.max())
    rows = max(4, round(min(60.0, high - low + 1)))
    size = (high - low + 1) / rows
    counts = np.bincount(((level - low) / size).astype(np.int64), minlength=rows).astype(np.float64)
    smooth = np.convolve(counts, np.ones(3) / 3, mode="same")
    dense = np.concatenate([[False], smooth >= 0.4 * np.percentile(smooth, 90), [False]])
    edges = np.flatnonzero(dense[1:] != dense[:-1])
    starts, ends = edges[::2], edges[1::2]
    longest = int((ends - starts).argmax())
    return low + size * starts[longest], low + size * ends[longest]


def _scale(level: Floats, top: float, base: float) -> float:
    """Strip pixels to one of the source: as many as leave room for ascenders and descenders."""
    core = max(1.0, base - top)
    highest, lowest = np.percentile(level, (0.5, 99.5))
    above, below = base - float(highest), float(lowest) - base
    fits = min((BASELINE - 1) / max(1.0, above), (HEIGHT - BASELINE - 1) / max(1.0, below))
    return min(TALLEST_CORE, max(LEAST_CORE, fits * core)) / core


def _stretch(strip: Gray, core: float) -> float:
    """Factor of width that brings the strokes which the core zone's rows cross to their usual pitch."""
    pen = strip[max(0, BASELINE - round(core)) : BASELINE] > INK_LEVEL
    crossed = float((pen[:, 1:] & ~pen[:, :-1]).sum()) / max(1, len(pen))
    inked = int((cv2.dilate(strip, np.ones((1, 5), np.uint8)).max(axis=0) > INK_LEVEL).sum())
    return float(np.clip(STROKE_PITCH * crossed / max(1, inked), NARROWER, WIDER))


def _resample(ink: Gray, to_strip: NDArray[np.float64], width: int, scale: float) -> Gray:
    """The ink under an affine map, its strongest pixel 255; averaged first where it shrinks a lot."""
    matrix = to_strip.copy()
    factor = int(1 / scale)
    if factor >= 2:
        height, length = -(-ink.shape[0] // factor) * factor, -(-ink.shape[1] // factor) * factor
        ink = cv2.copyMakeBorder(ink, 0, height - ink.shape[0], 0, length - ink.shape[1], cv2.BORDER_CONSTANT)
        ink = cv2.resize(ink, (length // factor, height // factor), interpolation=cv2.INTER_AREA)
        matrix[:, 2] += matrix[:, :2].sum(axis=1) * (factor - 1) / 2
        matrix[:, :2] *= factor
    image = cv2.warpAffine(ink, matrix, (width, HEIGHT), flags=cv2.INTER_LINEAR)
    strip: Gray = cv2.convertScaleAbs(image, alpha=255.0 / max(1, int(image.max())))
    return strip
