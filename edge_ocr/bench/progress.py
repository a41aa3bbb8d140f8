"""The progress of a long measurement, on a terminal."""

import sys
from types import TracebackType

from edge_ocr.output import end_progress, is_terminal, show_progress


class Progress:
    """`with Progress(steps) as progress: progress.step("litert, round 1")`; silent if stderr is not a terminal."""

    def __init__(self, steps: int) -> None:
        self._steps, self._done = steps, 0
        self._shown = is_terminal(sys.stderr)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            end_progress()

    def step(self, what: str, part: float | None = None) -> None:
        """Show what is done now; `part` is how much of all is done, if the steps do not show it."""
        self._done += 1
        if not self._shown:
            return
        done = min(1.0, self._done / self._steps if part is None else part)
        show_progress(done, f"{done:4.0%} {what}")
