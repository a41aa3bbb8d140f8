"""Tables as CSV, which people open in spreadsheets: no cell that somebody else wrote becomes a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet takes for a formula."""

NUMBER = re.compile(r"[-+]?[\d., ]*%?")
"""What it takes for a number, or leaves alone: -5, +49 30 1234, a dash."""


def to_rows(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV (RFC 4180, but with bare newlines), their texts guarded."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(map(guarded, row) for row in rows)
    return out.getvalue()


def guarded(cell: object) -> object:
    """A text that would be a formula gets an apostrophe in front, which spreadsheets take for "this is text"."""
    is_formula = isinstance(cell, str) and cell.startswith(FORMULA) and not NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell
