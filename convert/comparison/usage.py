"""What a process and its children have used: processor time and memory."""

import resource
import sys
from pathlib import Path


def children() -> tuple[float, float]:
    """The needs of the child processes: processor seconds of all, megabytes of the largest."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def peak_mb() -> float:
    """Peak memory of this process in millions of bytes, as the kernel counts it, if it does.

    `ru_maxrss` alone is wrong: on Linux a child inherits its parent's value.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
