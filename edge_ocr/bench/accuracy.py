"""Error rates of readings, without the workstation's libraries; what strict and loose mean, here and there."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Errors:
    """Edits that turn a reading into its truth, and the truth's characters."""

    loose: int
    """Edits if only letters and digits count, without their case, the page as one string."""
    loose_length: int
    strict: int
    """Edits if case and punctuation count, and any run of white space is one space."""
    strict_length: int


def count_errors(truth: str, reading: str) -> Errors:
    """Of one page's text."""
    loose, strict = (loose_text(truth), loose_text(reading)), (strict_text(truth), strict_text(reading))
    return Errors(edit_distance(*loose), len(loose[0]), edit_distance(*strict), len(strict[0]))


def error_rate(edits: int, length: int) -> float:
    """Character error rate; if the truth is empty, 0 if nothing was read either, else 1."""
    return edits / length if length else float(edits > 0)


def loose_text(text: str) -> str:
    """Letters and digits only, case folded, the whole page as one string."""
    return "".join(char for char in text if char.isalnum()).casefold()


def strict_text(text: str) -> str:
    """Any run of spaces or line breaks as one space."""
    return re.sub(r"\s+", " ", text).strip()


def edit_distance(one: str, other: str) -> int:
    """Characters to insert, delete or replace (Levenshtein, 1966), by Wagner and Fischer's rows."""
    row = list(range(len(other) + 1))
    for number, char in enumerate(one, 1):
        corner, row[0] = row[0], number
        for k, wanted in enumerate(other, 1):
            corner, row[k] = row[k], min(row[k] + 1, row[k - 1] + 1, corner + (char != wanted))
    return row[-1]
