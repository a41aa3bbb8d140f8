"""Keep messages of native libraries off the terminal: they write to file descriptor 2, past `sys.stderr`."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()


@contextmanager
def own_stderr() -> Iterator[None]:
    """Give `sys.stderr` a descriptor of its own, and discard what goes to descriptor 2.

    For programs whose threads call native libraries all the time and would wait for each other in `quiet_stderr`.
    """
    stream = sys.stderr
    try:
        is_stderr = stream is not None and stream.fileno() == 2
    except (OSError, ValueError):  # It was replaced by something that is not a file.
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
    """Discard what goes to file descriptor 2. The whole process shares the descriptor, hence the lock."""
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
