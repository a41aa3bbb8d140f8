"""`edge-ocr bench`: how well and how fast this board reads, and measurements beside each other."""

import argparse
import json
import os
from pathlib import Path

from edge_ocr.bench.compare import as_dict, compare_sides, find_sides, labels
from edge_ocr.bench.conditions import Bystanders, look
from edge_ocr.bench.limits import missed_limits, reference_sides
from edge_ocr.bench.measure import Plan, measure
from edge_ocr.bench.record import Record, load_record, make_record
from edge_ocr.bench.report import render
from edge_ocr.bench.samples import find_samples
from edge_ocr.bench.tables import comparison_table, record_table
from edge_ocr.cli import INTERRUPTED, note, say
from edge_ocr.errors import CannotWrite, LimitMissed


def run(options: argparse.Namespace) -> int:
    """Measure, or compare what was measured. Returns 0; 130 when Ctrl-C ended a sustained run early.

    Raises:
        EdgeOcrError: nothing could be measured, stored or compared, or a limit was missed.
    """
    if options.action == "compare":
        return _compare(options)
    if options.max_slowdown is not None and options.reference is None:
        options.usage_error("--max-slowdown needs --reference RUN.json, an earlier measurement to compare with")
    plan = _plan(options)
    reference = load_record(options.reference) if options.reference else None
    folder = _writable(options.save) if options.save else None
    record = _measure(plan)
    try:
        if folder is not None:
            _save(folder, record)
    finally:  # A full disk must not cost the table, nor a closed stdout the report.
        say(json.dumps(record, ensure_ascii=False) if options.json else record_table(record))
    if reference is not None and not options.json:
        for sides in reference_sides(record, reference):
            say("\n" + comparison_table(list(sides), compare_sides(list(sides))))
    if missed := missed_limits(record, options.min_accuracy, options.max_rss, reference, options.max_slowdown):
        raise LimitMissed("; ".join(missed))
    return INTERRUPTED if record["sustained"] and record["sustained"]["interrupted"] else 0


def _plan(options: argparse.Namespace) -> Plan:
    samples = find_samples(options.data)
    if samples.untold:
        note(f"{samples.untold} pictures in {options.data} are not in its truth.json and are not read")
    reading = {
        "model": str(Path(options.model).absolute()) if options.model else None,
        "recogniser": options.recogniser,
        "charset": options.charset,
        "pattern": options.pattern,
        "language": options.language,
    }
    return Plan(samples, reading, options.backends, options.starts, options.rounds, options.minutes)


def _measure(plan: Plan) -> Record:
    before, bystanders = look(), Bystanders()
    measurement = measure(plan)
    return make_record(plan, measurement, before, look(), bystanders.cores())


def _compare(options: argparse.Namespace) -> int:
    records = dict(zip(labels(options.runs), map(load_record, options.runs), strict=True))
    sides = find_sides(records)
    rows = compare_sides(sides)
    say(json.dumps(as_dict(sides, rows), ensure_ascii=False) if options.json else comparison_table(sides, rows))
    return 0


def _writable(name: str) -> Path:
    """The folder for the report, made if need be, before minutes are spent on what goes into it."""
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be made ({error.strerror}): choose another folder to save in") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWrite(f"{folder} is not writable: choose another folder to save in")
    return folder


def _save(folder: Path, record: Record) -> None:
    """run.json and report.html; what could not be finished is taken away again."""
    files = {"run.json": json.dumps(record, ensure_ascii=False, indent=1) + "\n", "report.html": render(record)}
    for name, content in files.items():
        target = folder / name
        try:
            target.write_text(content, encoding="utf-8")
        except OSError as error:
            if target.is_file():
                target.unlink(missing_ok=True)
            why = error.strerror
            raise CannotWrite(f"{target} cannot be written ({why}): make room or choose another folder") from error
    note(f"the report is {folder / 'report.html'}, its figures are in {folder / 'run.json'}")
