"""`edge-ocr live`: a camera's writing as text, all day. Steady texts go to stdout, everything else to stderr."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from edge_ocr.cameras import Settings, open_camera
from edge_ocr.commands.read import load_reader
from edge_ocr.errors import CannotWrite, EdgeOcrError, RegionOutside
from edge_ocr.live.capture import Capture
from edge_ocr.live.loop import Controls, Loop, Sight, Task
from edge_ocr.live.sinks import OutputFile, Recording, entry
from edge_ocr.live.terminal import TerminalView, status
from edge_ocr.live.watchdog import Watchdog
from edge_ocr.output import INTERRUPTED, is_terminal, note, say
from edge_ocr.page import Box
from edge_ocr.picture.quiet import own_stderr

if TYPE_CHECKING:
    from edge_ocr.preview import Preview


def run(options: argparse.Namespace) -> int:
    """Read what the camera sees until it ends or a signal comes. Returns 0, also after SIGTERM; 130 after Ctrl-C."""
    if options.token is not None and options.preview is None:
        options.usage_error("--token is for viewers of the page: add --preview, or leave --token out")
    task = Task(options.charset, options.pattern, _region(options))
    controls = Controls(task)
    camera = open_camera(options.camera, _settings(options))
    with ExitStack() as stack:
        stack.enter_context(own_stderr())
        signals = stack.enter_context(_stopped_by_signals(controls))
        output = _output(options)
        if output:
            stack.callback(output.close)
        recording = Recording(Path(options.record)) if options.record else None
        capture = Capture(camera)
        loop = Loop(capture, lambda task: load_reader(options, task.charset, task.pattern), controls)
        preview = _preview(options, loop, stack)
        outlet = _Outlet(options, loop, output, recording)
        stack.callback(outlet.close)
        stack.enter_context(capture)
        watchdog = Watchdog()
        watchdog.ready()
        for sight in loop:
            if sight.image is not None or sight.trouble:  # A driver that hangs without a word is for systemd to end.
                watchdog.alive(status(loop.statistics))
            if isinstance(sight.trouble, RegionOutside) and not preview:
                raise sight.trouble
            outlet.show(sight)
            if preview:
                preview.publish(sight, loop.statistics)
            if sight.told and options.once:
                break
        watchdog.stopping()
        outlet.finish()
        return INTERRUPTED if signals == [signal.SIGINT] else 0


class _Outlet:
    """Sends each sight where the options say, and tells of troubles once."""

    def __init__(
        self, options: argparse.Namespace, loop: Loop, output: OutputFile | None, recording: Recording | None
    ) -> None:
        self._json, self._loop = options.json, loop
        self._output, self._recording = output, recording
        self._is_quiet = options.quiet
        self._view = TerminalView() if is_terminal(sys.stderr) and not options.quiet else None
        self._known: dict[str, type[EdgeOcrError] | None] = {}

    def show(self, sight: Sight) -> None:
        """Give out what is new."""
        if sight.told:
            if self._view:
                self._view.clear()
            when = time.time()
            say(entry(sight.told, when) if self._json else sight.told.text + "\n")
            if self._output:
                self._output.add(sight.told, when)
            if self._recording and sight.image is not None:
                self._recording.add(sight.image, sight.told, self._loop.controls.task.region)
        elif self._output and self._output.trouble:
            self._output.flush()  # There may be room again.
        self._tell("camera", sight.trouble)
        self._tell("output", self._output.trouble if self._output else None)
        self._tell("record", self._recording.trouble if self._recording else None)
        if self._view:
            self._view.show(sight, self._loop.statistics)

    def finish(self) -> None:
        """Raise CannotWrite when something that was read is stored nowhere."""
        for sink in (self._output, self._recording):
            if sink and sink.trouble:
                raise sink.trouble

    def close(self) -> None:
        if self._view:
            self._view.clear()
        if self._loop.statistics.pictures and not self._is_quiet:
            note(status(self._loop.statistics))

    def _tell(self, what: str, trouble: EdgeOcrError | None) -> None:
        """Say a trouble when it begins, when another kind takes its place and when it is over."""
        # Counts and times in a sentence change while the trouble is the same.
        kind = type(trouble) if trouble else None
        if kind is self._known.get(what):
            return
        self._known[what] = kind
        if self._view:
            self._view.clear()
        note(str(trouble) if trouble else f"{what}: all is well again")


def _settings(options: argparse.Namespace) -> Settings:
    width, height = options.size
    return Settings(
        width, height, options.fps, loop=options.loop, autofocus=not options.no_autofocus, exposure_us=options.exposure
    )


def _region(options: argparse.Namespace) -> Box | None:
    if options.roi is None:
        return None
    x, y, width, height = options.roi
    return Box(x, y, x + width, y + height)


def _output(options: argparse.Namespace) -> OutputFile | None:
    if not options.output:
        return None
    path = Path(options.output)
    if path.exists() and Path(options.camera).exists() and path.samefile(options.camera):
        raise CannotWrite(f"{path} is what is to be read: choose another file for --output")
    return OutputFile(path, options.json)


def _preview(options: argparse.Namespace, loop: Loop, stack: ExitStack) -> "Preview | None":
    if options.preview is None:
        return None
    from edge_ocr.preview import Preview  # Its library is an extra, and takes time to load.

    preview = stack.enter_context(Preview(options.preview, loop.controls, token=options.token))
    note(f"the page is at {preview.url}")
    return preview


@contextmanager
def _stopped_by_signals(controls: Controls) -> Iterator[list[int]]:
    """SIGINT and SIGTERM end the loop after the picture at hand; gives the list of those that came."""
    came: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        came.append(number)
        controls.stop.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
