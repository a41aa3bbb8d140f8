"""Keep native libraries' own messages off the terminal: they write to file descriptor 2, past `sys.stderr`."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()


@contextmanager
def own_stderr() -> Iterator[None]:
    """Give `sys.stderr` a descriptor of its own and send descriptor 2 to nowhere meanwhile.

    For programs whose threads call native libraries all the time, each of which would have to wait in `quiet_stderr`.
    """
    stream = sys.stderr
    try:
        is_stderr = stream is not None and stream.fileno() == 2
    except (OSError, ValueError):  # Something else than a file stands in for it.
        is_stderr = False
    if not is_stderr:
        yield
        return
    stream.flush()
    with (
        open(os.dup(2), "w", buffering=1, encoding=stream.encoding, errors=stream.errors) as own,
        open(os.devnull, "w") as nowhere,
    ):
        os.dup2(nowhere.fileno(), 2)
        sys.stderr = own
        try:
            yield
        finally:
            sys.stderr = stream
            os.dup2(own.fileno(), 2)


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
