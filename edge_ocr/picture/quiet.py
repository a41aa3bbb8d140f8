"""Keep messages of native libraries off the terminal: they write to file descriptor 2, past `sys.stderr`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def own_stderr() -> Iterator[None]:
    """Give `sys.stderr` a descriptor of its own, and discard what goes to descriptor 2.

    For our own programs only: descriptors belong to the whole process, so a library leaves them alone.
    """
    stream = sys.stderr
    if stream is None:
        yield
        return
    stream.flush()
    with (
        open(os.dup(2), "w", buffering=1, encoding=stream.encoding, errors=stream.errors) as own,
        open(os.devnull, "w") as nowhere,
    ):
        os.dup2(nowhere.fileno(), 2)
        if _is_descriptor_2(stream):
            sys.stderr = own
        try:
            yield
        finally:
            sys.stderr = stream
            os.dup2(own.fileno(), 2)


def _is_descriptor_2(stream: TextIO) -> bool:
    try:
        return stream.fileno() == 2
    except (OSError, ValueError):  # It was replaced by something that is not a file.
        return False
