"""Sends what `edge-ocr live` gives out where the options say, and reports what goes wrong once."""

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from edge_ocr.commands.gates import make_gates
from edge_ocr.commands.programs import Programs
from edge_ocr.errors import (
    BadCharset,
    BadData,
    BadPattern,
    CameraLost,
    CannotWrite,
    EdgeOcrError,
    RegionOutside,
    RuleBroken,
)
from edge_ocr.live.loop import Loop, Sight
from edge_ocr.live.meter import number_of
from edge_ocr.live.region import Region
from edge_ocr.live.regions_file import RegionsFile
from edge_ocr.live.rules import as_json
from edge_ocr.live.statistics import Statistics
from edge_ocr.live.task import Task
from edge_ocr.live.terminal import TerminalView, status
from edge_ocr.output import is_terminal, note, say
from edge_ocr.outputs.entry import entry, plain
from edge_ocr.outputs.file import OutputFile
from edge_ocr.outputs.recording import Recording
from edge_ocr.outputs.state import StateFolder
from edge_ocr.page import Page

WRONG_WISHES = (BadCharset, BadPattern, RegionOutside)
"""Errors that end the reading unless there is a page on which to choose again."""

WRONG_METERS = (RuleBroken, BadData, CannotWrite)
"""Errors about a meter: its reading cannot be true, or its last value cannot be known."""


class Outlet:
    """stdout, the terminal, the output file, the recording and other programs."""

    def __init__(self, options: argparse.Namespace, task: Task, regions: RegionsFile | None) -> None:
        """Raises an EdgeOcrError, such as CannotWrite, if something that options or task name cannot be used."""
        self._json, self._rejected, self._is_quiet = options.json, options.rejected, options.quiet
        self._regions = regions
        self._statistics: Statistics | None = None
        self._view = TerminalView() if is_terminal(sys.stderr) and not options.quiet else None
        self._known: dict[str, type[EdgeOcrError] | str | None] = {}
        with ExitStack() as stack:
            self._output = _output(options, stack)
            self._recording = Recording(Path(options.record), options.keep) if options.record else None
            state = StateFolder(options.state)
            stack.callback(state.close)
            self.gates = make_gates(options, state)
            if any(region.rules.are_any for region in task.regions):
                self.gates.open()
            self._programs = Programs(options, state)
            stack.callback(self._programs.close)
            self._stack = stack.pop_all()

    def __enter__(self) -> "Outlet":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._view:
            self._view.clear()
        if self._statistics and self._statistics.pictures and not self._is_quiet:
            note(status(self._statistics))
        for name, courier in self._programs.couriers.items():
            if waiting := len(courier):
                note(f"{name}: {waiting} texts wait for the next run")
        self._stack.close()

    def show(self, sight: Sight, loop: Loop) -> bool:
        """Give out what is new; returns whether anything was."""
        self._statistics = loop.statistics
        given = [finding for finding in sight.findings if finding.given]
        for finding in given:
            assert finding.given is not None
            self._give(finding.given, finding.region, sight.image)
        if self._output:
            self._output.flush()  # There may be room again, or the file was rotated.
        if self._regions and not any(isinstance(finding.trouble, WRONG_WISHES) for finding in sight.findings):
            self._regions.keep(loop.task)
        self._programs.announce(loop.task.regions, is_available=not isinstance(sight.trouble, CameraLost))
        self._tell_all(sight)
        if self._view:
            self._view.show(sight, loop.statistics)
        return bool(given)

    def finish(self, stop: Event) -> None:
        """Wait for other programs to take what was given out, unless `stop` is set; raise what stayed unwritten."""
        self._programs.finish(stop)
        for sink in (self._output, self._recording):
            if sink and sink.trouble:
                raise sink.trouble

    def _give(self, page: Page, region: Region, image: NDArray[np.uint8] | None) -> None:
        """Give a region's text out."""
        if self._view:
            self._view.clear()
        when = time.time()
        number = number_of(page.text) if region.rules.are_any else None
        value = None if number is None else as_json(number)
        self._programs.add(entry(page, when, region.name, value=value))
        full = entry(page, when, region.name, value=value, rejected=self._rejected)
        say(full if self._json else plain(page, region.name))
        if self._output:
            self._output.add(page, when, region.name, value=value)
        if self._recording and image is not None:
            self._recording.add(image, page, region.box)

    def _tell_all(self, sight: Sight) -> None:
        is_wish, is_meter = isinstance(sight.trouble, WRONG_WISHES), isinstance(sight.trouble, WRONG_METERS)
        self._tell("what to read", sight.trouble if is_wish else None)
        self._tell("meter", sight.trouble if is_meter else None)
        self._tell("camera", None if is_wish or is_meter else sight.trouble)
        sinks = {
            "output": self._output,
            "record": self._recording,
            "regions": self._regions,
            "last value": self.gates.values,
            **self._programs.couriers,
        }
        for name, sink in sinks.items():
            self._tell(name, sink.trouble if sink is not None else None)

    def _tell(self, what: str, trouble: EdgeOcrError | None) -> None:
        """Report a trouble when it begins, changes its kind and ends."""
        # Counts and times in a sentence change while the trouble stays the same; each broken rule is another one.
        kind = str(trouble) if isinstance(trouble, RuleBroken) else type(trouble) if trouble else None
        if kind == self._known.get(what):
            return
        self._known[what] = kind
        if self._view:
            self._view.clear()
        note(str(trouble) if trouble else f"{what}: all is well again")


def _output(options: argparse.Namespace, stack: ExitStack) -> OutputFile | None:
    if not options.output:
        return None
    path = Path(options.output)
    if path.exists() and Path(options.camera).exists() and path.samefile(options.camera):
        raise CannotWrite(f"{path} is the input: choose another file for --output")
    output = OutputFile(path, options.json, rejected=options.rejected)
    stack.callback(output.close)
    return output
