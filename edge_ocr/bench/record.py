"""A measurement as one JSON object, versioned, from which tables, reports and comparisons are made.

docs/benchmark.md describes every field.
"""

import json
import time
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import edge_ocr
from edge_ocr.bench.accuracy import Errors, count_errors, error_rate
from edge_ocr.bench.check import check_record
from edge_ocr.bench.conditions import Conditions
from edge_ocr.bench.figures import Figures
from edge_ocr.bench.measure import Measurement, Plan, Taken
from edge_ocr.bench.samples import Samples
from edge_ocr.bench.sustained import as_dict
from edge_ocr.board import find_board
from edge_ocr.errors import BadData
from edge_ocr.model.choice import find_bundles
from edge_ocr.stopwatch import STAGES

SCHEMA = "edge-ocr-bench"
"""The field "schema", which distinguishes a measurement from other files."""

FORMAT = 1
"""Of the record. It increases if a field is renamed, removed or changes its meaning, not for new fields."""

PACKAGES = ("numpy", "opencv-python-headless")

Record = dict[str, Any]


def make_record(
    plan: Plan, measurement: Measurement, before: Conditions, after: Conditions, others_cores: float | None
) -> Record:
    """A measurement in plain values; times in milliseconds, memory in 10^6 bytes."""
    found = find_bundles(plan.options["model"], plan.options["recogniser"], plan.options["tuned"])
    starts = len(measurement.taken[0].starts)
    return {
        "schema": SCHEMA,
        "format": FORMAT,
        "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "edge_ocr": edge_ocr.__version__,
        "packages": {name: _version(name) for name in PACKAGES},
        "board": asdict(find_board()),
        "conditions": {"before": asdict(before), "after": asdict(after), "others_cores": others_cores},
        "settings": {**plan.options, "starts": starts, "rounds": plan.rounds, "minutes": plan.minutes},
        "models": [
            {"kind": bundle.kind, "name": bundle.name, "version": bundle.version, "sha256": bundle.sha256}
            for bundle in found
            if bundle
        ],
        "data": _data(plan.samples, measurement.taken[0]),
        "backends": [_backend(taken, plan.samples) for taken in measurement.taken],
        "absent": measurement.absent,
        "sustained": as_dict(measurement.sustained) if measurement.sustained else None,
        "interrupted": measurement.interrupted,
        "reference": None,
    }


def _data(samples: Samples, taken: Taken) -> Record:
    sizes = {row["page"]: (row["width"], row["height"]) for row in taken.readings}
    pages = [
        {"name": path.name, "width": sizes[k][0], "height": sizes[k][1], "characters": len(samples.truths[k])}
        for k, path in enumerate(samples.pictures)
    ]
    return {"name": samples.name, "sha256": samples.digest(), "pages": pages}


def _backend(taken: Taken, samples: Samples) -> Record:
    totals = [row["total_s"] for row in taken.readings]
    return {
        "backend": taken.backend,
        "version": taken.version,
        "page_ms": asdict(_milliseconds(totals)),
        "processor_ms": asdict(_milliseconds([row["processor_s"] for row in taken.readings])),
        "slowest": _slowest(taken, samples),
        "pages_per_second": round(len(totals) / sum(totals), 4),
        "stages_ms": {stage: asdict(_milliseconds([row["laps"][stage] for row in taken.readings])) for stage in STAGES},
        "readings": _columns(taken),
        "networks": [_network(network) for network in taken.networks],
        "cold_start_ms": {
            part: [round(1e3 * start[f"{part}_s"], 3) for start in taken.starts]
            for part in ("process", "import", "load", "first")
        },
        "memory_mb": {
            part: [None if start[f"{part}_mb"] is None else round(start[f"{part}_mb"], 2) for start in taken.starts]
            for part in ("peak", "steady")
        },
        "accuracy": _accuracy(taken, samples),
    }


def _slowest(taken: Taken, samples: Samples) -> Record:
    """The page that takes most of the processor in the median of its readings."""
    times: dict[int, list[float]] = {}
    for row in taken.readings:
        times.setdefault(row["page"], []).append(1e3 * row["processor_s"])
    page = max(times, key=lambda page: median(times[page]))
    return {"name": samples.pictures[page].name, "processor_ms": round(median(times[page]), 4)}


def _columns(taken: Taken) -> Record:
    """Every reading: its start, round, page and times."""
    rows = taken.readings
    times = {stage: [round(1e3 * row["laps"][stage], 4) for row in rows] for stage in STAGES}
    whole = [round(1e3 * row["total_s"], 4) for row in rows]
    return {**{key: [row[key] for row in rows] for key in ("start", "round", "page")}, "page_ms": whole, **times}


def _network(network: Record) -> Record:
    facts = {key: network[key] for key in ("kind", "batch", "width", "threads")}
    times = [round(1e3 * seconds, 5) for seconds in network["seconds"]]
    return {**facts, "call_ms": asdict(Figures.of(times)), "calls_ms": times}


def _accuracy(taken: Taken, samples: Samples) -> Record:
    """Error rates of the last readings, and the pages that were not read the same every time."""
    texts: dict[int, set[str]] = {}
    for row in taken.readings:
        texts.setdefault(row["page"], set()).add(row["text"])
    last = {row["page"]: row["text"] for row in taken.readings}
    errors = [count_errors(truth, last[page]) for page, truth in enumerate(samples.truths)]
    loose, strict = _rates(errors)
    return {
        "loose_cer": round(loose, 5),
        "strict_cer": round(strict, 5),
        "pages": [asdict(error) for error in errors],
        "partial": sorted({samples.pictures[row["page"]].name for row in taken.readings if row["partial"]}),
        "unsteady": [samples.pictures[page].name for page, seen in sorted(texts.items()) if len(seen) > 1],
    }


def _rates(errors: list[Errors]) -> tuple[float, float]:
    loose = error_rate(sum(e.loose for e in errors), sum(e.loose_length for e in errors))
    return loose, error_rate(sum(e.strict for e in errors), sum(e.strict_length for e in errors))


def _milliseconds(seconds: list[float]) -> Figures:
    return Figures.of(1e3 * value for value in seconds)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:  # Debian's own OpenCV has another name.
        return None


def load_record(path: str | Path) -> Record:
    """Read a record that `edge-ocr bench --json` or `--save` wrote.

    Raises:
        BadData: the file is missing, no JSON, no record, of another format, or broken.
    """
    cure = "expected what `edge-ocr bench --json` prints"
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadData(f"{path} cannot be read ({error.strerror}): {cure}") from error
    except (ValueError, RecursionError) as error:
        raise BadData(f"{path} is not JSON ({error}): {cure}") from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise BadData(f"{path} holds no measurement: {cure}")
    if record.get("format") != FORMAT:
        raise BadData(
            f"{path} has format {record.get('format')!r} but this edge-ocr reads {FORMAT}: "
            "measure anew, or compare with the edge-ocr that made it"
        )
    try:
        check_record(record)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        why = f"{type(error).__name__}: {error}"
        raise BadData(f"{path} is broken or was edited ({why}): {cure}") from error
    return record
