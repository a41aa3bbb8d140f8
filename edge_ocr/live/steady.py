"""Readings of one camera's pictures -> texts that hold, each given out once, and an empty one when they are gone."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge_ocr.live.keys import is_on_keys
from edge_ocr.live.patch import Patch
from edge_ocr.live.track import GONE_S, MOMENT, Track, is_same_place
from edge_ocr.live.vote import Reading
from edge_ocr.page import Box, Line, Page, mean_confidence
from edge_ocr.text.confidence import check_minimum

MIN_CONFIDENCE = 0.7
"""Default of the least confidence of a line that is given out: seven of ten characters are right.

Higher than for a single picture: the next picture comes soon, and a given-out text stays until another one holds.
"""

INTERVAL_S = 0.1
"""Default of the seconds from one reading to the next."""

LONGEST_STEP_S = 0.3
"""Most seconds that a pause between readings counts: nothing was read meanwhile."""

DOUBTFUL_S = 3.0
"""Seconds for which a given-out line that is present may be too doubtful before it counts as withdrawn."""

LEAST_QUALITY = 0.05
"""Weight of a reading with hardly anything certain."""


class Steadier:
    """Collects readings, and says when their vote holds."""

    def __init__(self, min_confidence: float = MIN_CONFIDENCE) -> None:
        check_minimum(min_confidence)
        self.min_confidence = min_confidence
        """Lines whose vote is less certain than this, 0 to 1, are left out."""
        self._tracks: list[Track] = []
        self._shown: list[Track] = []
        self._now = self._last_at = 0.0
        self._readings = 0
        self._page: Page | None = None
        self._is_doubted = False
        self._given: list[str] = []

    @property
    def page(self) -> Page | None:
        """The current vote, whether it holds or not; None before the first reading."""
        return self._page

    @property
    def holds(self) -> bool:
        """Whether the vote has been the same for long enough, and the last reading had exactly its lines."""
        return self._readings > 0 and not self._is_doubted and all(track.holds for track in self._shown)

    @property
    def is_contested(self) -> bool:
        """Whether more readings may change the vote that holds."""
        return any(track.is_contested for track in self._shown)

    def add(self, page: Page, at: float | None = None, image: NDArray[np.uint8] | None = None) -> Page | None:
        """Add a reading; returns the voted page if it begins to hold and is new, else None.

        Args:
            page: the reading.
            at: seconds, on any clock, when its picture was taken; INTERVAL_S after the last one if None.
            image: the picture, grey or BGR, in which lines that were not read are looked for.
        """
        self._pass(INTERVAL_S if at is None or not self._readings else at - self._last_at)
        self._last_at = self._last_at + INTERVAL_S if at is None else at
        self._readings += 1
        self._match(page, image)
        self._shown = self._choose()
        self._page = self._vote(page)
        self._is_doubted = self._has_doubts()
        return self._give() if self.holds else None

    def doubt(self) -> None:
        """Another scene: earlier readings no longer vote."""
        for track in self._tracks:
            track.forget()

    def forget(self) -> None:
        """Another task: forget everything seen before."""
        self._tracks, self._shown = [], []
        self._readings = 0

    def end(self) -> Page | None:
        """The voted page at the end of the readings, if it was not given out yet; None if nothing is certain."""
        known = all(track.is_established or len(track.readings) >= self._readings for track in self._shown)
        return self._give() if known and self._page is not None and self._page.text else None

    def _pass(self, seconds: float) -> None:
        self._now += min(max(seconds, 0.0), LONGEST_STEP_S)

    def _give(self) -> Page | None:
        assert self._page is not None
        texts = sorted(line.text for line in self._page.lines)  # Lines side by side may change their order.
        if texts == self._given:
            return None
        self._given = texts
        for track in self._tracks:
            track.is_given = track in self._shown
        return self._page

    def _match(self, page: Page, image: NDArray[np.uint8] | None) -> None:
        """Give each line to the track that it continues, the likeliest pairs first; other lines begin tracks.

        Rejected lines may continue tracks, but not begin them.
        """
        left = dict(enumerate(self._readings_of(page, image)))
        for track in self._tracks:
            track.missed += 1
        for number, track in self._pairs(left, sure=len(page.lines)):
            if number in left and track.missed:
                track.add(*left.pop(number))
        for number, (reading, _) in list(left.items()):
            if moved := [track for track in self._tracks if track.missed and track.is_same_writing(reading.text)]:
                moved[0].add(*left.pop(number))
        for track in self._tracks:
            if track.missed and image is not None:
                track.look(image, self._now)
        self._merge()
        self._tracks += [Track(*one) for number, one in left.items() if number < len(page.lines)]
        self._tracks = [track for track in self._tracks if self._now - track.seen < GONE_S - MOMENT]

    def _readings_of(self, page: Page, image: NDArray[np.uint8] | None) -> list[tuple[Reading, Patch | None]]:
        """All lines of a page, the rejected ones last, with their pixels if there is a picture."""
        # A whole reading that takes a desk's grain for writing is not certain.
        quality = mean_confidence(page.lines + page.rejected)
        return [
            (
                Reading.of(line, self._now, max(LEAST_QUALITY, quality * line.confidence)),
                Patch.of(image, line.box) if image is not None else None,
            )
            for line in page.lines + page.rejected
        ]

    def _pairs(self, lines: dict[int, tuple[Reading, Patch | None]], *, sure: int) -> list[tuple[int, Track]]:
        """Numbers of lines and of tracks that they may continue, likeliest first; those from `sure` on are doubtful."""
        likely = [
            (track.likeness(reading.line, reading.text, is_doubtful=number >= sure), number, track)
            for number, (reading, _) in lines.items()
            for track in self._tracks
        ]
        return [(number, track) for how, number, track in sorted(likely, key=lambda pair: -pair[0]) if how > 0]

    def _merge(self) -> None:
        """Merge tracks of the same line; the given-out one stays, or else the older one."""
        kept: list[Track] = []
        for track in sorted(self._tracks, key=lambda track: (not track.is_given, track.since)):
            twin = next((other for other in kept if other.is_twin(track)), None)
            if twin:
                twin.absorb(track)
            else:
                kept.append(track)
        self._tracks = kept

    def _choose(self) -> list[Track]:
        """The tracks that are lines: of those at one place, the most often and most certainly read one."""
        known = [track for track in self._tracks if track.is_established]
        if not known:
            known = [track for track in self._tracks if not track.missed]
        shown: list[Track] = []
        for track in sorted(known, key=lambda track: -track.weight(self._now)):
            if not any(is_same_place(track, other) for other in shown):
                shown.append(track)
        return shown

    def _vote(self, page: Page) -> Page:
        """The page of the shown lines, from top to bottom of the text, however the page lies."""
        downwards = sorted(self._shown, key=lambda track: _depth(track.line.box, page.turn))
        lines = [(track, track.vote(self._now, page.pattern)) for track in downwards]
        seen = [line for _, line in lines] + list(page.lines + page.rejected)
        for track, line in lines:
            if line.confidence >= self.min_confidence and not is_on_keys(line, seen):
                track.sure_at = self._now
        sure = tuple(line for track, line in lines if track.sure_at == self._now)
        doubtful = tuple(line for track, line in lines if track.sure_at != self._now)
        return replace(page, lines=sure, rejected=doubtful + _apart(page.rejected, sure + doubtful))

    def _has_doubts(self) -> bool:
        """Whether a shown line was missed, another one is coming, or a given-out one is doubtful now."""
        if any(t.is_given and t.sure_at < self._now < t.sure_at + DOUBTFUL_S for t in self._shown):
            return True
        coming = (track for track in self._tracks if track not in self._shown and len(track.readings) > 1)
        return any(track.missed for track in self._shown) or any(
            not any(is_same_place(track, other) for other in self._shown) for track in coming
        )


def _depth(box: Box, turn: float) -> float:
    """How far down a text, which is turned clockwise by these degrees, a box lies: twice its middle, in pixels."""
    angle = math.radians(turn)
    return math.cos(angle) * (box.top + box.bottom) - math.sin(angle) * (box.left + box.right)


def _apart(rejected: tuple[Line, ...], lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The rejected lines that overlap no other line."""

    def overlaps(one: Line, other: Line) -> bool:
        a, b = one.box, other.box
        return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom

    return tuple(line for line in rejected if not any(overlaps(line, other) for other in lines))


def steady(
    pages: Iterable[Page], *, min_confidence: float = MIN_CONFIDENCE, interval: float = INTERVAL_S
) -> Iterator[Page]:
    """Readings of one camera's pictures -> the voted page whenever its text is new and holds.

    A text that is gone gives a page without lines. The end gives what was not given out yet.

    Args:
        pages: the readings.
        min_confidence: lines whose vote is less certain than this, 0 to 1, are left out.
        interval: seconds from one page to the next.
    """
    steadier = Steadier(min_confidence)
    for number, page in enumerate(pages):
        if (given := steadier.add(page, number * interval)) is not None:
            yield given
    if (given := steadier.end()) is not None:
        yield given
