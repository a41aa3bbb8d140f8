"""The places of characters between baseline and capital height, and the likelihood of a box for each."""

import math
import unicodedata
from functools import cache

ASCENDERS = "bdfhkl"
DESCENDERS = "gpqy"

PLACES: dict[str, tuple[float, float]] = {
    "t": (0.85, 0.0), "i": (0.92, 0.0), "j": (0.92, -0.4),
    ".": (0.12, 0.0), ",": (0.12, -0.17), ":": (0.5, 0.02), ";": (0.5, -0.15), "!": (1.0, 0.0), "?": (1.0, 0.0),
    "'": (1.05, 0.7), '"': (1.05, 0.7), "(": (1.1, -0.2), ")": (1.1, -0.2), "[": (1.1, -0.15), "]": (1.1, -0.15),
    "{": (1.1, -0.2), "}": (1.1, -0.2), "-": (0.45, 0.35), "_": (-0.05, -0.15), "+": (0.65, 0.12), "=": (0.55, 0.22),
    "*": (0.95, 0.4), "<": (0.65, 0.1), ">": (0.65, 0.1), "/": (1.05, -0.1),
}  # fmt: skip
"""Top and bottom above the baseline, in capital heights, for characters that are neither capitals, digits nor plain
small letters; as printed hands place them."""

SPREAD_TOP, SPREAD_BOTTOM = 0.17, 0.15
"""Standard deviations of a hand's tops and bottoms, in capital heights."""

WORST = -5.0
"""Least log-likelihood of a misplaced box: a wild hand must not overrule a clear shape."""


ACCENT = 0.3
"""Height of an accent with its gap, in capital heights: above é, below ç."""

ABOVE, BELOW = (230, 232, 234), (202, 218, 220, 222)
"""Unicode's combining classes of accents over and under a letter."""


def place(char: str, x_height: float) -> tuple[float, float]:
    """Expected top and bottom of `char` above the baseline, in capital heights, for small letters of `x_height`.

    A letter of any script has a place: an accent goes on its letter's, and one without cases is as high as a capital.
    """
    parts = unicodedata.normalize("NFD", char)
    top, bottom = _bare_place(parts[0], x_height)
    classes = [unicodedata.combining(accent) for accent in parts[1:]]
    return top + ACCENT * any(k in ABOVE for k in classes), bottom - ACCENT * any(k in BELOW for k in classes)


def _bare_place(char: str, x_height: float) -> tuple[float, float]:
    if char in PLACES:
        return PLACES[char]
    if not char.islower():
        return 1.0, 0.0
    if char in ASCENDERS:
        return 1.05, 0.0
    return x_height, -0.42 if char in DESCENDERS else 0.0


@cache
def _place(char: str, x_height_percent: int) -> tuple[float, float]:
    return place(char, x_height_percent / 100)


def place_score(char: str, top: float, bottom: float, x_height: float) -> float:
    """Log-likelihood, up to a constant, of a box for `char`: Gaussian about its place, bounded below by WORST.

    Args:
        char: one character.
        top, bottom: of the box, above the baseline in capital heights.
        x_height: of the line, in capital heights.
    """
    expected_top, expected_bottom = _place(char, round(100 * x_height))
    off_top, off_bottom = (top - expected_top) / SPREAD_TOP, (bottom - expected_bottom) / SPREAD_BOTTOM
    return max(WORST, -0.5 * (off_top * off_top + off_bottom * off_bottom))


def unknown_x_height(x_height: float) -> bool:
    """Whether all letters of the line have one height, so that they may be all capitals or all small."""
    return math.isclose(x_height, 1.0, abs_tol=0.05)
