"""`python -m convert evaluate confidence`: is confidence what it says, and what does its floor cost and save?

Writes docs/confidence.md and its plots. Exits non-zero when a limit is missed.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from convert.evaluation.confidence_plots import plot_floor, plot_reliability
from convert.evaluation.confidence_sets import ConfidenceSet, judging_sets
from convert.evaluation.readings import Reading, Sample, read_samples
from convert.paths import LINES, ROOT
from edge_ocr.arguments import Parser
from edge_ocr.live import steady
from edge_ocr.model.choice import RECOGNISERS
from edge_ocr.reader import Reader
from edge_ocr.text.confidence import MIN_CONFIDENCE

BINS = 10
"""Of equal width, by which confidence is compared with what is right."""

FLOORS = tuple(round(0.05 * step, 2) for step in range(19))

MOST_ERROR = 0.05
"""Expected calibration error of lines, all written sets together, that a model is released with."""

MOST_INVENTED_PICTURES, MOST_INVENTED = 3, 10
"""Pictures without writing that may give text, and characters in all."""

MOST_LOST = 0.005
"""Part of the characters that the floor may reject although they are right, in all sets but CASES."""

CASES = "real/cases"
"""What people tried and failed to read before: most of what the layout makes of it is no reading of anything."""

DOCUMENT = ROOT / "docs" / "confidence.md"

PAGE = """\
# Confidence: what it means, and what its minimum costs

The confidence of a character is the probability that it is right; that of a word or a line is the mean of its
characters'. `edge_ocr/text/confidence.py` explains how it is computed. Lines below the minimum, `--min-confidence`, are
left out of the text: {floor:g} by default, and {live:g} in `live`, where a better picture may follow.
`--json --rejected` lists them.

`python -m convert confidence` fits the weights of each model. It reads words, lines and made pages by UNIPEN's test
writers, whom no network has seen, and pictures without writing. `python -m convert evaluate confidence` checks the
result on the same writers' words and lines and on photographs that were not used in the fit. It wrote this page
(recogniser `{recogniser}`). A model that `finetune` made keeps the weights of its base. Another model of your own has
none: its confidence is the probability that its network gives.

Expected calibration error of lines, all written sets together: **{error:.3f}** (at most {most_error:g} is allowed).
With weights fitted to one half of the writers, the error on the other half is {left_out:.3f}. In all written sets but
real/cases, the minimum leaves out {lost:.2%} of the characters although they were read rightly (at most
{most_lost:.2%} is allowed).

| set | lines read | calibration error | at the minimum |
| --- | ---: | ---: | --- |
{rows}

![Right characters over confidence; on the diagonal, confidence is what it says](confidence/reliability.png)

What a minimum saves and costs: characters invented in pictures without writing, and right characters left out.

![Invented characters and lost characters over the minimum](confidence/floor.png)
"""


@dataclass(frozen=True, slots=True)
class Bin:
    """Lines of about one confidence."""

    confidence: float
    """Mean, 0 to 1."""
    right: float
    """Part of the characters that were right, mean of the lines."""
    lines: int


@dataclass(frozen=True, slots=True)
class Floor:
    """What one floor lets through and holds back on one set."""

    floor: float
    given: int
    """Characters that are given out."""
    pictures: int
    """Pictures that give text."""
    lost: float
    """Right characters that are rejected, as a part of the truths' characters; 0 where nothing is written."""


def reliability(samples: Sequence[Sample]) -> list[Bin]:
    """Lines sorted into BINS by their confidence; empty bins are left out."""
    sure, right = line_rates(samples)
    numbers = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        Bin(float(sure[here].mean()), float(right[here].mean()), int(here.sum()))
        for here in (numbers == number for number in range(BINS))
        if here.any()
    ]


def line_rates(samples: Sequence[Sample]) -> tuple[np.ndarray, np.ndarray]:
    """(lines,) confidence of each line that was read, and the part of its characters that is right."""
    readings = [reading for sample in samples for reading in sample.readings]
    return (
        np.array([reading.confidence.mean() for reading in readings]),
        np.array([reading.right.mean() for reading in readings]),
    )


def calibration_error(samples: Sequence[Sample]) -> float:
    """Expected calibration error (Naeini et al., 2015) of lines: mean distance of confidence and truth by bins."""
    bins = reliability(samples)
    return sum(row.lines * abs(row.confidence - row.right) for row in bins) / max(1, sum(row.lines for row in bins))


def with_floor(samples: Sequence[Sample], floor: float) -> Floor:
    """What is given out and what is lost when lines below `floor` are rejected."""
    given = [[reading for reading in sample.readings if reading.confidence.mean() >= floor] for sample in samples]
    lost = sum(_right(sample.readings) - _right(kept) for sample, kept in zip(samples, given, strict=True))
    length = sum(sample.length for sample in samples)
    count = sum(len(reading.right) for kept in given for reading in kept)
    return Floor(floor, count, sum(map(bool, given)), lost / length if length else 0.0)


def _right(readings: Sequence[Reading]) -> int:
    return sum(int(reading.right.sum()) for reading in readings)


@dataclass(frozen=True, slots=True)
class Judged:
    """One set, measured."""

    name: str
    written: bool
    length: int
    """Characters of the truths, spaces left out."""
    lines: int
    error: float
    """Expected calibration error of its lines."""
    floors: tuple[Floor, ...]

    def at(self, floor: float) -> Floor:
        """What the set gives at one of FLOORS."""
        return next(row for row in self.floors if row.floor == floor)


def judge(one: ConfidenceSet, samples: Sequence[Sample]) -> Judged:
    """All figures of a set."""
    lines = sum(len(sample.readings) for sample in samples)
    length = sum(sample.length for sample in samples)
    floors = tuple(with_floor(samples, floor) for floor in FLOORS)
    return Judged(one.name, one.written, length, lines, calibration_error(samples), floors)


def lost_in_all(judged: Sequence[Judged], floor: float) -> float:
    """Part of the characters of all written sets but CASES that a floor rejects although they are right."""
    rows = [row for row in judged if row.written and row.name != CASES]
    return sum(row.length * row.at(floor).lost for row in rows) / max(1, sum(row.length for row in rows))


def failures(judged: Sequence[Judged], error: float, floor: float) -> list[str]:
    """What keeps the models from being released with this floor, one sentence each."""
    found = [f"calibration error of lines {error:.3f}, may be {MOST_ERROR}"] if error > MOST_ERROR else []
    for row in judged:
        there = row.at(floor)
        if not row.written and (there.pictures > MOST_INVENTED_PICTURES or there.given > MOST_INVENTED):
            found.append(f"{row.name}: {there.pictures} pictures give {there.given} characters that nobody wrote")
    lost = lost_in_all(judged, floor)
    if lost > MOST_LOST:
        found.append(f"the floor loses {lost:.2%} of the right characters, may lose {MOST_LOST:.1%}")
    return found


def document(judged: Sequence[Judged], error: float, recogniser: str) -> str:
    """docs/confidence.md."""
    rows = [
        f"| {row.name} | {row.lines} | {row.error:.3f} | "
        + (f"{row.at(MIN_CONFIDENCE).lost:.2%} lost" if row.written else _invented(row)) + " |"
        for row in judged
    ]  # fmt: skip
    left_out = json.loads((LINES / "report" / "confidence.json").read_text())["left_out_error"]
    return PAGE.format(
        floor=MIN_CONFIDENCE, live=steady.MIN_CONFIDENCE, recogniser=recogniser, error=error, left_out=left_out,
        rows="\n".join(rows), lost=lost_in_all(judged, MIN_CONFIDENCE), most_error=MOST_ERROR, most_lost=MOST_LOST,
    )  # fmt: skip


def _invented(row: Judged) -> str:
    there, without = row.at(MIN_CONFIDENCE), row.at(0.0)
    return (
        f"{there.pictures} pictures, {there.given} characters invented (without a minimum: {without.pictures}, "
        f"{without.given})"
    )


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert evaluate confidence",
        description="Compare confidence with what is right, on writers and photographs it was not fitted to; show what "
        "each floor saves and costs. Exits with 1 when a limit is missed.",
    )
    parser.add_argument("--recogniser", choices=RECOGNISERS, default="auto", help="whose confidence (default: auto)")
    options = parser.parse_args(argv)
    reader = Reader.load(recogniser=options.recogniser, min_confidence=0.0)
    sets = judging_sets()
    samples = [read_samples(reader, one.frames, one.truths, one.name) for one in sets]
    judged = [judge(*pair) for pair in zip(sets, samples, strict=True)]
    written = [sample for one, some in zip(sets, samples, strict=True) if one.written for sample in some]
    error = calibration_error(written)
    for row in judged:
        there = row.at(MIN_CONFIDENCE)
        print(
            f"{row.name}: {row.lines} lines, calibration error {row.error:.3f}; at {MIN_CONFIDENCE:g} "
            + (f"{there.lost:.2%} lost" if row.written else _invented(row))
        )
    print(f"all written sets: calibration error of lines {error:.3f}")
    if options.recogniser == "auto":
        write(judged, written, error, options.recogniser)
    problems = failures(judged, error, MIN_CONFIDENCE)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def write(judged: Sequence[Judged], written: Sequence[Sample], error: float, recogniser: str) -> None:
    """docs/confidence.md, its figures and plots."""
    folder = DOCUMENT.with_suffix("")
    folder.mkdir(exist_ok=True)
    bins = reliability(written)
    plot_reliability([(row.confidence, row.right, row.lines) for row in bins], folder / "reliability.png")
    plot_floor([asdict(row) for row in judged], MIN_CONFIDENCE, folder / "floor.png")
    (folder / "figures.json").write_text(json.dumps([asdict(row) for row in judged], indent=1) + "\n")
    DOCUMENT.write_text(document(judged, error, recogniser), encoding="utf-8")
