"""Who reads many pictures: this process, several, or a cluster."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from edge_ocr.batch.cluster import Cluster
from edge_ocr.batch.processes import Processes
from edge_ocr.batch.reading import Outcome, Reads, Wanted, read_one_by_one
from edge_ocr.batch.sources import Source
from edge_ocr.picture.decoder import prepare
from edge_ocr.picture.quiet import own_stderr

ReadAll = Callable[[Iterable[Source]], Iterator[tuple[Source, Outcome]]]
"""Gives each source with what came of it, in order; may be called again and again."""


@contextmanager
def readers(
    make: Callable[..., Reads], wishes: Mapping[str, Any], wanted: Wanted, jobs: int = 1, scheduler: str | None = None
) -> Iterator[ReadAll]:
    """Readers that `make` makes of `wishes`; raises what is wrong with all of them, such as BadBundle.

    Args:
        make: such as `Reader.load`; other processes must be able to import it.
        wishes: its arguments.
        wanted: of each picture.
        jobs: how many processes; 1 is this one.
        scheduler: address of a Dask scheduler, whose workers read instead.
    """
    if scheduler is not None:
        with Cluster(scheduler, make, wishes, wanted) as cluster:
            yield cluster.read
    elif jobs > 1:
        with Processes(jobs, partial(make, **wishes), wanted) as processes:
            yield processes.read
    else:
        prepare()  # It starts while the models are loaded.
        with own_stderr():  # Native libraries talk on it.
            reader = make(**wishes)
        yield lambda sources: read_one_by_one(reader, sources, wanted)
