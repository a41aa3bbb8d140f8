"""The loop: newest picture -> readings of its regions -> steady texts. Still scenes cost hardly anything."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import EdgeOcrError
from edge_ocr.live.capture import Capture, Shot
from edge_ocr.live.region import Region, painted_over
from edge_ocr.live.statistics import Statistics
from edge_ocr.live.task import Abandoned, Controls
from edge_ocr.live.watch import Finding, Watch
from edge_ocr.page import Page
from edge_ocr.reader import Reader

WAIT_S = 0.25
"""Longest wait for a picture before the loop says that none came, and checks whether to stop."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One picture, or the lack of one, and what is known after it."""

    image: NDArray[np.uint8] | None
    """Grey or BGR, the whole picture; None if none came for WAIT_S."""
    findings: tuple[Finding, ...]
    """Of each region, in the task's order."""
    trouble: EdgeOcrError | None
    """Why reading or the camera fails now."""
    shot: Shot | None = None
    """The picture with its time and number; None if none came."""
    resting_s: float | None = None
    """Seconds for which a camera with an interval still rests; None if it does not."""

    @property
    def page(self) -> Page | None:
        """This picture's own readings, of all regions; None if none was read."""
        return _joined([finding.page for finding in self.findings])

    @property
    def voted(self) -> Page | None:
        """The votes of all regions."""
        return _joined([finding.voted for finding in self.findings])

    @property
    def given(self) -> Page | None:
        """What is given out now, of all regions; None if nothing is."""
        return _joined([finding.given for finding in self.findings])


class Loop:
    """Reads what a capture shows. One thread runs it; `controls` may be used by others."""

    def __init__(self, capture: Capture, make_reader: Callable[[Region], Reader], controls: Controls) -> None:
        """`make_reader` makes a reader for `Region.reading`, or raises why it cannot."""
        self.statistics = Statistics()
        self.controls = controls
        self._capture, self._make_reader = capture, make_reader
        self.task = controls.task
        """What is read now: the task of `controls` at the last picture."""
        self._watches: list[Watch] = []
        for region in self.task.regions:
            self._watches.append(self._watch(region))

    def __iter__(self) -> Iterator[Sight]:
        """A sight for each picture, and one whenever none came for a while.

        Ends with a film, or on `Controls.stop`. Raises as `Capture.next`.
        """
        with suppress(Abandoned):
            yield from self._look()

    def _look(self) -> Iterator[Sight]:
        last: float | None = None
        image = None
        while not self.controls.stop.is_set():
            shot = self._capture.next(WAIT_S)
            self.statistics.dropped, self.statistics.losses = self._capture.dropped, self._capture.losses
            if self._capture.trouble is not None:
                last, self.statistics.interval = None, 0.0
            if shot is not None:
                self.statistics.came(shot.time - last if last is not None else 0.0)
                last, image = shot.time, shot.image
                sight = self._see(image, shot.at)
                self._capture.read_through(self.task.paused or all(watch.is_done for watch in self._watches))
                yield replace(sight, shot=shot)
            elif self._capture.ended:
                break
            else:
                yield self._sight(None, [watch.rest() for watch in self._watches])
        ends = [watch.end() for watch in self._watches]
        if image is not None and any(end.given for end in ends):
            yield self._sight(image, ends)

    def _see(self, image: NDArray[np.uint8], at: float) -> Sight:
        self._follow_task()
        if self.task.paused:
            return self._sight(image, [watch.rest() for watch in self._watches])
        self.controls.is_reading = True
        try:
            view = painted_over(image, self.task.ignored)
            findings = [watch.see(view, at) for watch in self._watches]
        finally:
            self.controls.is_reading = False
        return self._sight(image, findings)

    def _sight(self, image: NDArray[np.uint8] | None, findings: list[Finding]) -> Sight:
        trouble = next((finding.trouble for finding in findings if finding.trouble), None)
        resting_s = self._capture.resting_s if image is None else None
        return Sight(image, tuple(findings), trouble or self._capture.trouble, resting_s=resting_s)

    def _follow_task(self) -> None:
        """Apply changes of the task. A region of the same name goes on, unless what it reads has changed."""
        task = self.controls.task
        if task == self.task:
            return
        known = {watch.region.name: watch for watch in self._watches}
        # A new region may have an unusable pattern: it begins as one without, and `follow` reports that.
        self._watches = [known.get(region.name) or self._watch(Region(region.name)) for region in task.regions]
        for watch, region in zip(self._watches, task.regions, strict=True):
            watch.follow(region)
            if task.ignored != self.task.ignored:
                watch.renew()
        self.task = task

    def _watch(self, region: Region) -> Watch:
        return Watch(region, self._reader, self.statistics)

    def _reader(self, region: Region) -> Reader:
        """The reader of another region that is read alike, since each takes tens of megabytes; else a new one."""
        alike = (watch.reader for watch in self._watches if watch.reading == region.reading)
        return next(alike, None) or self._make_reader(region)


def _joined(pages: list[Page | None]) -> Page | None:
    """The pages of one picture's regions as one; None if there are none."""
    there = [page for page in pages if page is not None]
    if len(there) < 2:
        return there[0] if there else None
    return replace(
        there[0],
        lines=tuple(line for page in there for line in page.lines),
        rejected=tuple(line for page in there for line in page.rejected),
        pattern=None,
        partial=any(page.partial for page in there),
    )
