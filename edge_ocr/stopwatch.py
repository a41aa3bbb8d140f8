"""Seconds spent in each stage of a reading, measured within the reading itself, and whether its time is over."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from edge_ocr.errors import EdgeOcrError

STAGES = ("ink", "layout", "crops", "inference", "decode")
"""The stages of a reading. `crops` cuts tiles and strips, `inference` is the models with their input and output steps,
`decode` is the rest; `layout` and `decode` exclude what they call of the others."""


MAX_SECONDS = 10.0
"""Longest that a picture is read. The fullest page takes a fifth of it on a desktop, and all of it on the smallest
board; what takes longer is seldom writing."""

FINDING_SHARE = 0.5
"""Part of the time of a picture after which no closer look and no further line is begun: the rest is for reading."""


def check_seconds(seconds: float) -> None:
    """Raise EdgeOcrError unless it is a time that a picture can have."""
    if not isinstance(seconds, int | float) or not seconds > 0:
        raise EdgeOcrError(f"max_seconds is {seconds!r}: expected seconds above 0, or math.inf for no end")


class Stopwatch:
    """Sums seconds by stage: `with watch("ink"): ...`. A stage within another one stops the outer one's clock."""

    def __init__(self, max_seconds: float = math.inf) -> None:
        """`max_seconds`, from the first stage on, are all that a reading may take; see `is_over`."""
        self.max_seconds = max_seconds
        self.laps = dict.fromkeys(STAGES, 0.0)
        self.was_over = False
        """Whether a stage found the time over, and left something out."""
        self._running: list[str] = []
        self._since = 0.0
        self._started: float | None = None

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Run the clock of `stage`, one of `STAGES`."""
        self._switch()
        self._running.append(stage)
        try:
            yield
        finally:
            self._switch()
            self._running.pop()

    def is_over(self, share: float = 1.0, more: float = 0.0) -> bool:
        """Whether this share of the time is spent. Ask between lines, and leave the rest of them out if it is.

        `more`: seconds beyond it.
        """
        now = time.perf_counter()
        if self._started is None or now - self._started < share * self.max_seconds + more:
            return False
        self.was_over = True
        return True

    def _switch(self) -> None:
        """Add the time since the last switch to the running stage."""
        now = time.perf_counter()
        if self._started is None:
            self._started = now
        if self._running:
            self.laps[self._running[-1]] += now - self._since
        self._since = now
