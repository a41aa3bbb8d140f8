"""`edge-ocr bench`: how well and how fast this board reads, and comparisons of measurements."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from edge_ocr.bench.compare import as_dict, compare_sides, find_sides, labels
from edge_ocr.bench.conditions import Bystanders, look
from edge_ocr.bench.limits import check_pages, missed_limits, reference_sides
from edge_ocr.bench.measure import Plan, measure
from edge_ocr.bench.record import Record, load_record, make_record
from edge_ocr.bench.samples import Samples, find_samples
from edge_ocr.bench.tables import comparison_table, record_table
from edge_ocr.errors import CannotWrite, ExitCode, LimitMissed
from edge_ocr.folders import make_folder
from edge_ocr.output import note, say


@dataclass(frozen=True, slots=True)
class Task:
    """What to measure, what to compare it with, and where to keep it."""

    plan: Plan
    reference: Record | None
    folder: Path | None


def run(options: argparse.Namespace) -> int:
    """Measure, or compare measurements. Returns 0; 130 if Ctrl-C ended it early and something was kept.

    Raises:
        EdgeOcrError: nothing could be measured, stored or compared, or a limit was missed.
    """
    if options.action == "compare":
        return _compare(options)
    task = _prepare(options)
    record = _measure(task.plan)
    _hand_out(record, task, options.json)
    limits = options.min_accuracy, options.max_rss, task.reference, options.max_slowdown
    if missed := missed_limits(record, *limits):
        raise LimitMissed("; ".join(missed))
    ended_early = record["interrupted"] or (record["sustained"] and record["sustained"]["interrupted"])
    return ExitCode.INTERRUPTED if ended_early else 0


def _prepare(options: argparse.Namespace) -> Task:
    """Refuse here, before minutes are spent, whatever can be refused."""
    if options.max_slowdown is not None and options.reference is None:
        options.usage_error("--max-slowdown needs --reference RUN.json, an earlier measurement to compare with")
    samples = find_samples(options.data)
    if samples.without_text:
        note(f"{samples.without_text} pictures in {options.data} are not in its truth.json and are not read")
    reference = None if options.reference is None else load_record(options.reference)
    if reference is not None:
        check_pages(reference, samples.digest())
    folder = None if options.save is None else make_folder(Path(options.save))
    return Task(_plan(options, samples, reference), reference, folder)


def _plan(options: argparse.Namespace, samples: Samples, reference: Record | None) -> Plan:
    reading = {
        "model": _absolute(options.model),
        "tuned": _absolute(options.tuned),
        "recogniser": options.recogniser,
        "charset": options.charset,
        "pattern": options.pattern,
        "pattern_in": options.pattern_in,
        "min_confidence": options.min_confidence,
        "max_seconds": options.max_seconds,
        "language": options.language,
        "find": options.find,
        "turn": None if options.turn == "auto" else float(options.turn),
    }
    referred = None if reference is None else frozenset(backend["backend"] for backend in reference["backends"])
    return Plan(samples, reading, options.backends, options.starts, options.rounds, options.minutes, referred)


def _absolute(folder: str | None) -> str | None:
    """For the reading processes, which run in another folder."""
    return None if folder is None else str(Path(folder).absolute())


def _measure(plan: Plan) -> Record:
    before, bystanders = look(), Bystanders()
    measurement = measure(plan)
    return make_record(plan, measurement, before, look(), bystanders.cores())


def _hand_out(record: Record, task: Task, as_json: bool) -> None:
    """Write to the folder and to stdout: if one fails, the other must still get everything."""
    pairs = reference_sides(record, task.reference) if task.reference is not None else []
    compared = [(list(sides), compare_sides(list(sides))) for sides in pairs]
    record["reference"] = [as_dict(sides, rows) for sides, rows in compared] or None
    try:
        if task.folder is not None:
            _save(task.folder, record)
    finally:
        if as_json:
            say(json.dumps(record, ensure_ascii=False))
        else:
            say("\n\n".join([record_table(record), *(comparison_table(sides, rows) for sides, rows in compared)]))


def _compare(options: argparse.Namespace) -> int:
    records = dict(zip(labels(options.runs), map(load_record, options.runs), strict=True))
    sides = find_sides(records)
    rows = compare_sides(sides)
    say(json.dumps(as_dict(sides, rows), ensure_ascii=False) if options.json else comparison_table(sides, rows))
    return 0


def _save(folder: Path, record: Record) -> None:
    """run.json; what cannot be finished is removed again."""
    target = folder / "run.json"
    try:
        target.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        if target.is_file():
            target.unlink(missing_ok=True)
        why = error.strerror
        raise CannotWrite(f"{target} cannot be written ({why}): make room or choose another folder") from error
    note(f"the figures are in {target}: `python -m convert bench-report {target}` on a workstation draws them")
