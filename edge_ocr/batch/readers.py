"""Who reads many pictures: this process, several, or a cluster."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from edge_ocr.batch.processes import Load, Processes
from edge_ocr.batch.reading import Outcome, Wanted, read_one_by_one
from edge_ocr.batch.sources import Source
from edge_ocr.picture.decoder import prepare
from edge_ocr.picture.quiet import own_stderr

__all__ = ["Load", "readers"]

ReadAll = Callable[[Iterable[Source]], Iterator[tuple[Source, Outcome]]]
"""Gives each source with what came of it, in order; may be called again and again."""


@contextmanager
def readers(load: Load, wanted: Wanted, jobs: int = 1) -> Iterator[ReadAll]:
    """Readers made by `load`, one a job; raises what is wrong with all of them, such as BadBundle."""
    if jobs > 1:
        with Processes(jobs, load, wanted) as processes:
            yield processes.read
    else:
        prepare()  # It starts while the models are loaded.
        with own_stderr():  # Native libraries talk on it.
            reader = load()
        yield lambda sources: read_one_by_one(reader, sources, wanted)
