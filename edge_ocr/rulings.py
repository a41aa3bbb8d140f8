"""Mask -> mask without the lines of ruled or squared paper, keeping the strokes that cross them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Gray

LEAST_LENGTH = 0.2
"""Length of a ruling as a part of the picture's longer side; no stroke of a letter is as long."""

LEAST_COVER = 0.6
"""Part of its length along which a ruling must show; the bars of letters in a row cover less."""

MOST_SPREAD = 3.0
"""Standard deviation of a ruling's pixels about its curve, in pixels."""

COARSE = 4
"""Every which pixel is looked at when chains are found."""

MENDED = 7
"""Gap that an erased ruling leaves in a stroke and that is closed again, in pixels."""


def remove_rulings(mask: Gray) -> Gray:
    """Erase long thin horizontal and vertical lines, straight or slowly curved.

    Runs longer than most letters' are found by an opening, chained over short breaks, and erased where the chain is
    long and well covered; strokes cut by that are closed again.

    Args:
        mask: (height, width) uint8, 0 or 255.

    Returns:
        The same shape and dtype.
    """
    erased = cv2.bitwise_or(_rulings(mask), cv2.transpose(_rulings(cv2.transpose(mask))))
    if not erased.any():
        return mask
    kept = cv2.subtract(mask, erased)
    mended = cv2.bitwise_or(
        cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((MENDED, 1), np.uint8)),
        cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((1, MENDED), np.uint8)),
    )
    return cv2.bitwise_or(kept, cv2.bitwise_and(mended, erased))


def _rulings(mask: Gray) -> Gray:
    """The pixels of horizontal rulings, without the strokes that cross them."""
    height, width = mask.shape
    side = max(height, width)
    least = int(LEAST_LENGTH * side)
    run = max(18, min(40, side // 40))
    runs = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    if side < 160 or cv2.countNonZero(runs) < least:
        return np.zeros_like(mask)
    chains = _long_chains(runs, run, least)
    if not chains.any():
        return chains
    rulings = cv2.dilate(chains, np.ones((5, 1), np.uint8))
    # Strokes that cross a ruling are taller than it is thick; they stay.
    tall = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((max(7, side // 160), 1), np.uint8))
    return cv2.bitwise_and(rulings, cv2.subtract(mask, tall))


def _long_chains(runs: Gray, reach: int, least: int) -> Gray:
    """The runs that belong to chains of at least `least` pixels which they cover well.

    Chains are found on every fourth pixel: after the dilation nothing is thinner than that, and it takes a tenth of the
    time.
    """
    linked = cv2.dilate(runs, np.ones((5, 2 * reach + 1), np.uint8))[::COARSE, ::COARSE]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(linked), connectivity=8)
    kept = np.zeros(count, np.uint8)
    for number in range(1, count):
        x, y, width, height, _ = stats[number]
        if width * COARSE < least or height * COARSE > max(24, 0.12 * width * COARSE):
            continue
        rows, columns = slice(y * COARSE, (y + height) * COARSE), slice(x * COARSE, (x + width) * COARSE)
        own = (labels[y : y + height, x : x + width] == number).repeat(COARSE, 0).repeat(COARSE, 1)
        part = runs[rows, columns] > 0
        inside = own[: part.shape[0], : part.shape[1]] & part
        kept[number] = 255 * (inside.any(axis=0).mean() > LEAST_COVER and _is_thin(inside))
    if not kept.any():
        return np.zeros_like(runs)
    chains = cv2.resize(kept[labels], runs.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return cv2.bitwise_and(cv2.dilate(chains, np.ones((COARSE, COARSE), np.uint8)), runs)


def _is_thin(pixels: NDArray[np.bool_]) -> bool:
    """Whether pixels lie along one smooth curve, as a ruling's do and the bars of a row of letters do not."""
    y, x = np.nonzero(pixels)
    x = x / len(pixels[0])
    return float(np.std(y - np.polyval(np.polyfit(x, y, 2), x))) < MOST_SPREAD
