"""Seconds spent in each stage of a reading, measured within the reading itself."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

STAGES = ("ink", "layout", "crops", "inference", "decode")
"""The stages of a reading. `crops` cuts tiles and strips, `inference` is the models with their input and output steps,
`decode` is the rest; `layout` and `decode` exclude what they call of the others."""


class Stopwatch:
    """Sums seconds by stage: `with watch("ink"): ...`. A stage within another one stops the outer one's clock."""

    def __init__(self) -> None:
        self.laps = dict.fromkeys(STAGES, 0.0)
        self._running: list[str] = []
        self._since = 0.0

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

    def _switch(self) -> None:
        """Add the time since the last switch to the running stage."""
        now = time.perf_counter()
        if self._running:
            self.laps[self._running[-1]] += now - self._since
        self._since = now
