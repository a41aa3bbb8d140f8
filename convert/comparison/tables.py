"""The tables of a comparison, for the terminal and for docs/figures.md, losses like wins."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.comparison.results import Result, SetResult
from convert.comparison.roster import CHARACTERS, LINE_MODE, SPARSE
from convert.spread import Spread
from convert.templates import percent, table

ABOUT_OTHERS = (
    f"Tesseract reads English, with its default (psm 3) and with the mode in which it errs least here (psm {SPARSE}; "
    f"words psm {LINE_MODE['word']}, lines psm {LINE_MODE['line']}). It is a program, started anew for each picture; "
    "an empty picture shows what that costs. RapidOCR has PP-OCRv6 small, with its defaults and in a faster setting: "
    "larger pictures reduced to 736 pixels, no direction classifier. PP-OCRv6 tiny is the smallest of the same family. "
    "Words and lines are read by the recognisers of both alone."
)


@dataclass(frozen=True, slots=True)
class Column:
    """A figure; less is better."""

    title: str
    value: Callable[[Result], float | None]
    show: Callable[[float], str]
    counts: bool = True
    """Whether it has a winner."""


COLUMNS = (
    Column("strict CER", lambda reader: reader.strict, percent),
    Column("loose CER", lambda reader: reader.loose, percent),
    Column("processor, ms", lambda reader: Spread.of(reader.cpu_ms).median if reader.cpu_ms else None, "{:.1f}".format),
    Column("empty, ms", lambda reader: reader.empty_ms, "{:.1f}".format, counts=False),
    Column("memory, MB", lambda reader: reader.peak_mb, "{:.0f}".format),
    Column("models, MB", lambda reader: reader.model_mb, "{:.2f}".format),
)
"""The figures of each reader on each set."""

DASH = "—"
"""For what was not measured, or cannot be compared since the reader failed on a picture."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All sets of a run, and facts about the run."""

    date: str
    command: str
    cpu: str
    finished: bool
    sets: list[SetResult]
    models: dict[str, str]
    """Kind -> sha256 of our models."""

    @property
    def shown(self) -> list[SetResult]:
        """All sets but the note, which is one more sample page."""
        return [row for row in self.sets if row.key != "note"] or self.sets

    @property
    def failures(self) -> list[str]:
        """A sentence for each picture on which a reader failed."""
        return [sentence for row in self.sets for reader in row.readers for sentence in reader.failures]

    @property
    def absent(self) -> list[str]:
        """Absent readers, and how to install them."""
        found = {reader.name: reader.absent for row in self.sets for reader in row.readers if reader.absent}
        return [f"{name} is {cure}" for name, cure in found.items()]

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "date": self.date, "command": self.command, "cpu": self.cpu, "finished": self.finished,
            "models": self.models, "sets": [row.as_json() for row in self.sets],
        }  # fmt: skip


def cells(reader: Result) -> list[str]:
    """A reader's figures as text; dashes if it is absent or failed on a picture."""
    if not reader.complete:
        return ["absent" if reader.absent else DASH, *[DASH] * (len(COLUMNS) - 1)]
    values = [(column, column.value(reader)) for column in COLUMNS]
    return [DASH if value is None else column.show(value) for column, value in values]


def winners(result: SetResult, column: Column) -> set[str]:
    """Names of the readers with the best figure of a set, as shown; none if there is only one family."""
    values = {reader.name: column.value(reader) for reader in result.readers if reader.complete}
    known = {name: value for name, value in values.items() if value is not None}
    if not column.counts or len({family(name) for name in known}) < 2:
        return set()
    best = column.show(min(known.values()))
    return {name for name, value in known.items() if column.show(value) == best}


def family(name: str) -> str:
    """The project: the part of the name before the comma."""
    return name.partition(",")[0]


def rows(result: SetResult, mark: str) -> list[tuple[str, ...]]:
    """A set's table, names before figures; the best figures are between two `mark`s."""
    best = [winners(result, column) for column in COLUMNS]
    found = []
    for reader in result.readers:
        pairs = zip(cells(reader), best, strict=True)
        found.append(
            (reader.label, *(f"{mark}{cell}{mark}" if reader.name in names else cell for cell, names in pairs))
        )
    return found


def heading(result: SetResult) -> str:
    """A set's title and how much of it was read."""
    count = f"{result.pictures} picture{'s' * (result.pictures != 1)}"
    return f"{result.title}, {count}{'' if result.finished else ', interrupted'}"


def tally(sets: list[SetResult]) -> str:
    """Who has how many best figures; a tie counts for all who share it."""
    won = [{family(name) for name in winners(result, column)} for result in sets for column in COLUMNS]
    count = sum(map(bool, won))
    if not count:
        return "There is no other reader to compare with."
    taking_part = {family(reader.name) for result in sets for reader in result.readers if reader.complete}
    score = {name: sum(name in names for names in won) for name in taking_part}
    ranked = sorted(score.items(), key=lambda entry: (-entry[1], entry[0]))
    shares = ", ".join(f"{name} in {number}" for name, number in ranked)
    return f"Best in {count} figures: {shares}; ties count for each."


def text_tables(comparison: Comparison) -> str:
    """For the terminal."""
    parts = []
    for result in comparison.sets:
        lines = [("", *(column.title for column in COLUMNS)), *rows(result, "*")]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        padded = ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines]
        parts.append("\n".join([heading(result), *padded]))
    notes = [f"{tally(comparison.shown)} The best are between stars.", *comparison.absent, *comparison.failures]
    return "\n\n".join([*parts, "\n".join(notes)])


def wrapped(text: str) -> str:
    """A paragraph in lines of 120 characters."""
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def markdown(comparison: Comparison, picture: Path) -> str:
    """The section of docs/figures.md; `picture` is the plot's path from there."""
    titles = ("", *(column.title for column in COLUMNS))
    tables = [f"**{heading(result)}**\n\n{table(titles, rows(result, '**'))}" for result in comparison.shown]
    opening = (
        f"Measured on {comparison.date} by `{comparison.command}` on {comparison.cpu}: one thread each, taking turns "
        "picture by picture. Less is better; the best of each column is bold. " + tally(comparison.shown)
    )
    closing = (
        "CER is the character error rate. Strict: case, punctuation and spaces count. Loose: letters and digits only, "
        f"without their case. Times are for one picture. `{CHARACTERS}` is our reader without the line model. "
        f"{ABOUT_OTHERS} [compare.md](compare.md) says how the comparison is kept fair and how to run it."
    )
    notes = "\n".join(f"- {sentence}" for sentence in (*comparison.absent, *comparison.failures))
    plot = f"![Errors over processor time, a panel a set]({picture.as_posix()})"
    return "\n\n".join(filter(None, [wrapped(opening), *map(str.strip, tables), wrapped(closing), notes, plot]))
