"""Mask -> mask without the lines of ruled or squared paper, keeping the strokes that cross them."""

import cv2
import numpy as np

from edge_ocr.ink.curves import evaluate, fit_curve
from edge_ocr.page import Gray

LEAST_LENGTH = 0.2
"""Length of a ruling as a part of the picture's longer side; no stroke of a letter is as long."""

LEAST_PIXELS = 200
"""Least length of a ruling in pixels: in a small picture a letter's stem is a large part of the side."""

LEAST_COVER = 0.6
"""Part of its length along which a ruling must show; the bars of letters in a row cover less."""

MOST_OFF = 5.0
"""Distance of a ruling's pixels from its curve, in pixels."""

COARSE = 4
"""Step, in pixels, at which chains are looked for."""

MENDED = 7
"""Largest gap, in pixels, that an erased ruling leaves in a stroke and that is closed again."""


def remove_rulings(mask: Gray) -> Gray:
    """Erase long thin horizontal and vertical lines, straight or slowly curved.

    Runs longer than most letters' are found by an opening, chained over short breaks, and erased where the chain is
    long and well covered; strokes cut by that are closed again.

    Args:
        mask: (height, width) uint8, 0 or 255.

    Returns:
        The same shape and dtype.
    """
    across = _rulings(mask)
    down = cv2.transpose(_rulings(cv2.transpose(mask)))
    if not across.any() and not down.any():
        return mask
    erased = cv2.bitwise_or(
        _between_strokes(mask, across, down),
        cv2.transpose(_between_strokes(cv2.transpose(mask), cv2.transpose(down), cv2.transpose(across))),
    )
    kept = cv2.subtract(mask, erased)
    mended = cv2.bitwise_or(
        cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((MENDED, 1), np.uint8)),
        cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((1, MENDED), np.uint8)),
    )
    clean: Gray = cv2.bitwise_or(kept, cv2.bitwise_and(mended, erased))
    return clean


def _rulings(mask: Gray) -> Gray:
    """The horizontal rulings, a little broader than they are, with what crosses them."""
    side = max(mask.shape)
    least = max(LEAST_PIXELS, int(LEAST_LENGTH * side))
    run = max(18, min(40, side // 40))
    runs = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    if cv2.countNonZero(runs) < least:
        return np.zeros_like(mask)
    broad: Gray = cv2.dilate(_long_chains(runs, run, least), np.ones((5, 1), np.uint8))
    return broad


def _between_strokes(mask: Gray, rulings: Gray, crossing: Gray) -> Gray:
    """The pixels of horizontal `rulings` where no stroke crosses them; vertical rulings do not count as strokes."""
    # Strokes that cross a ruling are taller than it is thick.
    tall = max(7, max(mask.shape) // 160)
    strokes = cv2.morphologyEx(cv2.subtract(mask, crossing), cv2.MORPH_OPEN, np.ones((tall, 1), np.uint8))
    between: Gray = cv2.bitwise_and(rulings, cv2.subtract(mask, strokes))
    return between


def _long_chains(runs: Gray, reach: int, least: int) -> Gray:
    """The runs that belong to chains of at least `least` pixels which they cover well.

    Chains are found on every fourth pixel, which takes a tenth of the time.
    """
    thick = cv2.dilate(runs, np.ones((COARSE + 1, COARSE + 1), np.uint8))[::COARSE, ::COARSE]
    linked = cv2.dilate(thick, np.ones((1, 2 * reach // COARSE + 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(linked, 8, cv2.CV_32S, cv2.CCL_GRANA)
    chains = np.zeros_like(runs)
    for number in range(1, count):
        x, y, width, height, _ = stats[number]
        if width * COARSE - 2 * reach < least or height * COARSE > max(48, 0.15 * width * COARSE):
            continue
        rows, columns = slice(y * COARSE, (y + height) * COARSE), slice(x * COARSE, (x + width) * COARSE)
        own = (labels[y : y + height, x : x + width] == number).repeat(COARSE, 0).repeat(COARSE, 1)
        part = runs[rows, columns]
        part = cv2.bitwise_and(part, own[: part.shape[0], : part.shape[1]] * np.uint8(255))
        if part.max(axis=0).mean() <= 255 * LEAST_COVER:
            continue
        ruling = _along_curve(part)
        if (ruling > 0).any(axis=0).mean() > LEAST_COVER:
            chains[rows, columns] |= ruling
    return chains


def _along_curve(part: Gray) -> Gray:
    """The pixels near the one smooth curve (a parabola) that most of them lie on; bars of letters beside it go."""
    rows, columns = np.nonzero(part)
    # The column as a part of the width, so that the fit is the same at every size.
    x, y = columns / part.shape[1], rows.astype(np.float64)
    near = np.ones(len(x), bool)
    for tolerance in (4 * MOST_OFF, 2 * MOST_OFF, MOST_OFF):
        if near.sum() < part.shape[1] // 4:
            return np.zeros_like(part)
        near = np.abs(y - evaluate(fit_curve(x[near], y[near], 2), x)) <= tolerance
    kept = np.zeros_like(part)
    kept[rows[near], columns[near]] = 255
    return kept
