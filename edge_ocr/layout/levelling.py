"""Components of a turned page -> the same with their boxes as if its lines were level, so that rows are rows."""

from dataclasses import replace

import numpy as np

from edge_ocr.ink.components import Components

FEWEST_LETTERS = 8
"""Fewest letters that show a page's slope."""

STEEPEST = 0.2
"""Steepest slope that is looked for: 11 degrees."""

ROW = 0.35
"""Height of the rows that letters are counted in, in typical heights."""

CLEARLY, LUCK = 1.05, 2.0
"""Times as concentrated that letters must be along a slope as they are along the picture's own rows: CLEARLY + LUCK /
letters, since few letters stand in a row by chance."""


def levelled(parts: Components, letters: list[int], unit: float) -> Components:
    """The components with their boxes moved up or down as if the page's lines were level."""
    slope = page_slope(parts, letters, unit)
    if not slope:
        return parts
    shift = np.rint(slope * (parts.left + parts.width / 2)).astype(np.int32)
    return replace(parts, top=parts.top - shift)


def page_slope(parts: Components, letters: list[int], unit: float) -> float:
    """Pixels down a pixel to the right at which the letters' bottoms stand in the fewest rows (Postl, 1986).

    0 if the page is about as well level, or has too few letters.
    """
    if len(letters) < FEWEST_LETTERS:
        return 0.0
    x = parts.left[letters] + parts.width[letters] / 2
    slopes = np.concatenate([[0.0], np.linspace(-STEEPEST, STEEPEST, 41)])[:, None]
    rows = (parts.bottom[letters] - slopes * (x - x.min())) / (ROW * unit)
    scores = np.zeros(len(slopes))
    for offset in (0.0, 0.5):  # Letters on both sides of a row's border stand within one of the shifted rows.
        numbers = np.floor(rows - rows.min() + offset).astype(np.int64)
        count = int(numbers.max()) + 1
        places = (numbers + count * np.arange(len(slopes))[:, None]).ravel()
        widths = np.bincount(places, np.tile(parts.width[letters], len(slopes)), minlength=count * len(slopes))
        scores += (widths.reshape(len(slopes), count) ** 2).sum(axis=1)
    best = int(scores.argmax())
    return float(slopes[best, 0]) if scores[best] > (CLEARLY + LUCK / len(letters)) * scores[0] else 0.0
