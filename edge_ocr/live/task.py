"""The task of the loop, and whether to go on: set by one thread, read by the loop's."""

import threading
from dataclasses import dataclass, replace

from edge_ocr.live.region import Region, check_regions
from edge_ocr.page import Box


@dataclass(frozen=True, slots=True)
class Task:
    """What to read; it may change while the loop runs."""

    regions: tuple[Region, ...] = (Region(),)
    """At least one. They may overlap; each gives texts of its own."""
    ignored: tuple[Box, ...] = ()
    """Areas that are not looked at, such as the camera's own clock, in pixels of the picture as it is shown."""
    paused: bool = False

    def __post_init__(self) -> None:
        """Raises BadRegions: no region, or names that are wrong or not unique."""
        check_regions(self.regions)


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
        """Set some of the task's fields. Raises BadRegions as `Task`; then nothing changes."""
        with self._lock:
            self._task = replace(self._task, **changes)  # type: ignore[arg-type]

    def abandon(self) -> None:
        """Stop without waiting for the current reading. For signal handlers, which run in the loop's own thread."""
        self.stop.set()
        if self.is_reading:
            self.is_reading = False
            raise Abandoned
