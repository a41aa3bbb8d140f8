"""Threads that a camera's driver still holds when the program ends.

Native code that comes back into an interpreter which has ended aborts the whole process, with exit code 134. So the
command line ends without the interpreter's own end while there is such a thread; other programs wait for it.
"""

import atexit
import os
import sys
import threading
from contextlib import suppress

LONGEST_S = 11.0
"""No driver holds a thread for longer: OpenCV's devices wait ten seconds for a picture."""

_behind: list[threading.Thread] = []


def leave_behind(thread: threading.Thread) -> None:
    """Remember a thread that did not end in time."""
    _behind[:] = [other for other in _behind if other.is_alive()] + [thread]


def end_past_them(code: int) -> None:
    """End the process now with this exit code if a thread is still held; else do nothing."""
    if not any(thread.is_alive() for thread in _behind):
        return
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    os._exit(code)


@atexit.register
def _wait() -> None:
    for thread in _behind:
        thread.join(LONGEST_S)
