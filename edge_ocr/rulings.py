"""Mask -> mask without the lines of ruled or squared paper, keeping the strokes that cross them."""

import cv2
import numpy as np

from edge_ocr.page import Gray

LEAST_LENGTH = 0.2
"""Length of a ruling as a part of the picture's longer side; no stroke of a letter is as long."""

LEAST_COVER = 0.6
"""Part of its length along which a ruling must show; the bars of letters in a row cover less."""


def remove_rulings(mask: Gray) -> Gray:
    """Erase long thin horizontal and vertical lines, straight or slowly curved.

    Runs longer than most letters' are found by an opening, chained over short breaks, and erased where the chain is
    long and well covered; strokes cut by that are closed again.

    Args:
        mask: (height, width) uint8, 0 or 255.

    Returns:
        The same shape and dtype.
    """
    mask = _remove_horizontal(mask)
    return cv2.transpose(_remove_horizontal(cv2.transpose(mask)))


def _remove_horizontal(mask: Gray) -> Gray:
    height, width = mask.shape
    side = max(height, width)
    least = int(LEAST_LENGTH * side)
    run = max(18, min(40, side // 40))
    runs = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    if side < 160 or cv2.countNonZero(runs) < least:
        return mask
    rulings = _long_chains(runs, run, least)
    if not rulings.any():
        return mask
    # Strokes that cross a ruling are taller than it is thick; they stay.
    tall = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((max(7, height // 160), 1), np.uint8))
    erased = cv2.bitwise_and(cv2.dilate(rulings, np.ones((5, 1), np.uint8)), cv2.subtract(mask, tall))
    kept = cv2.subtract(mask, erased)
    mended = cv2.bitwise_and(cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((7, 1), np.uint8)), erased)
    return cv2.bitwise_or(kept, mended)


def _long_chains(runs: Gray, reach: int, least: int) -> Gray:
    """The runs that belong to chains of at least `least` pixels which they cover well."""
    linked = cv2.dilate(runs, np.ones((3, 2 * reach + 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(linked, connectivity=8)
    kept = np.zeros(count, np.uint8)
    for number in range(1, count):
        x, y, width, height, _ = stats[number]
        if width < least or height > max(24, 0.12 * width):
            continue
        inside = (labels[y : y + height, x : x + width] == number) & (runs[y : y + height, x : x + width] > 0)
        kept[number] = 255 * (inside.any(axis=0).mean() > LEAST_COVER)
    return cv2.bitwise_and(kept[labels], runs)
