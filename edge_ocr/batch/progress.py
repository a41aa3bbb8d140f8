"""A bar on stderr while many pictures are read."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from edge_ocr.batch.sources import Source
from edge_ocr.output import end_progress, show_progress

Result = TypeVar("Result")


def with_progress(results: Iterable[tuple[Source, Result]], count: int) -> Iterator[tuple[Source, Result]]:
    """The `count` results as they come, each of them counted on the terminal."""
    show_progress(0.0, f"0/{count}")
    for done, (source, result) in enumerate(results, 1):
        yield source, result
        show_progress(done / count, f"{done}/{count} {Path(source.name).name[:40]}")
    end_progress()
