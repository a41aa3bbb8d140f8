"""One line of writing over many pictures, found again by its place and its text."""

import math
from collections import deque
from itertools import takewhile
from statistics import median

import numpy as np
from numpy.typing import NDArray

from edge_ocr.live.moving import moved_glyph, moved_line
from edge_ocr.live.patch import Patch
from edge_ocr.live.vote import Cell, Reading, differences, elect, judge, likeness, support, text_of
from edge_ocr.page import Box, Line, around

MEMORY = 24
"""Most readings of a line that vote."""

HALF_LIFE_S = 1.0
"""Seconds after which a reading has half its weight."""

HOLD, HOLD_S = 3, 0.2
"""Fewest readings, and seconds from the first to the last, of a line that is no misreading."""

MOMENT = 1e-6
"""Tolerance of comparisons of times, in seconds."""

GONE_S = 0.4
"""Seconds after which an unseen line is gone."""

CHANGED_S = 1.0
"""Seconds without a reading like the given-out text, before a text with one or two other characters replaces it; fewer
seconds for more characters, since a small change is more likely a misreading."""

STANDING = 3.0
"""Factor of the weight of a given-out line against others at its place: pictures differ in how they divide lines."""

UNREAD_S = 3.0
"""Seconds for which an unread line counts as present while its pixels are."""

SAME_PLACE = 0.4
"""Closeness, from 0 to 1, from which one of two lines is a misreading."""

SHARED = 0.3
"""Part of a line's characters, from 0 to 1, inside another line, from which both are readings of the same ink."""

LIKE, ALIKE = 0.5, 0.75
"""Likeness, from 0 to 1, from which two texts are readings of the same writing: at one place, and wherever they are."""

SHORT = 3
"""Characters below which two texts may be alike, or differ, by chance."""


class Track:
    """Collects the readings of one line."""

    def __init__(self, reading: Reading, patch: Patch | None) -> None:
        self.readings: deque[Reading] = deque(maxlen=MEMORY)
        self.missed = 0
        """Consecutive pictures in which it was not found."""
        self.since = reading.at
        """When it was first read."""
        self.seen = reading.at
        """When it was last present, read or not."""
        self.is_given = False
        """Whether its text was given out, so that only a better one replaces it."""
        self.line = reading.line
        """Where it is now, as it was read last."""
        self.sure_at = -math.inf
        """When its vote last was certain enough to be given out."""
        self._chosen: tuple[Cell, ...] = ()
        self._agreed, self._agreed_since = 0, reading.at
        self.add(reading, patch)

    def add(self, reading: Reading, patch: Patch | None) -> None:
        """Add a reading of the line, and its pixels, if known."""
        self.readings.append(reading)
        self.seen, self.missed, self._patch = reading.at, 0, patch
        self.line = reading.line

    def look(self, image: NDArray[np.uint8], at: float) -> None:
        """Look for the line on a picture in which it was not read."""
        patch = self._patch.found_in(image) if self._patch else None
        if self._patch and patch and at - self.read <= UNREAD_S:
            old, new = self._patch.box, patch.box
            self.line = moved_line(self.line, new.left - old.left, new.top - old.top)
            self.seen, self.missed, self._patch = at, 0, patch

    def absorb(self, other: "Track") -> None:
        """Take over the readings of another track of the same writing."""
        latest = max(self, other, key=lambda track: track.read)
        self.readings = deque(sorted((*self.readings, *other.readings), key=lambda reading: reading.at), maxlen=MEMORY)
        self.seen, self.missed, self._patch, self.line = latest.seen, latest.missed, latest._patch, latest.line

    def forget(self) -> None:
        """Another scene: earlier readings no longer vote, if the line is found again."""
        last = self.readings[-1]
        self.readings = deque([Reading(last.line, last.text, last.cells, last.at, 1e-3)], maxlen=MEMORY)
        self.is_given = False

    @property
    def read(self) -> float:
        """The time of the last reading."""
        return self.readings[-1].at

    @property
    def text(self) -> str:
        """What it is taken for: by the vote, or by its last reading while there was none."""
        return text_of(self._chosen) or self.readings[-1].text

    @property
    def is_established(self) -> bool:
        """Whether it was read often enough, for long enough, to be no misreading."""
        return len(self.readings) >= HOLD and self.read - self.since >= HOLD_S - MOMENT

    @property
    def holds(self) -> bool:
        """Whether its text has been the same for long enough, and the last reading was much like it."""
        last = likeness(self.text, self.readings[-1].text)
        return last >= ALIKE and self._agreed >= HOLD and self.read - self._agreed_since >= HOLD_S - MOMENT

    @property
    def is_contested(self) -> bool:
        """Whether its last readings all say something else than it is taken for: it may have changed a little."""
        last = list(self.readings)[-HOLD:]
        return len(last) == HOLD and all(reading.text != self.text for reading in last)

    def weight(self, at: float) -> float:
        """Sum of its readings' weights, more if its text was given out."""
        return (STANDING if self.is_given else 1.0) * sum(weight for _, weight in self._ballots(at))

    def likeness(self, line: Line, text: str, *, is_doubtful: bool) -> float:
        """How likely the line is another reading of the track, by place and text; 0 if it is not."""
        close = closeness(self.line, line)
        if close <= 0:
            return 0.0
        alike = likeness(self.text, text)
        may_differ = not is_doubtful and max(len(self.text), len(text)) < SHORT
        return close + alike if alike >= LIKE or may_differ else 0.0

    def is_same_writing(self, text: str) -> bool:
        """Whether a text elsewhere on the picture is this line, moved."""
        return min(len(self.text), len(text)) >= SHORT and likeness(self.text, text) >= ALIKE

    def is_twin(self, other: "Track") -> bool:
        """Whether another track is of the same writing: of a line that was lost and found again."""
        return (
            self.read != other.read
            and self.is_same_writing(other.text)
            and closeness(self.line, other.line) >= SAME_PLACE
        )

    def vote(self, at: float, pattern: str | None) -> Line:
        """The line that the readings agree on best; a given-out text stays until another one has far more support."""
        ballots = self._ballots(at)
        challenger = elect(ballots, pattern)
        old, new = text_of(self._chosen), text_of(challenger)
        keeps = old != new and self.is_given and not self._has_changed(old, new, ballots)
        self._chosen = self._placed(self._chosen if keeps else challenger)
        if self.read == at:
            self._count(text_of(self._chosen), is_new=old != text_of(self._chosen))
        return judge(self._chosen, ballots)

    def _has_changed(self, old: str, new: str, ballots: list[tuple[Reading, float]]) -> bool:
        """Whether the writing has changed: the new text has more support, all of it recent."""
        if support(new, ballots) < support(old, ballots):
            return False
        last = max((r.at for r in self.readings if differences(old, r.text) <= differences(new, r.text)), default=0.0)
        like_new = sum(reading.at > last for reading in self.readings)
        return like_new >= HOLD and self.read - last >= CHANGED_S / max(1, differences(old, new) - 1)

    def _count(self, text: str, *, is_new: bool) -> None:
        """Count the consecutive votes for a text; for a new one, its earlier readings count."""
        if is_new:
            own = list(takewhile(lambda reading: reading.text == text, reversed(self.readings)))
            self._agreed, self._agreed_since = max(0, len(own) - 1), own[-1].at if own else self.read
        self._agreed += 1

    def _placed(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """A text, read in whichever picture, where the line is now."""
        if self.readings[-1].text == text_of(cells) and self.readings[-1].line is self.line:
            return self.readings[-1].cells
        box, old = self.line.box, around([glyph.box for _, glyph in cells if glyph])
        right, down = box.left - old.left, box.top - old.top
        return tuple((char, glyph and moved_glyph(glyph, right, down)) for char, glyph in cells)

    def _ballots(self, at: float) -> list[tuple[Reading, float]]:
        return [(reading, reading.quality * 0.5 ** ((at - reading.at) / HALF_LIFE_S)) for reading in self.readings]


def is_same_place(one: Track, other: Track) -> bool:
    """Whether only one of two tracks can be right: not if both were read in one picture, or given out together."""
    together = one.is_established and other.is_established and one.read == other.read
    if one is other or together or (one.is_given and other.is_given):
        return False
    return closeness(one.line, other.line) >= SAME_PLACE or shared(one.line, other.line) >= SHARED


def closeness(one: Line, other: Line) -> float:
    """How close two lines run where both are: 1 at the same height, 0 a letter's height apart or side by side."""
    mine, its = one.box, other.box
    left, right = max(mine.left, its.left), min(mine.right, its.right)
    if left >= right or mine.top >= its.bottom + its.height or its.top >= mine.bottom + mine.height:
        return 0.0
    letter = median(glyph.box.height for line in (one, other) for word in line.words for glyph in word.glyphs)
    # Lines of a turned page have boxes that overlap, though the lines do not.
    down = abs(_middle(one, left, right) - _middle(other, left, right))
    return max(0.0, 1 - down / max(1, letter))


def shared(one: Line, other: Line) -> float:
    """Part of the shorter line's characters whose middle is in a character's box of the other line."""
    few, many = sorted(([g.box for word in line.words for g in word.glyphs] for line in (one, other)), key=len)
    return sum(any(_holds_middle(box, it) for box in many) for it in few) / len(few)


def _holds_middle(box: Box, other: Box) -> bool:
    return (
        box.left <= (other.left + other.right) / 2 <= box.right
        and box.top <= (other.top + other.bottom) / 2 <= box.bottom
    )


def _middle(line: Line, left: int, right: int) -> float:
    """Row of a line's middle between two columns; of the whole line if there is no letter between them."""
    boxes = [glyph.box for word in line.words for glyph in word.glyphs]
    near = [box for box in boxes if box.left < right and box.right > left] or boxes
    return sum(box.top + box.bottom for box in near) / (2 * len(near))
