"""Measurements side by side: boards, backends or versions, with ratios and which differences are only noise."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_ocr.bench.figures import COVERAGE, FLOOR, RESAMPLES, Ratio, Rounds, compare
from edge_ocr.bench.record import FORMAT, Record, middle, rounds_ms
from edge_ocr.errors import BadData
from edge_ocr.stopwatch import STAGES

PAGE_ROWS = {"page_ms": "a page, ms", **{stage: f"  {stage}" for stage in STAGES}}

COLD_ROWS = {
    "process": "cold start, ms",
    "import": "  import",
    "load": "  load models",
    "first": "  first reading",
}

MEMORY_ROWS = {"peak": "memory at most, MB", "steady": "memory while reading, MB"}


@dataclass(frozen=True, slots=True)
class Side:
    """One backend of one measurement."""

    label: str
    record: Record
    backend: Record


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of every side."""

    name: str
    digits: int
    """After the point."""
    values: list[float | None]
    """None where a side does not know it."""
    ratios: list[Ratio | None]
    """To the first side; None for that one itself and where there is nothing to compare."""


def find_sides(records: dict[str, Record]) -> list[Side]:
    """Every backend of every record; the label is the record's key, and the backend's name where it has several.

    Raises:
        BadData: that is only one side.
    """
    sides = []
    for name, record in records.items():
        several = len(record["backends"]) > 1
        for backend in record["backends"]:
            label = backend["backend"] if len(records) == 1 else f"{name} {backend['backend']}" if several else name
            sides.append(Side(label, record, backend))
    if len(sides) < 2:
        raise BadData("one measurement of one backend has nothing beside it: name two files or more to compare")
    return sides


def labels(paths: list[str]) -> list[str]:
    """A short name for each file: its stem, its folder's name for a run.json, with a number where that is taken."""
    found: list[str] = []
    for path in map(Path, paths):
        name = path.absolute().parent.name if path.name == "run.json" else path.stem
        number = 2
        label = name
        while label in found:
            label, number = f"{name}-{number}", number + 1
        found.append(label)
    return found


def compare_sides(sides: list[Side]) -> list[Row]:
    """All figures that the first side has, beside those of the others."""
    rows = [_timed(sides, what, name) for what, name in PAGE_ROWS.items()]
    rows += [_network(sides, network) for network in sides[0].backend["networks"]]
    rows += [_of_starts(sides, "cold_start_ms", part, name) for part, name in COLD_ROWS.items()]
    rows += [_of_starts(sides, "memory_mb", part, name) for part, name in MEMORY_ROWS.items()]
    return [*rows, _errors(sides)]


def _row(
    name: str, digits: int, sides: list[Side], value: Callable[[Side], float | None], ratio: Callable[[Side], Any]
) -> Row:
    values = [value(side) for side in sides]
    known = [number is not None and values[0] is not None for number in values]
    return Row(
        name, digits, values, [None, *(ratio(s) if k else None for s, k in list(zip(sides, known, strict=True))[1:])]
    )


def _timed(sides: list[Side], what: str, name: str) -> Row:
    base = sides[0]

    def ratio(side: Side) -> Ratio | None:
        one, other = rounds_ms(base.backend, what), rounds_ms(side.backend, what)
        if not (np.median(one) and np.median(other)):
            return None  # A stage that neither needs, as the crops of an empty page.
        paired = side.record is base.record and one.shape == other.shape and bool(one.all())
        return compare(one, other, paired)

    return _row(name, 2, sides, lambda side: float(np.median(rounds_ms(side.backend, what))), ratio)


def _network(sides: list[Side], network: Record) -> Row:
    """A model alone; the others' at the same size."""
    keys = ("kind", "batch", "width", "threads")

    def same(side: Side) -> Record | None:
        fits = (other for other in side.backend["networks"] if all(other[key] == network[key] for key in keys))
        return next(fits, None)

    def value(side: Side) -> float | None:
        found = same(side)
        return None if found is None else float(found["call_ms"]["median"])

    def calls(side: Side) -> Rounds:
        return np.array([(same(side) or network)["calls_ms"]])

    def ratio(side: Side) -> Ratio:
        one, other = calls(sides[0]), calls(side)
        return compare(one, other, paired=side.record is sides[0].record and one.shape == other.shape)

    return _row(network_name(network), 3, sides, value, ratio)


def network_name(network: Record) -> str:
    """ "characters x32, 2 threads"."""
    threads = network["threads"]
    told = "its own threads" if threads is None else f"{threads} thread{'s' * (threads > 1)}"
    wide = f" of {network['width']} pixels" if network["kind"] == "lines" else ""
    return f"{network['kind']} x{network['batch']}{wide}, {told}"


def _of_starts(sides: list[Side], group: str, part: str, name: str) -> Row:
    def told(side: Side) -> list[float]:
        return [value for value in side.backend[group][part] if value is not None]

    return _row(
        name, 1, sides, lambda side: middle(side.backend[group][part]), lambda s: compare_few(told(sides[0]), told(s))
    )


def compare_few(base: list[float], other: list[float]) -> Ratio | None:
    """Of as few values as there are starts: they differ where their ranges do not touch, and by more than FLOOR.

    Of three and three equal ones, one pair in ten has ranges that do not touch.
    """
    if not (base and other and min(base) > 0 and min(other) > 0):
        return None
    value = float(np.median(other) / np.median(base))
    low, high = min(other) / max(base), max(other) / min(base)
    if min(len(base), len(other)) < 2:
        return Ratio(value, low, high, "unknown")
    apart = (low > 1 or high < 1) and max(value, 1 / value) >= 1 + FLOOR
    return Ratio(value, low, high, ("more" if value > 1 else "less") if apart else "noise")


def _errors(sides: list[Side]) -> Row:
    base = sides[0]

    def ratio(side: Side) -> Ratio | None:
        if side.record["data"]["sha256"] != base.record["data"]["sha256"]:
            return None
        return compare_errors(base.backend["accuracy"]["pages"], side.backend["accuracy"]["pages"])

    return _row("character errors, %", 2, sides, lambda side: 100 * float(side.backend["accuracy"]["loose_cer"]), ratio)


def compare_errors(base: list[Record], other: list[Record]) -> Ratio:
    """Of the same pages: a bootstrap that draws pages; half an edit is added to both, as there may be none at all."""
    edits = np.array([[page["loose"] for page in pages] for pages in (base, other)], np.float64)
    drawn = np.random.default_rng(0).integers(0, edits.shape[1], (RESAMPLES, edits.shape[1]))
    sums = edits[:, drawn].sum(axis=2) + 0.5
    low, high = np.percentile(sums[1] / sums[0], COVERAGE).tolist()
    value = float((edits[1].sum() + 0.5) / (edits[0].sum() + 0.5))
    return Ratio(value, low, high, "noise" if low <= 1 <= high else "more" if value > 1 else "less")


def caveats(sides: list[Side]) -> list[str]:
    """What else differs between the sides, which would explain a difference or forbid the comparison."""
    base, found = sides[0], []
    for side in sides[1:]:
        if side.record is base.record:
            continue
        if side.record["data"]["sha256"] != base.record["data"]["sha256"]:
            found.append(f"{side.label} read other pages than {base.label}: neither times nor errors compare")
        if [m["sha256"] for m in side.record["models"]] != [m["sha256"] for m in base.record["models"]]:
            found.append(f"{side.label} has other models than {base.label}")
        changed = [key for key in ("recogniser", "charset", "pattern", "language") if _setting(side, key, base)]
        if changed:
            found.append(f"{side.label} was measured with another {' and '.join(changed)} than {base.label}")
    return found


def _setting(side: Side, key: str, base: Side) -> bool:
    return bool(side.record["settings"].get(key) != base.record["settings"].get(key))


def as_dict(sides: list[Side], rows: list[Row]) -> Record:
    """The comparison in plain values."""
    return {
        "schema": "edge-ocr-bench-comparison",
        "format": FORMAT,
        "sides": [side.label for side in sides],
        "rows": [
            {
                "name": row.name.strip(),
                "values": row.values,
                "ratios": [ratio and asdict(ratio) for ratio in row.ratios],
            }
            for row in rows
        ],
        "caveats": caveats(sides),
    }
