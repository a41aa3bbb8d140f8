"""A bar on stderr while many pictures are read."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from edge_ocr.batch.sources import Source
from edge_ocr.output import ERASE_LINE

Result = TypeVar("Result")

BAR = 24
"""Characters of the bar."""


def with_progress(results: Iterable[tuple[Source, Result]], count: int) -> Iterator[tuple[Source, Result]]:
    """The `count` results as they come, each of them counted on the terminal."""
    _show(0, count, "")
    for done, (source, result) in enumerate(results, 1):
        yield source, result
        _show(done, count, Path(source.name).name)
    print(ERASE_LINE, end="", file=sys.stderr, flush=True)


def _show(done: int, count: int, name: str) -> None:
    bar = ("#" * (BAR * done // count)).ljust(BAR, ".")
    print(f"{ERASE_LINE}[{bar}] {done}/{count} {name[:40]}\r", end="", file=sys.stderr, flush=True)
