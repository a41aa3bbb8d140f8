"""Filled forms as CSV, JSON or a table for people: a row for each photograph, a column for each field."""

import json
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from edge_ocr.forms.answers import FilledForm
from edge_ocr.forms.form import Form
from edge_ocr.spreadsheet import to_rows

MARK = "?"
"""Behind what a person should look at, in the table."""

EMPTY = "-"
"""Where nothing stands, in the table."""


def to_row(filled: FilledForm) -> str:
    """A row of CSV (RFC 4180, but with a bare newline): the photograph, its answers, the names of doubtful fields."""
    doubtful = "; ".join(answer.name for answer in filled.doubtful)
    return _row([filled.name, *(answer.text for answer in filled.answers), doubtful])


def heading(form: Form) -> str:
    """The first row of the CSV."""
    return _row(["picture", *(field.name for field in form.fields), "doubtful"])


def to_line(filled: FilledForm) -> str:
    """An object of JSON on one line."""
    return json.dumps(filled.to_dict(), ensure_ascii=False)


def to_table(forms: Sequence[FilledForm]) -> str:
    """A table for a terminal, what is doubtful marked with `?`; "" for no forms."""
    if not forms:
        return ""
    rows = [["picture", *(answer.name for answer in forms[0].answers)]]
    for filled in forms:
        marked = [(answer.text or EMPTY) + MARK * bool(answer.doubt) for answer in filled.answers]
        rows.append([Path(filled.name).name, *marked])
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(_padded, row, widths)).rstrip() for row in rows)


FLOWS: dict[str, Callable[[FilledForm], str]] = {"csv": to_row, "json": to_line}
"""The formats that come photograph by photograph; the table comes at the end."""

FORMATS = ("text", *FLOWS)


def _row(cells: Sequence[str]) -> str:
    return to_rows([cells]).removesuffix("\n")


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns of a terminal."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
