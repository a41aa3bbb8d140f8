"""Keep native libraries' own messages off the terminal: they write to file descriptor 2, past `sys.stderr`."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send file descriptor 2 to nowhere meanwhile. The descriptor is the whole process's, hence the lock."""
    with _lock:
        try:
            kept = os.dup(2)
        except OSError:  # No stderr at all, as in a service: nothing to keep quiet.
            yield
            return
        _flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            _flush()
            os.dup2(kept, 2)
            os.close(nowhere)
            os.close(kept)


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
