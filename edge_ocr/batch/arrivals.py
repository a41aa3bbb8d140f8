"""A folder that a scanner or a phone fills: its pictures as they arrive, each when it is whole."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_ocr.batch.sources import Source
from edge_ocr.errors import EdgeOcrError
from edge_ocr.picture.folder import look_into

SETTLED_S = 1.0
"""Seconds for which a file must stay as it is: then its writer is done with it."""

LOOK_S = 30.0
"""Seconds between two looks where nothing is announced: network folders announce nothing that others do."""

State = tuple[int, int]
"""Time of the last change in nanoseconds, and size in bytes."""


class Arrivals:
    """Knows which pictures of a folder were given out, and in which state."""

    def __init__(self, folder: Path, is_read: Callable[[Source], bool], without: Path | None = None) -> None:
        """
        Args:
            folder: that is watched.
            is_read: whether there is nothing left to do for a picture that we do not know yet.
            without: a folder in it that is left out, since results go there.
        """
        self._folder, self._is_read, self._without = folder, is_read, without
        self._given: dict[Path, State] = {}
        self._settling: dict[Path, State] = {}

    @property
    def is_settling(self) -> bool:
        """Whether pictures were there at the last look that may still change."""
        return bool(self._settling)

    def look(self) -> list[Source]:
        """The pictures that are new, or new in this state, and were the same at the last look."""
        before, self._settling = self._settling, {}
        ready: list[Source] = []
        for path in look_into(self._folder, self._without).pictures:
            state = _state(path)
            if state is None or self._given.get(path) == state:
                continue
            source = Source(str(path), path.relative_to(self._folder))
            if before.get(path) != state:
                self._settling[path] = state
                continue
            self._given[path] = state
            if not self._is_read(source):
                ready.append(source)
        return ready


def _state(path: Path) -> State | None:
    try:
        found = path.stat()
    except OSError:  # It has gone.
        return None
    return found.st_mtime_ns, found.st_size


def batches(arrivals: Arrivals, woken: threading.Event) -> Iterator[list[Source]]:
    """The pictures that have arrived, without end; `woken` is set when something happens in the folder."""
    while True:
        woken.clear()
        ready = arrivals.look()
        if ready:
            yield ready
        if arrivals.is_settling:
            time.sleep(SETTLED_S)
        elif not ready:
            woken.wait(LOOK_S)


@contextmanager
def watching(folder: Path) -> Iterator[threading.Event]:
    """An event that is set whenever something changes in a folder or below it.

    Raises:
        EdgeOcrError: watchdog is not installed, or the system watches no more folders.
    """
    try:
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer
    except ImportError as error:
        raise EdgeOcrError(
            "a folder is watched with watchdog, which is not installed: pip install 'edge-ocr[watch]'"
        ) from error
    # It complains when it is stopped in the middle of an event.
    logging.getLogger("watchdog").addHandler(logging.NullHandler())
    woken = threading.Event()

    class Waker(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            woken.set()

    observer = Observer()
    observer.schedule(Waker(), str(folder), recursive=True)
    try:
        observer.start()
    except OSError as error:
        raise EdgeOcrError(
            f"{folder} cannot be watched ({error.strerror}): name a folder with fewer folders in it"
        ) from error
    try:
        yield woken
    finally:
        observer.stop()
        observer.join()
