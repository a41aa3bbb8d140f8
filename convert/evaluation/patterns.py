"""`python -m convert evaluate patterns`: what a pattern finds, what it invents, and what it costs.

Exits non-zero when too few answers are right, something is invented, or a page takes too long.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz import fuzz
from tqdm import tqdm

from convert.data.arrays import DataNotFound, data_folder
from convert.evaluation.pattern_pages import KINDS, Asked, made_pages
from convert.evaluation.sections import FIGURES, fill_section
from convert.paths import SAMPLE_PAGES
from convert.templates import percent, table
from edge_ocr.arguments import Parser, positive_int
from edge_ocr.errors import ExitCode
from edge_ocr.page import Frame
from edge_ocr.picture.load import load_image
from edge_ocr.reader import Reader

PAGES = 200
SEED = 11
ROUNDS = 2
"""Readings of a page whose quickest counts."""

ALIKE = 60.0
"""Per cent of an answer's characters from which a line is taken for its own."""

LEAST_RIGHT = 0.97
"""Part of the answers that must be right."""
MOST_TIMES = 3.0
"""Times the time of a page without a pattern that one may take with it."""

FOREIGN = (r"[A-Z]{2} \d{5}", r"\d{7}", r"[A-Z]{3}-\d{4}", r"\d{4}-\d{2}-\d{2}", r"[a-z]+@[a-z]+\.(com|org)")
"""Patterns that no line of the sample pages matches; parts of FEB 10958 KWH and the like match the first."""


@dataclass(frozen=True, slots=True)
class Found:
    """The answers of one kind on made pages."""

    kind: str
    inside: bool
    """Whether the answer is a part of its line."""
    pages: int
    right: int
    """Pages on which the answer alone was given."""
    wrong: int
    """Pages on which anything else was given."""
    unfound: int
    """Pages on which the answer's line is not found: nothing like it is read without a pattern either."""


COUNTS = ("pages", "right", "wrong", "unfound")
TITLES = ("made pages", "pages", "right", "something else given", "line not found")


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time of one page with a pattern, in times that without."""

    page: str
    pattern: str
    times: float


def find_answers(inside: bool, count: int, fonts: Path) -> list[Found]:
    """What the matching pattern finds on made pages."""
    readers = {
        kind.name: Reader.load(pattern_in=kind.pattern) if inside else Reader.load(pattern=kind.pattern)
        for kind in KINDS
    }
    free = Reader.load(min_confidence=0.0)
    read: list[tuple[Asked, str, bool]] = []
    pages = made_pages(count, inside=inside, fonts=fonts, seed=SEED)
    for asked in tqdm(pages, desc="--pattern-in" if inside else "--pattern", total=count, unit="page"):
        text = readers[asked.kind.name].read(asked.frame).text
        read.append((asked, text, text == "" and not _is_found(asked, free)))
    return [_found(kind.name, inside, [row for row in read if row[0].kind is kind]) for kind in KINDS]


def _is_found(asked: Asked, free: Reader) -> bool:
    """Whether a line that is read without a pattern is more like the answer than not."""
    lines = [line.text for line in free.read(asked.frame).lines]
    return any(fuzz.partial_ratio(asked.answer, line) >= ALIKE for line in lines if len(line) >= len(asked.answer) // 2)


def _found(name: str, inside: bool, read: Sequence[tuple[Asked, str, bool]]) -> Found:
    for asked, text, _ in read:
        if text != asked.answer:
            print(f"{asked.frame.name}: {text!r} instead of {asked.answer!r}", file=sys.stderr)
    right = sum(text == asked.answer for asked, text, _ in read)
    wrong = sum(text not in ("", asked.answer) for asked, text, _ in read)
    return Found(name, inside, len(read), right, wrong, sum(unfound for _, _, unfound in read))


def sample_pages() -> dict[str, Frame]:
    """The sample pages, and the page on a desk whose plates were invented where it is there."""
    paths = sorted(SAMPLE_PAGES.glob("*.jpg"))
    with suppress(DataNotFound):
        paths += sorted((data_folder().parent / "cases" / "01-pattern-invents").glob("*.jpg"))
    return {str(path.relative_to(path.parents[1])): load_image(path) for path in paths}


def invented(pages: dict[str, Frame]) -> dict[str, int]:
    """Lines that each of FOREIGN gives on the sample pages, whole or in part, though they are not written there."""
    truth = json.loads((SAMPLE_PAGES / "truth.json").read_text(encoding="utf-8"))
    counts = {}
    for pattern in FOREIGN:
        readers = Reader.load(pattern=pattern), Reader.load(pattern_in=pattern)
        read = [
            (truth.get(Path(name).name, ""), line.text)
            for reader in readers
            for name, frame in pages.items()
            for line in reader.read(frame).lines
        ]
        given = [text for written, text in read if not all(word in written for word in text.split(" "))]
        counts[pattern] = len(given)
        if given:
            print(f"{pattern} invents {', '.join(given)}", file=sys.stderr)
    return counts


def cost(pages: dict[str, Frame]) -> list[Cost]:
    """Each page with each of FOREIGN and of the KINDS, in turns with none."""
    patterns = (*FOREIGN, *(kind.pattern for kind in KINDS))
    readers = {"": Reader.load()} | {text: Reader.load(pattern=text) for text in patterns}
    readers |= {f"in {text}": Reader.load(pattern_in=text) for text in patterns}
    costs = []
    for name, frame in tqdm(pages.items(), desc="time", unit="page"):
        for reader in readers.values():
            reader.read(frame)  # Opens models and fills caches.
        times = {text: min(_seconds(reader, frame) for _ in range(ROUNDS)) for text, reader in readers.items()}
        costs += [Cost(name, text, times[text] / times[""]) for text in readers if text]
    return costs


def _seconds(reader: Reader, frame: Frame) -> float:
    start = time.process_time()
    reader.read(frame)
    return time.process_time() - start


def described(found: Sequence[Found], inventions: dict[str, int], costs: Sequence[Cost]) -> str:
    """The section of docs/figures.md."""
    sums = [
        Found(f"all, `{_option(inside)}`", inside, *(_sum(found, inside, name) for name in COUNTS))
        for inside in (False, True)
    ]
    rows = [
        (row.kind, str(row.pages), *(percent(part / row.pages) for part in (row.right, row.wrong, row.unfound)))
        for row in (*(replace(row, kind=f"{row.kind}, {_option(row.inside)}") for row in found), *sums)
    ]
    times = [row.times for row in costs]
    worst = max(costs, key=lambda row: row.times)
    return (
        f"{table(TITLES, rows)}\n"
        f"Of the lines that are found, {percent(_of_found(found, False))} are answered rightly with `--pattern` and "
        f"{percent(_of_found(found, True))} with `--pattern-in`.\n"
        "Five patterns that nothing on the sample pages matches, each for whole lines and for parts: "
        f"{sum(inventions.values())} texts invented. A page takes {statistics.median(times):.2f} times the processor\n"
        f"time with a pattern (median of {len(times)} pairs of page and pattern; worst {worst.times:.2f}, "
        f"{worst.page}).\n"
    )


def _option(inside: bool) -> str:
    return "--pattern-in" if inside else "--pattern"


def _sum(found: Iterable[Found], inside: bool, field: str) -> int:
    return sum(getattr(row, field) for row in found if row.inside is inside)


def share(found: Sequence[Found], inside: bool) -> float:
    """Part of the answers that are right."""
    return _sum(found, inside, "right") / _sum(found, inside, "pages")


def _of_found(found: Sequence[Found], inside: bool) -> float:
    return _sum(found, inside, "right") / max(1, _sum(found, inside, "pages") - _sum(found, inside, "unfound"))


def failures(found: Sequence[Found], inventions: dict[str, int], costs: Sequence[Cost]) -> list[str]:
    """Goals that are missed, one sentence each."""
    problems = [
        f"{_option(inside)}: {share(found, inside):.1%} of the answers are right, must be {LEAST_RIGHT:.0%}"
        for inside in (False, True)
        if share(found, inside) < LEAST_RIGHT
    ]
    problems += [f"{pattern} invents {count} texts" for pattern, count in inventions.items() if count]
    worst = max(costs, key=lambda row: row.times)
    if worst.times > MOST_TIMES:
        problems.append(f"{worst.page} takes {worst.times:.1f} times as long with {worst.pattern}, may {MOST_TIMES:g}")
    return problems


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert evaluate patterns",
        description="Measure what patterns find on made pages, what they invent on the sample pages, and what they "
        "cost there. Exits with 1 when a goal is missed.",
    )
    parser.add_argument(
        "--pages", type=positive_int, default=PAGES, help="made pages of either sort (%(default)s); fewer: a quick look"
    )
    options = parser.parse_args(argv)
    fonts = data_folder() / "fonts"
    found = [row for inside in (False, True) for row in find_answers(inside, options.pages, fonts)]
    pages = sample_pages()
    inventions, costs = invented(pages), cost(pages)
    text = described(found, inventions, costs)
    print(text)
    if options.pages == PAGES:
        fill_section(FIGURES, "patterns", text + "Measured by `python -m convert evaluate patterns`.")
    problems = failures(found, inventions, costs)
    for problem in problems:
        print(problem, file=sys.stderr)
    return ExitCode.FAILED if problems else 0
