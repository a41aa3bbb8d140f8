"""What is to be read, and whether to go on: set by one thread, followed by the loop's."""

import threading
from dataclasses import dataclass, replace
from typing import Any

from edge_ocr.live.steady import MIN_CONFIDENCE
from edge_ocr.page import Box


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be read; it may be changed while the loop runs."""

    charset: str | None = None
    pattern: str | None = None
    min_confidence: float = MIN_CONFIDENCE
    """Lines less sure than this, 0 to 1, are not given out."""
    region: Box | None = None
    """Part of the picture, in its pixels; None for all of it."""
    paused: bool = False
    pattern_in: str | None = None

    @property
    def reading(self) -> dict[str, Any]:
        """What a reader must know of it, as keywords of `Reader.load`."""
        return {name: getattr(self, name) for name in ("charset", "pattern", "pattern_in", "min_confidence")}


class Abandoned(BaseException):
    """The reading at hand is given up, since the loop is to stop."""


class Controls:
    """The task, set by one thread and read by another."""

    def __init__(self, task: Task) -> None:
        self._lock = threading.Lock()
        self._task = task
        self.stop = threading.Event()
        self.is_reading = False
        """Whether the loop's thread is at work that may be given up."""

    @property
    def task(self) -> Task:
        with self._lock:
            return self._task

    def change(self, **changes: object) -> None:
        """Set some of the task's fields."""
        with self._lock:
            self._task = replace(self._task, **changes)  # type: ignore[arg-type]

    def abandon(self) -> None:
        """Stop without waiting for the reading at hand. For a signal's handler: it runs in the loop's own thread."""
        self.stop.set()
        if self.is_reading:
            self.is_reading = False
            raise Abandoned
