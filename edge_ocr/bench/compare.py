"""Measurements side by side: boards, backends or versions, with ratios, and which differences are only noise."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from edge_ocr.bench.figures import COVERAGE, FLOOR, RESAMPLES, Ratio, Rounds, compare, middle, rounds_ms
from edge_ocr.bench.record import FORMAT, Record
from edge_ocr.errors import BadData
from edge_ocr.stopwatch import STAGES

PAGE_ROWS = {"page_ms": "a page, ms", **{stage: f"  {stage}" for stage in STAGES}}

COLD_ROWS = {
    "process": "cold start, ms",
    "import": "  import",
    "load": "  load models",
    "first": "  first reading",
}

SETTINGS = (
    "recogniser", "charset", "pattern", "pattern_in", "min_confidence", "max_seconds", "language", "find", "turn",
)  # fmt: skip
"""Options that change what is read: a comparison mentions them if they differ."""

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
    """None if a side does not know it."""
    ratios: list[Ratio | None]
    """To the first side; None for the first side itself, and if there is nothing to compare."""


def find_sides(records: dict[str, Record]) -> list[Side]:
    """Every backend of every record; the label is the record's key, and the backend's name if it has several.

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
        raise BadData("there is only one measurement of one backend: name two or more files to compare")
    return sides


def labels(paths: list[str]) -> list[str]:
    """A short name for each file: its stem, or its folder's name for a run.json, with a number if that is taken."""
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
    """All figures of the first side, beside those of the others."""
    rows = [_timed(sides, what, name) for what, name in PAGE_ROWS.items()]
    rows += [_network(sides, network) for network in sides[0].backend["networks"]]
    rows += [_of_starts(sides, "cold_start_ms", part, name) for part, name in COLD_ROWS.items()]
    rows += [_of_starts(sides, "memory_mb", part, name) for part, name in MEMORY_ROWS.items()]
    return [*rows, _errors(sides)]


def _timed(sides: list[Side], what: str, name: str) -> Row:
    """A page or one of its stages."""
    rounds = [rounds_ms(side.backend, what) for side in sides]
    medians = [float(np.median(times)) for times in rounds]
    ratios: list[Ratio | None] = [None]
    for side, times in zip(sides[1:], rounds[1:], strict=True):
        ratios.append(_ratio_of_rounds(rounds[0], times, of_one_run=side.record is sides[0].record))
    return Row(name, 2, list(medians), ratios)


def _ratio_of_rounds(base: Rounds, other: Rounds, of_one_run: bool) -> Ratio | None:
    """None for a stage that one side does not need, such as the crops of an empty page."""
    if not (np.median(base) and np.median(other)):
        return None
    return compare(base, other, paired=of_one_run and base.shape == other.shape and bool(base.all()))


def _network(sides: list[Side], network: Record) -> Row:
    """Calls of a model; the others' at the same size."""
    values: list[float | None] = []
    ratios: list[Ratio | None] = []
    base = np.array([network["calls_ms"]])
    for side in sides:
        found = _same_network(side, network)
        values.append(None if found is None else float(found["call_ms"]["median"]))
        if side is sides[0] or found is None:
            ratios.append(None)
            continue
        calls = np.array([found["calls_ms"]])
        ratios.append(compare(base, calls, paired=side.record is sides[0].record and base.shape == calls.shape))
    return Row(network_name(network), 3, values, ratios)


def _same_network(side: Side, network: Record) -> Record | None:
    """The side's network of the same kind, at the same size and on as many threads."""
    for other in side.backend["networks"]:
        if all(other[key] == network[key] for key in ("kind", "batch", "width", "threads")):
            return dict(other)
    return None


def network_name(network: Record) -> str:
    """ "characters x32, 2 threads"."""
    threads = network["threads"]
    run_on = "its own threads" if threads is None else f"{threads} thread{'s' * (threads > 1)}"
    wide = f" of {network['width']} pixels" if network["kind"] == "lines" else ""
    return f"{network['kind']} x{network['batch']}{wide}, {run_on}"


def _of_starts(sides: list[Side], group: str, part: str, name: str) -> Row:
    """Figures with one value a start: cold starts and memory."""
    known = [[value for value in side.backend[group][part] if value is not None] for side in sides]
    ratios = [None, *(compare_few(known[0], other) for other in known[1:])]
    return Row(name, 1, [middle(values) for values in known], ratios)


def compare_few(base: list[float], other: list[float]) -> Ratio | None:
    """Of the few values of the starts: they differ if their ranges do not overlap, and by more than FLOOR.

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
    """Character errors; compared if both read the same pages."""
    values = [100 * float(side.backend["accuracy"]["loose_cer"]) for side in sides]
    ratios = [None, *(_ratio_of_errors(sides[0], side) for side in sides[1:])]
    return Row("character errors, %", 2, list(values), ratios)


def _ratio_of_errors(base: Side, other: Side) -> Ratio | None:
    pages = [side.backend["accuracy"]["pages"] for side in (base, other)]
    if base.record["data"]["sha256"] != other.record["data"]["sha256"] or len(pages[0]) != len(pages[1]):
        return None
    return compare_errors(*pages)


def compare_errors(base: list[Record], other: list[Record]) -> Ratio:
    """Of the same pages: a bootstrap that draws pages; half an edit is added to both, as there may be none."""
    edits = np.array([[page["loose"] for page in pages] for pages in (base, other)], np.float64)
    drawn = np.random.default_rng(0).integers(0, edits.shape[1], (RESAMPLES, edits.shape[1]))
    sums = edits[:, drawn].sum(axis=2) + 0.5
    low, high = np.percentile(sums[1] / sums[0], COVERAGE).tolist()
    value = float((edits[1].sum() + 0.5) / (edits[0].sum() + 0.5))
    return Ratio(value, low, high, "noise" if low <= 1 <= high else "more" if value > 1 else "less")


def caveats(sides: list[Side]) -> list[str]:
    """What else differs between the sides, and explains a difference or forbids the comparison."""
    base, found = sides[0], []
    for side in sides[1:]:
        if side.record is base.record:
            continue
        if side.record["data"]["sha256"] != base.record["data"]["sha256"]:
            found.append(f"{side.label} read other pages than {base.label}: neither times nor errors compare")
        if [m["sha256"] for m in side.record["models"]] != [m["sha256"] for m in base.record["models"]]:
            found.append(f"{side.label} has other models than {base.label}")
        changed = [key for key in SETTINGS if _setting(side, key, base)]
        if changed:
            found.append(f"{side.label} was measured with another {' and '.join(changed)} than {base.label}")
        tuned = [one for one in (base, side) if one.record["settings"].get("tuned")]
        if len(tuned) == 1:
            found.append(f"{tuned[0].label} read with a tuned model, the other one did not")
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
