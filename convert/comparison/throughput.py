"""`python -m convert throughput FOLDER`: pictures a second by 1, 2, ... processes, and how it grows with more machines.

More processes than this machine has cores are simulated: each waits as long as a real reading took. Pictures and pages
go through the same queue and pipes as real ones, so the table shows where the process that hands them out is the limit.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from edge_ocr.arguments import Parser, positive_int
from edge_ocr.batch.processes import Load, Processes
from edge_ocr.batch.reading import Reading, Wanted
from edge_ocr.batch.sources import Source, gather
from edge_ocr.output import note, say
from edge_ocr.page import Frame, Page
from edge_ocr.reader import Reader

PAGES = Wanted("text", rendered=False)


@dataclass(frozen=True, slots=True)
class Run:
    """One row of the table."""

    processes: int
    a_second: float
    """Pictures."""
    busy_s: float
    """Processor time of the process that hands them out, a picture."""
    pages: tuple[Page, ...]
    """Of the first picture."""


@dataclass(frozen=True, slots=True)
class Weight(Source):
    """As many bytes as a picture file has, which need no decoding."""

    def read(self) -> Any:
        return np.zeros((max(1, Path(self.name).stat().st_size // 1000), 1000), np.uint8)


class Waiting:
    """Stands in for a reader on another machine: waits as long, and gives a page as large."""

    def __init__(self, seconds: float, page: Page) -> None:
        self._seconds, self._page = seconds, page

    def read(self, frame: Frame) -> Page:
        time.sleep(self._seconds)
        return self._page


def measure(count: int, load: Load, sources: list[Source], pictures: int) -> Run:
    """Read `pictures` of the sources, again and again, by `count` processes, which have begun before the clock does."""
    note(f"{count} processes, {pictures} pictures")
    with Processes(count, load, PAGES) as processes:
        list(processes.read(islice(cycle(sources), count)))
        began, busy = time.perf_counter(), time.process_time()
        outcomes = [outcome for _, outcome in processes.read(islice(cycle(sources), pictures))]
        took, busy = time.perf_counter() - began, time.process_time() - busy
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    first = outcomes[0]
    assert isinstance(first, Reading)
    return Run(count, pictures / took, busy / pictures, first.pages)


def table(measured: list[Run], simulated: list[Run]) -> Iterator[str]:
    """The lines of the table, in Markdown."""
    one = measured[0].a_second / measured[0].processes
    yield "| processes | pictures a second | times one | of the process that hands them out |"
    yield "| --- | ---: | ---: | ---: |"
    for what, runs in (("", measured), (", simulated", simulated)):
        for run in runs:
            busy = f"{1000 * run.busy_s:.1f} ms a picture"
            yield f"| {run.processes}{what} | {run.a_second:.1f} | {run.a_second / one:.1f} | {busy} |"
    limit = 1 / max(run.busy_s for run in simulated or measured)
    yield f"\nAt {limit:.0f} pictures a second the process that hands them out is busy all the time."


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print the table."""
    parser = Parser(
        prog="python -m convert throughput",
        description="Measure pictures a second by several processes. More than this machine has cores are simulated: "
        "each waits as long as a real reading took.",
    )
    add = parser.add_argument
    add("folder", metavar="FOLDER", help="pictures to read, again and again")
    add("--processes", type=positive_int, nargs="+", default=[1, 2], metavar="N", help="that really read (1 2)")
    add("--simulated", type=positive_int, nargs="*", default=[4, 16, 64], metavar="N", help="that wait (4 16 64)")
    add("--pictures", type=positive_int, default=24, metavar="N", help="for each process (24)")
    options = parser.parse_args(arguments)
    measured, simulated = run(options, partial(Reader.load, max_seconds=60.0))
    for line in table(measured, simulated):
        say(line)
    return 0


def run(options: argparse.Namespace, load: Load) -> tuple[list[Run], list[Run]]:
    """The rows that were measured, and those that were simulated after the first of them."""

    def refuse(error: Exception) -> None:
        raise error

    sources = gather([options.folder], refuse)
    measured = [measure(count, load, sources, count * options.pictures) for count in options.processes]
    seconds = measured[0].processes / measured[0].a_second
    waiting = partial(Waiting, seconds, measured[0].pages[0])
    weights: list[Source] = [Weight(source.name, source.place) for source in sources]
    return measured, [measure(count, waiting, weights, count * options.pictures) for count in options.simulated]
