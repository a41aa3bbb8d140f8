"""`edge-ocr live`: a camera's writing as text, without end. Steady texts go to stdout, everything else to stderr."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from edge_ocr.cameras import Camera
from edge_ocr.cameras.turning import Turned
from edge_ocr.commands.camera_options import chosen_camera
from edge_ocr.commands.gates import rules_of
from edge_ocr.commands.outlet import WRONG_WISHES, Outlet
from edge_ocr.commands.programs import check_programs
from edge_ocr.commands.read import load_reader
from edge_ocr.errors import ExitCode, NothingSteady
from edge_ocr.live.capture import Capture
from edge_ocr.live.loop import Loop, Sight
from edge_ocr.live.region import Region
from edge_ocr.live.regions_file import RegionsFile
from edge_ocr.live.task import Abandoned, Controls, Task
from edge_ocr.live.terminal import status
from edge_ocr.live.watchdog import Watchdog
from edge_ocr.output import is_terminal, note
from edge_ocr.page import Box
from edge_ocr.picture.quiet import own_stderr
from edge_ocr.preview.options import access_of, check_page

if TYPE_CHECKING:
    from edge_ocr.preview import Preview

PATIENCE_S = 0.4
"""Seconds that a reading may continue after a signal."""


def run(options: argparse.Namespace) -> int:
    """Read what the camera sees until its end or a signal. Returns 0, also after SIGTERM; 130 after Ctrl-C.

    Raises:
        NothingSteady: with --once, no text held before the timeout or the film's end.
    """
    _check(options)
    regions = RegionsFile(Path(options.regions)) if options.regions else None
    usual = _region(options)
    controls = Controls(regions.load(usual) if regions else Task((usual,)))
    camera = chosen_camera(options)
    with ExitStack() as stack:
        stack.enter_context(own_stderr())
        # A person who closes the terminal wants an end; of a service SIGHUP asks to follow its rotated file.
        may_hang_up = is_terminal(sys.stderr) or not options.output
        signals = stack.enter_context(_stopped_by_signals(controls, options.timeout, may_hang_up=may_hang_up))
        given = False
        with suppress(Abandoned):
            given = _read_all(options, controls, camera, regions, stack)
    if signals and signals[0] == signal.SIGINT:
        return ExitCode.INTERRUPTED
    if options.once and not given:
        within = f" within {options.timeout:g} s" if signals == [signal.SIGALRM] else ""
        raise NothingSteady(f"no text of {camera.name} held{within}: check light and focus, or give it more time")
    return 0


def _read_all(
    options: argparse.Namespace, controls: Controls, camera: Camera, regions: RegionsFile | None, stack: ExitStack
) -> bool:
    """Give out what the camera shows, until its end, a signal, or the text of --once; returns whether that came."""
    outlet = stack.enter_context(Outlet(options, controls.task, regions))
    capture = Capture(camera, interval_s=options.interval)
    loop = Loop(capture, lambda region: load_reader(options, **region.reading), controls)
    preview = _preview(options, loop, stack)
    if preview:
        capture.on_shot = preview.see
    stack.enter_context(capture)
    watchdog = Watchdog()
    watchdog.ready()
    given = False
    for sight in outlet.gates.through(loop, controls.stop):
        if sight.image is not None or sight.trouble or capture.is_resting:  # systemd ends us if a driver hangs.
            watchdog.alive(status(loop.statistics))
        if isinstance(sight.trouble, WRONG_WISHES) and not preview:
            raise sight.trouble
        given = outlet.show(sight, loop) or given
        if options.rotate == "auto" and isinstance(camera, Turned):
            _turn_upright(camera, sight)
        if preview:
            preview.publish(sight, loop.statistics)
        if given and options.once:
            break
    watchdog.stopping()
    outlet.finish(controls.stop)
    return given


def _turn_upright(camera: Turned, sight: Sight) -> None:
    """Let the camera turn its pictures as the text that was given out lies, unless a region was drawn on them."""
    is_whole = not any(finding.region.box for finding in sight.findings)
    if is_whole and sight.given is not None and sight.given.lines and camera.follow(sight.given.turn):
        note(f"the pictures are turned by {camera.degrees} degrees from now on")


def _check(options: argparse.Namespace) -> None:
    """Refuse options that need another one."""
    check_page(options)
    if options.timeout is not None and not options.once:
        options.usage_error("--timeout limits the wait of --once: add --once, or leave --timeout out")
    if options.keep is not None and not options.record:
        options.usage_error("--keep bounds the folder of --record: add --record, or leave --keep out")
    if options.rotate == "auto" and (options.regions or options.roi):
        options.usage_error("--rotate auto would move the regions: name the degrees, such as --rotate 180")
    if options.regions and options.roi:
        options.usage_error("--roi and --regions are two ways to say what is read: leave one of them out")
    if options.rejected and not options.json:
        options.usage_error("--rejected needs --json: add --json, or leave --rejected out")
    check_programs(options)


def _region(options: argparse.Namespace) -> Region:
    """What the options say of a region without a name."""
    reading = {name: getattr(options, name) for name in ("charset", "pattern", "pattern_in", "min_confidence")}
    box = None
    if options.roi is not None:
        x, y, width, height = options.roi
        box = Box(x, y, x + width, y + height)
    return Region(box=box, rules=rules_of(options), **reading)


def _preview(options: argparse.Namespace, loop: Loop, stack: ExitStack) -> "Preview | None":
    if options.preview is None:
        return None
    from edge_ocr.preview import Preview  # Its library is an extra, and loads slowly.

    preview = stack.enter_context(Preview(options.preview, loop.controls, access_of(options)))
    asks = ", and asks for the token" if preview.has_token else ""
    note(f"the page is at {preview.url}{asks}")
    return preview


@contextmanager
def _stopped_by_signals(controls: Controls, timeout: float | None, *, may_hang_up: bool) -> Iterator[list[int]]:
    """SIGINT and SIGTERM end the loop soon; yields the list of received signals.

    SIGALRM ends it after `timeout` seconds. SIGHUP ends it where it may; else the output file, which is looked at
    before every picture, needs no more than not to end.
    """
    came: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        controls.stop.set()
        if not came:
            signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
        came.append(number)

    def give_up(number: int, _: FrameType | None) -> None:
        came.append(number)
        controls.abandon()

    def go_on(number: int, _: FrameType | None) -> None:
        """Not SIG_IGN, which programs that we start would inherit."""

    handlers = {signal.SIGINT: stop, signal.SIGTERM: stop, signal.SIGALRM: give_up}
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
        handlers[signal.SIGHUP] = stop if may_hang_up else go_on
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        signal.setitimer(signal.ITIMER_REAL, timeout or 0)
        yield came
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, old in before.items():
            signal.signal(number, old)
