"""Numbers on command lines: checked, and refused with one sentence that says what was expected."""

import argparse
import math
from collections.abc import Callable


def bounded_float(expected: str, least: float, most: float = math.inf) -> Callable[[str], float]:
    """A `type` for argparse: a number from `least` to `most`; `expected` ends the sentence "expected ..."."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most or math.isinf(value):
            raise argparse.ArgumentTypeError(f"{text!r} will not do: expected {expected}")
        return value

    return parse


def positive_int(text: str) -> int:
    """A `type` for argparse: a whole number from 1 to 999,999."""
    if not (text.isascii() and text.isdecimal()) or not 0 < len(text) < 7 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} will not do: expected a whole number from 1 to 999999")
    return int(text)


FRAME_RATE = bounded_float("pictures a second, as 30", 0.01, 1000)
MINUTES = bounded_float("minutes, as 10", 0, 24 * 60)
SECONDS = bounded_float("seconds, as 120", 0.001, 86_400)
PERCENT = bounded_float("a percentage from 0 to 100", 0, 100)
POSITIVE = bounded_float("a number above 0", 1e-6)
LEARNING_RATE = bounded_float("a small number above 0, as 0.0003", 1e-9, 1)
