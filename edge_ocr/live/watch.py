"""One region watched over many pictures: which of them are worth reading, and what its readings agree on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadPattern, EdgeOcrError
from edge_ocr.live.moving import moved_page
from edge_ocr.live.region import Region
from edge_ocr.live.scene import Scene
from edge_ocr.live.statistics import Statistics
from edge_ocr.live.steady import Steadier
from edge_ocr.live.track import HOLD
from edge_ocr.page import Frame, Page
from edge_ocr.reader import Reader

MOST_READINGS, LONGEST_READING_S = 7, 1.0
"""Readings of a still scene, and seconds, after which it is looked at but not read: the vote will not get better."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one region after a picture."""

    region: Region
    page: Page | None = None
    """This picture's own reading, boxes in pixels of the whole picture; None if it was not read."""
    voted: Page | None = None
    """The vote of the recent readings."""
    given: Page | None = None
    """The voted page if it is new and holds: given out once. Without lines where the writing is gone."""
    trouble: EdgeOcrError | None = None
    """Why this region cannot be read as it was asked."""


class Watch:
    """Watches one region."""

    def __init__(self, region: Region, make_reader: Callable[[Region], Reader], statistics: Statistics) -> None:
        """`make_reader` makes a reader for `Region.reading`, or raises why it cannot."""
        self.region = region
        self._make_reader, self._statistics = make_reader, statistics
        self.reader, self.reading = make_reader(region), region.reading
        self._scene, self._steadier = Scene(), Steadier(region.min_confidence)
        self._readings, self._since, self._at = 0, 0.0, 0.0
        self._refusal: EdgeOcrError | None = None

    def follow(self, region: Region) -> None:
        """Watch for something else; an unusable charset or pattern is reported, and the old reader goes on."""
        if region == self.region:
            return
        if region.reading != self.reading or self._refusal:
            try:
                self.reader, self.reading = self._make_reader(region), region.reading
                self._refusal = None
            except EdgeOcrError as error:
                self._refusal = error
            except (RecursionError, MemoryError):
                self._refusal = BadPattern("the pattern is too large for this machine: choose a simpler one")
        self.region = region
        self.renew()

    def renew(self) -> None:
        """Begin anew: earlier pictures and readings do not count for another region, charset or picture."""
        self._scene = Scene()
        self._steadier.forget()
        self._steadier.min_confidence = self.region.min_confidence
        self._readings = 0

    def see(self, image: NDArray[np.uint8], at: float) -> Finding:
        """Look at a picture, grey or BGR, taken `at` these seconds, and read it if that is worth while."""
        self._at = at
        page = given = None
        trouble: EdgeOcrError | None = None
        try:
            box = self.region.on(image.shape[1], image.shape[0])
            view = np.ascontiguousarray(image[box.top : box.bottom, box.left : box.right])
            if self._is_worth_reading(view, at):
                self._readings += 1
                page = self.reader.read(Frame(view))
                page = moved_page(page, box.left, box.top, image.shape[1], image.shape[0])
        except EdgeOcrError as error:
            trouble = error
        if page is not None:
            self._statistics.read(page.laps)
            given = self._steadier.add(page, at, image)
            if self._is_read_out(at):
                given = given or self._steadier.end()
        return Finding(self.region, page, self._steadier.page, given, self._refusal or trouble)

    def rest(self) -> Finding:
        """What is known while no picture is looked at."""
        return Finding(self.region, voted=self._steadier.page, trouble=self._refusal)

    def end(self) -> Finding:
        """What was not given out yet, after the last picture."""
        given = self._steadier.end()
        return Finding(self.region, voted=given, given=given, trouble=self._refusal)

    @property
    def is_done(self) -> bool:
        """Whether another picture of the same scene would not be read."""
        holds = self._steadier.holds and not self._steadier.is_contested
        return self._is_read_out(self._at) or (self._readings >= HOLD and holds)

    def _is_worth_reading(self, view: NDArray[np.uint8], at: float) -> bool:
        if self._scene.has_changed(view):
            self._readings, self._since = 0, at
            if self._scene.is_another:
                self._steadier.doubt()
        elif self.is_done:
            self._statistics.still += 1
            return False
        if self._scene.is_blurred(view, at):
            self._statistics.blurred += 1
            return False
        return True

    def _is_read_out(self, at: float) -> bool:
        """Whether the scene was read often enough since it changed last."""
        return self._readings >= MOST_READINGS and at - self._since >= LONGEST_READING_S
