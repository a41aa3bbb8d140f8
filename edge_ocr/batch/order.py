"""Results in the order of their sources, whoever finishes first, with few pictures in memory at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from edge_ocr.batch.reading import Outcome
from edge_ocr.batch.sources import Source

AHEAD = 2
"""Pictures for each reader that wait or are done: so that none idles while an earlier picture takes long."""


class Promise(Protocol):
    """What a thread pool and a Dask client give for a call that is not done yet."""

    def result(self) -> Outcome:
        """Wait for it."""


def in_order(
    sources: Iterable[Source], submit: Callable[[bytes, str], Promise], readers: Callable[[], int]
) -> Iterator[tuple[Source, Outcome]]:
    """Each source with what came of it.

    Args:
        sources: to read.
        submit: gives a picture and its name to one of the readers.
        readers: how many there are now.
    """
    waiting: deque[tuple[Source, Promise | Exception]] = deque()
    for source in sources:
        try:
            waiting.append((source, submit(source.read(), source.title)))
        except Exception as error:
            waiting.append((source, error))
        while len(waiting) >= max(1, readers()) * (1 + AHEAD):
            yield _next(waiting)
    while waiting:
        yield _next(waiting)


def _next(waiting: "deque[tuple[Source, Promise | Exception]]") -> tuple[Source, Outcome]:
    source, promise = waiting.popleft()
    return source, promise if isinstance(promise, Exception) else promise.result()
