"""What a caller asks of a reader: a value of another kind is refused in a sentence that names it."""

import math
import os
from numbers import Real
from types import NoneType

from edge_ocr.errors import EdgeOcrError

_FOLDER = ((str, os.PathLike, NoneType), "the folder of a bundle, or None for the bundled one")
_CHARACTERS = ((str, NoneType), "characters such as '0-9A-Z', or None for all")
_PATTERN = ((str, NoneType), "a regular expression such as r'[A-Z]{2} \\d{5}', or None")
_NAME = ((str,), "a name")
_NUMBER = ((Real,), "a number")

_EXPECTED = {
    "model": _FOLDER, "tuned": _FOLDER, "charset": _CHARACTERS, "pattern": _PATTERN, "pattern_in": _PATTERN,
    "recogniser": _NAME, "language": _NAME, "backend": _NAME, "find": _NAME,
    "min_confidence": _NUMBER, "max_seconds": _NUMBER,
    "turn": ((Real, NoneType), "degrees clockwise, such as 90, or None to find out"),
}  # fmt: skip
"""The kinds of value that each wish may be, and what is expected."""


def check_kinds(**wishes: object) -> None:
    """Raise EdgeOcrError for the first wish that is of another kind than its name says, or a turn that is no angle."""
    for name, value in wishes.items():
        kinds, expected = _EXPECTED[name]
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise EdgeOcrError(f"{name} is {value!r}: expected {expected}")
        if name == "turn" and isinstance(value, Real) and not math.isfinite(value):
            raise EdgeOcrError(f"{name} is {value!r}: expected {expected}")
