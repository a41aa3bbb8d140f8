"""Work that only so many threads do at a time, while the others wait."""

import os
import threading
from types import TracebackType


class Rooms:
    """`with rooms: ...` waits for a free room; after `fork` all are free, since the threads in them are not there."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._free_all()
        os.register_at_fork(after_in_child=self._free_all)

    def __enter__(self) -> None:
        self._rooms.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._rooms.release()

    def _free_all(self) -> None:
        self._rooms = threading.Semaphore(self._count)
