"""The task of the loop, and whether to go on: set by one thread, read by the loop's."""

import threading
from dataclasses import dataclass, replace
from typing import Any

from edge_ocr.live.steady import MIN_CONFIDENCE
from edge_ocr.page import Box


@dataclass(frozen=True, slots=True)
class Task:
    """What to read; it may change while the loop runs."""

    charset: str | None = None
    pattern: str | None = None
    min_confidence: float = MIN_CONFIDENCE
    """Lines less certain than this, 0 to 1, are left out."""
    region: Box | None = None
    """Part of the picture, in its pixels; None for all of it."""
    paused: bool = False
    pattern_in: str | None = None

    @property
    def reading(self) -> dict[str, Any]:
        """Its keywords for `Reader.load`."""
        return {name: getattr(self, name) for name in ("charset", "pattern", "pattern_in", "min_confidence")}


class Abandoned(BaseException):
    """The current reading is given up, since the loop stops."""


class Controls:
    """The task, set by one thread and read by another."""

    def __init__(self, task: Task) -> None:
        self._lock = threading.Lock()
        self._task = task
        self.stop = threading.Event()
        self.is_reading = False
        """Whether the loop's thread does work that may be given up."""

    @property
    def task(self) -> Task:
        with self._lock:
            return self._task

    def change(self, **changes: object) -> None:
        """Set some of the task's fields."""
        with self._lock:
            self._task = replace(self._task, **changes)  # type: ignore[arg-type]

    def abandon(self) -> None:
        """Stop without waiting for the current reading. For signal handlers, which run in the loop's own thread."""
        self.stop.set()
        if self.is_reading:
            self.is_reading = False
            raise Abandoned
