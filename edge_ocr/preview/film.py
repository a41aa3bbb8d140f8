"""The camera's newest pictures, held back until they are read, so that each is shown with its own boxes."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.live.capture import Shot
from edge_ocr.live.moving import moved_line
from edge_ocr.live.scene import CHANGED, changed_pixels, thumbnail
from edge_ocr.page import Page

LONGEST_DELAY_S = 1.0
"""Most seconds by which the shown picture is late. Where readings take longer, pictures do not wait for them."""

SMOOTHING = 0.2
"""Weight of the newest value in the time that a reading takes."""

READINGS_WAITED = 2.2
"""Readings for which a picture waits: one may go on when it comes; the next is its own, or of a later one."""

KEPT_READINGS = 16
"""Readings remembered, of pictures that may be shown still."""

KEPT_SHOTS = 24
"""Most pictures held back: those of LONGEST_DELAY_S at 24 a second."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture with what is drawn on it."""

    shot: Shot
    page: Page | None
    """The boxes; None if nothing was read up to this picture."""
    age: float
    """Seconds by which the boxes are older than the picture; 0 if it was read itself, or looks the same there."""

    def is_like(self, other: "Drawing | None") -> bool:
        """Whether nothing would change on the screen: a picture is drawn again once it was read."""
        if other is None or self.shot.number != other.shot.number:
            return False
        return self.age == other.age and self.page == other.page


@dataclass(frozen=True, slots=True)
class Reading:
    """What was known after a picture was read; of the picture itself only what shows whether it changed."""

    number: int
    time: float
    small: NDArray[np.int16]
    page: Page | None

    def looks_like(self, shot: Shot) -> bool:
        """Whether the boxes are still right on another picture: something may move, but not where they are."""
        small = thumbnail(shot.image)
        if small.shape != self.small.shape:
            return False
        return changed_pixels(small, self.small, self._places(shot.image.shape[1] / small.shape[1])) < CHANGED

    def _places(self, scale: float) -> NDArray[np.bool_]:
        """Where the boxes are on the small picture, of which a pixel is so many of the picture's."""
        places = np.zeros(self.small.shape, np.bool_)
        for line in self.page.lines + self.page.rejected if self.page else ():
            left, top = int(line.box.left / scale), int(line.box.top / scale)
            places[top : int(line.box.bottom / scale) + 1, left : int(line.box.right / scale) + 1] = True
        return places


class Film:
    """Pictures from the capture's thread, readings from the loop's. Not safe to use from several threads at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` is that of `Shot.time`."""
        self._clock = clock
        self._shots: deque[Shot] = deque(maxlen=KEPT_SHOTS)
        self._readings: deque[Reading] = deque(maxlen=KEPT_READINGS)
        self._last_read: Shot | None = None
        self._late = 0.0

    def add(self, shot: Shot, *, is_watched: bool) -> None:
        """A picture came; without viewers only the newest one is kept."""
        if not is_watched:
            self._shots.clear()
        self._shots.append(shot)
        while len(self._shots) > 1 and self._shots[1].time <= shot.time - LONGEST_DELAY_S:
            self._shots.popleft()

    def read(self, shot: Shot, page: Page | None, *, is_new: bool) -> None:
        """What is known after a picture; `is_new` if it was read, and not only looked at."""
        if is_new:
            self._late += SMOOTHING * (self._clock() - shot.time - self._late)
            self._readings.append(Reading(shot.number, shot.time, thumbnail(shot.image), page))
            self._last_read = shot
        elif self._readings:  # Lines may have been given up since.
            self._readings[-1] = replace(self._readings[-1], page=page)

    def forget(self) -> None:
        """The camera is lost: its last picture and boxes are of the past."""
        self._shots.clear()
        self._readings.clear()
        self._last_read = None

    @property
    def newest(self) -> Shot | None:
        return self._shots[-1] if self._shots else None

    @property
    def last_read(self) -> tuple[Shot, Page | None] | None:
        """The picture that was read last, with its reading."""
        return (self._last_read, self._readings[-1].page) if self._last_read else None

    def due(self) -> Drawing | None:
        """What is to be shown now; None before the first picture."""
        if not self._shots:
            return None
        delay = READINGS_WAITED * self._late
        until = self._clock() - (delay if delay <= LONGEST_DELAY_S else 0.0)
        shot = next((shot for shot in reversed(self._shots) if shot.time <= until), self._shots[0])
        before = next((reading for reading in reversed(self._readings) if reading.number <= shot.number), None)
        after = next((reading for reading in self._readings if reading.number > shot.number), None)
        if before is None:
            return Drawing(shot, None, 0.0)
        if shot.number == before.number or before.looks_like(shot):
            return Drawing(shot, before.page, 0.0)
        between = _between(before, after, shot.time) if after is not None else None
        return Drawing(shot, between, 0.0) if between else Drawing(shot, before.page, shot.time - before.time)


def _between(before: Reading, after: Reading, at: float) -> Page | None:
    """The page of a picture between two that were read, its lines on their way from the one to the other.

    None unless both have the same lines.
    """
    if before.page is None or after.page is None:
        return None
    there = {line.text: line.box for line in after.page.lines}
    if sorted(there) != sorted(line.text for line in before.page.lines):
        return None
    part = (at - before.time) / (after.time - before.time)
    lines = tuple(
        moved_line(
            line,
            round(part * (there[line.text].left - line.box.left)),
            round(part * (there[line.text].top - line.box.top)),
        )
        for line in before.page.lines
    )
    return replace(before.page, lines=lines, rejected=())


def encode(image: NDArray[np.uint8], longest: int, quality: int) -> bytes:
    """JPEG of a picture, at most `longest` pixels a side."""
    scale = longest / max(image.shape[:2])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])
