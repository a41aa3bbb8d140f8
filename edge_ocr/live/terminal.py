"""The view of the loop on a terminal: the current text and the loop's state, redrawn in place on stderr."""

import shutil
import sys
import time

from edge_ocr.live.loop import Sight
from edge_ocr.live.statistics import Statistics

REDRAW_S = 0.2
"""Seconds between two drawings."""

MOST_LINES = 8
"""Most text lines shown."""


def status(statistics: Statistics) -> str:
    """One line: rate, time of each stage, skipped pictures."""
    stages = " ".join(f"{name} {ms:.0f}" for name, ms in statistics.stages.items())
    passed = f"{statistics.still} still, {statistics.blurred} blurred, {statistics.dropped} dropped"
    lost = f", lost {statistics.losses}x" if statistics.losses else ""
    pictures = f"{statistics.pictures} pictures: {statistics.readings} read, {passed}{lost}"
    return f"{statistics.rate:.1f} frames/s | ms: {stages or '-'} | {pictures}"


class TerminalView:
    """Draws the latest sight, and leaves the terminal as it was."""

    def __init__(self) -> None:
        self._drawn, self._last = 0, 0.0

    def show(self, sight: Sight, statistics: Statistics) -> None:
        """Draw, unless it was drawn a moment ago."""
        if time.monotonic() - self._last < REDRAW_S:
            return
        self._last = time.monotonic()
        width = shutil.get_terminal_size().columns - 1
        text = sight.voted.text.splitlines() if sight.voted else []
        lines = [f"  {line}" for line in text[:MOST_LINES]] or ["  (no writing)"]
        if sight.trouble:
            lines.append(f"! {sight.trouble}")
        self.clear()
        print("\n".join(line[:width] for line in [status(statistics), *lines]), file=sys.stderr, flush=True)
        self._drawn = len(lines) + 1

    def clear(self) -> None:
        """Remove the drawing."""
        if self._drawn:
            print(f"\x1b[{self._drawn}F\x1b[J", end="", file=sys.stderr, flush=True)
        self._drawn = 0
