"""The report of a tuning: its error rates before and after."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from convert.data.arrays import BadDataset, DataNotFound
from convert.evaluation.results import Rate
from edge_ocr.errors import ExitCode
from edge_ocr.folders import writing
from edge_ocr.output import note

REPORT = "report.json"
NETWORK = "float.keras"
EXAMPLES = ("own", "held", "general")
"""Stored beside the network as NAME.npz: examples to calibrate on, and to judge by."""


def rate_both(counts: tuple[int, int], before: tuple[float, float], after: tuple[float, float]) -> tuple[Rate, Rate]:
    """Error rates of the own hand and of general writing."""
    names = ("own hand, held out", "general writing")
    own, general = (Rate(*row) for row in zip(names, counts, before, after, strict=True))
    return own, general


def conclude(work: Path, which: str, rates: tuple[Rate, Rate], facts: dict[str, Any], found: list[str]) -> int:
    """Print both rates and the problems found, and write them to the report with the facts; the exit code."""
    print(f"{which:<22} {'samples':>8} {'before':>8} {'after':>8}")
    for rate in rates:
        print(f"{rate.name:<22} {rate.count:>8} {rate.before:>8.2%} {rate.after:>8.2%}", flush=True)
    facts[which] = {"rates": [asdict(rate) for rate in rates], "problems": found}
    with writing(work / REPORT):
        (work / REPORT).write_text(json.dumps(facts, indent=1) + "\n")
    for problem in found:
        note(problem)
    if found:
        note(f"the tuned model is not installed; it stays in {work}")
    return ExitCode.FAILED if found else 0


def read_report(work: Path) -> dict[str, Any]:
    """What `conclude` wrote; DataNotFound or BadDataset if there is no tuned network, or a broken report."""
    path = work / REPORT
    for name in (REPORT, NETWORK, *(f"{name}.npz" for name in EXAMPLES)):
        if not (work / name).is_file():
            raise DataNotFound(
                f"{work} holds no tuned network ({name} is missing): run `python -m convert finetune --data FOLDER`."
            )
    try:
        facts: dict[str, Any] = json.loads(path.read_text())
        needed = all(key in facts for key in ("base", "factor", "samples", "course"))
        if facts["kind"] in ("characters", "lines") and facts["float"] and needed:
            return facts
    except (ValueError, KeyError, TypeError) as error:
        raise BadDataset(f"{path} is broken ({error}): run `python -m convert finetune` again.") from error
    raise BadDataset(f"{path} belongs to another kind of model: run `python -m convert finetune` again.")
