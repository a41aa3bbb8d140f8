"""`python -m convert readme`: the README's comparison, five rows from docs/compare/compare.json."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.comparison.roster import QUICK, SPARSE, TINY
from convert.evaluation.sections import README, fill_section
from convert.templates import percent, table
from edge_ocr.arguments import Parser
from edge_ocr.errors import BadData
from edge_ocr.output import note

REPORT = Path("docs/compare/compare.json")

PAGE_READERS = ("edge-ocr", TINY, QUICK, f"Tesseract, psm {SPARSE}")
"""Of each family the setting that errs least on photographed pages."""

DASH = "—"
"""For what was not measured."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the four readers; less is better."""

    title: str
    pictures: str
    """Key of a set in compare.json."""
    readers: tuple[str, ...]
    figure: Callable[[dict[str, Any]], float | None]
    show: Callable[[float], str]


ROWS = (
    Row("photographed pages, wrong characters", "photographs", PAGE_READERS, lambda r: r["loose"], percent),
    Row("notes, forms and cards, wrong characters", "cases", PAGE_READERS, lambda r: r["loose"], percent),
    Row("processor time of a page", "photographs", PAGE_READERS, lambda r: r["cpu_ms"]["median"], "{:.0f} ms".format),
    Row("memory", "photographs", PAGE_READERS, lambda r: r["peak_mb"], "{:.0f} MB".format),
    Row("models on disk", "photographs", PAGE_READERS, lambda r: r["model_mb"], "{:.1f} MB".format),
)


def summary(report: dict[str, Any]) -> str:
    """The table in Markdown, from what `compare` stored. Raises BadData when it holds other fields."""
    try:
        sets = {row["key"]: {reader["name"]: reader for reader in row["readers"]} for row in report["sets"]}
        families = [_family(name, sets) for name in PAGE_READERS]
        rows = [(row.title, *_cells(row, sets)) for row in ROWS]
        measured = f"Measured on {report['date']} on {report['cpu']}, one thread each, by `{report['command']}`."
    except (KeyError, TypeError) as error:
        raise BadData(f"{REPORT} is no report of this version ({error}): run `python -m convert compare`") from error
    return f"{table(('', *families), rows)}\n{measured}"


def _family(name: str, sets: dict[str, dict[str, Any]]) -> str:
    """A reader's name without its settings, with its version."""
    found = sets.get("photographs", {}).get(name, {"version": ""})
    return f"{name.partition(',')[0]} {found['version']}".rstrip()


def _cells(row: Row, sets: dict[str, dict[str, Any]]) -> list[str]:
    """The readers' figures as text, the best of them bold."""
    readers = [sets.get(row.pictures, {}).get(name) for name in row.readers]
    values = [row.figure(reader) if reader and reader["complete"] else None for reader in readers]
    shown = [DASH if value is None else row.show(value) for value in values]
    known = [value for value in values if value is not None]
    best = row.show(min(known)) if len(known) > 1 else None
    return [f"**{cell}**" if cell == best else cell for cell in shown]


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert readme",
        description=f"Write the README's comparison from {REPORT}, which `python -m convert compare` made.",
    )
    parser.parse_args(argv)
    if not REPORT.is_file():
        raise BadData(f"{REPORT} is missing: run `python -m convert compare` in the checkout")
    if not fill_section(README, "compare", summary(json.loads(REPORT.read_text(encoding="utf-8")))):
        raise BadData(f"{README} lacks the lines <!-- compare --> and <!-- /compare --> for the table: add them")
    note(f"{README}: the comparison is written")
    return 0
