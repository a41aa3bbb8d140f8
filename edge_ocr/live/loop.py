"""The loop: newest picture -> reading -> steady text. Still scenes cost hardly anything; blurred pictures wait."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadPattern, EdgeOcrError, RegionOutside
from edge_ocr.live.capture import Capture
from edge_ocr.live.moving import moved_page
from edge_ocr.live.scene import Scene
from edge_ocr.live.steady import Steadier
from edge_ocr.live.task import Abandoned, Controls, Task
from edge_ocr.live.track import HOLD
from edge_ocr.page import Box, Frame, Page
from edge_ocr.reader import Reader

WAIT_S = 0.25
"""Longest wait for a picture before the loop says that none came, and checks whether to stop."""

SMOOTHING = 0.1
"""Weight of the newest value in the shown averages."""

MOST_READINGS, LONGEST_READING_S = 7, 1.0
"""Readings of a still scene, and seconds, after which it is looked at but not read: the vote will not get better."""


@dataclass(slots=True)
class Statistics:
    """The state of the loop; averages over the last few pictures."""

    pictures: int = 0
    """Pictures that came to the loop."""
    readings: int = 0
    blurred: int = 0
    """Pictures skipped because sharper ones were expected."""
    still: int = 0
    """Pictures skipped because nothing had changed."""
    dropped: int = 0
    """Pictures that came while another one was read."""
    losses: int = 0
    """How often the camera was lost."""
    interval: float = 0.0
    """Seconds from one picture to the next; 0 if unknown."""
    stages: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Milliseconds of each stage of a reading."""

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return 1 / self.interval if self.interval else 0.0

    def came(self, seconds: float) -> None:
        """Count a picture that came `seconds` after the one before; 0 for the first one."""
        self.pictures += 1
        self.interval = (1 - SMOOTHING) * self.interval + SMOOTHING * seconds if self.interval else seconds

    def read(self, laps: dict[str, float]) -> None:
        """Count a reading with the seconds of its stages."""
        self.readings += 1
        for stage, seconds in laps.items():
            known = self.stages.get(stage, 1000 * seconds)
            self.stages[stage] = (1 - SMOOTHING) * known + SMOOTHING * 1000 * seconds


@dataclass(frozen=True, slots=True)
class Sight:
    """One picture, or the lack of one, and what is known after it."""

    image: NDArray[np.uint8] | None
    """Grey or BGR, the whole picture; None if none came for WAIT_S."""
    page: Page | None
    """This picture's own reading, boxes in its pixels; None if it was not read."""
    voted: Page | None
    """The vote of the recent readings."""
    given: Page | None
    """The voted page if it is new and holds: given out once."""
    trouble: EdgeOcrError | None
    """Why reading or the camera fails now."""


class Loop:
    """Reads what a capture shows. One thread runs it; `controls` may be used by others."""

    def __init__(self, capture: Capture, make_reader: Callable[[Task], Reader], controls: Controls) -> None:
        """`make_reader` makes a reader for `Task.reading`, or raises why it cannot."""
        self.statistics = Statistics()
        self.controls = controls
        self._capture, self._make_reader = capture, make_reader
        self._task = controls.task
        self._reader = make_reader(self._task)
        self._scene, self._steadier = Scene(), Steadier(self._task.min_confidence)
        self._readings, self._since = 0, 0.0
        self._trouble: EdgeOcrError | None = None

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
                yield self._see(image, shot.at)
            elif self._capture.ended:
                break
            else:
                yield Sight(None, None, self._steadier.page, None, self._trouble or self._capture.trouble)
        given = self._steadier.end()
        if image is not None and given is not None:
            yield Sight(image, None, given, given, self._trouble)

    def _see(self, image: NDArray[np.uint8], at: float) -> Sight:
        self._follow_task()
        page = given = None
        trouble: EdgeOcrError | None = None
        if not self._task.paused:
            trouble = _outside(image, self._task.region)
            view, region = _crop(image, self._task.region)
            if trouble is None and self._is_worth_reading(view, at):
                try:
                    page = self._read(view, region, image.shape[:2])
                except EdgeOcrError as error:
                    trouble = error
            if page is not None:
                given = self._steadier.add(page, at, image)
                if self._is_read_out(at):
                    given = given or self._steadier.end()
        return Sight(image, page, self._steadier.page, given, self._trouble or trouble or self._capture.trouble)

    def _is_worth_reading(self, view: NDArray[np.uint8], at: float) -> bool:
        if self._scene.has_changed(view):
            self._readings, self._since = 0, at
            if self._scene.is_another:
                self._steadier.doubt()
        elif self._is_read_out(at) or (self._readings >= HOLD and self._steadier.holds):
            self.statistics.still += 1
            return False
        if self._scene.is_blurred(view, at):
            self.statistics.blurred += 1
            return False
        return True

    def _is_read_out(self, at: float) -> bool:
        """Whether the scene was read often enough since it changed last."""
        return self._readings >= MOST_READINGS and at - self._since >= LONGEST_READING_S

    def _read(self, view: NDArray[np.uint8], region: Box, size: tuple[int, int]) -> Page:
        self._readings += 1
        self.controls.is_reading = True
        try:
            page = self._reader.read(Frame(view))
        finally:
            self.controls.is_reading = False
        self.statistics.read(page.laps)
        return moved_page(page, region.left, region.top, size[1], size[0])

    def _follow_task(self) -> None:
        """Apply changes of the task; an unusable charset or pattern is reported, and the old one stays."""
        task = self.controls.task
        if task == self._task:
            return
        if task.reading != self._task.reading:
            try:
                self._reader = self._make_reader(task)
                self._trouble = None
            except EdgeOcrError as error:
                self._trouble = error
            except (RecursionError, MemoryError):
                self._trouble = BadPattern("the pattern is too large for this machine: choose a simpler one")
        is_another = (task.reading, task.region) != (self._task.reading, self._task.region)
        self._task = task
        if is_another:
            # Earlier pictures and readings do not count for another region or charset.
            self._scene = Scene()
            self._steadier.forget()
            self._steadier.min_confidence = task.min_confidence
            self._readings = 0


def _outside(image: NDArray[np.uint8], region: Box | None) -> RegionOutside | None:
    """The error for a region outside the picture."""
    height, width = image.shape[:2]
    if region is None or (region.left < width and region.top < height):
        return None
    return RegionOutside(
        f"the region that begins at {region.left},{region.top} is outside the picture, which is {width}x{height}: "
        "choose one inside"
    )


def _crop(image: NDArray[np.uint8], region: Box | None) -> tuple[NDArray[np.uint8], Box]:
    """The region's pixels, and the part of the region on the picture."""
    height, width = image.shape[:2]
    if region is None:
        return image, Box(0, 0, width, height)
    region = region.within(width, height)
    return np.ascontiguousarray(image[region.top : region.bottom, region.left : region.right]), region
