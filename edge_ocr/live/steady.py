"""Readings of the same writing -> one that holds: lines are tracked by their place, their characters vote.

The vote is that of ROVER (Fiscus, 1997): readings are aligned with the one that is nearest to all, and at each of its
characters each reading's own, and its alternatives, weigh with their probabilities.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from statistics import median

from edge_ocr.page import Glyph, Line, Page, Word

MEMORY = 9
"""Readings of a line that vote."""

HOLD = 3
"""Readings in a row that must vote alike before a text is given out."""

FORGIVEN = 2
"""Readings in a row in which a line may be missing before it is forgotten."""

SAME_PLACE = 0.4
"""Closeness, from 0 to 1, from which two lines cannot both be there: one of them is a misreading."""

SURE = 0.75
"""Confidence, as a part of that of the lines known before, from which a line that was read once is no misreading."""

LIKE = 0.5
"""Likeness, from 0 to 1, from which two texts at one place are readings of the same writing."""

SHORT = 3
"""Characters below which nobody can tell."""

CHOSEN = 0.5
"""Part of a vote that goes to the character that was read: language chose it, which the shapes' scores do not know."""

Cell = tuple[str, Glyph | None]
"""A character with its glyph; a space has none."""


class _Track:
    """One line of writing over several readings."""

    def __init__(self, line: Line) -> None:
        self.readings: deque[_Reading] = deque(maxlen=MEMORY)
        self.line = line
        self.missed = 0
        self.add(line)

    def add(self, line: Line) -> None:
        self.readings.append(_Reading.of(line))
        self.line, self.missed = line, 0
        latest = list(self.readings)[-HOLD:]
        if len(latest) == HOLD and len({reading.text for reading in latest}) == 1:
            # Read alike so often in a row, it was written anew, and what was read before has no vote on it.
            self.readings = deque(latest, maxlen=MEMORY)

    @property
    def is_established(self) -> bool:
        """Whether it was read often enough to be more than a misreading."""
        return len(self.readings) >= HOLD

    @property
    def weight(self) -> float:
        """Sum of its readings' confidences."""
        return sum(reading.weight for reading in self.readings)

    @property
    def confidence(self) -> float:
        """Mean of its readings' confidences."""
        return self.weight / len(self.readings)

    def likeness(self, line: Line) -> float:
        """How likely the line is another reading of the track's writing: by its place, and by its text; 0 for no."""
        last = self.readings[-1].text
        alike = _ratio(last, line.text)
        if alike < LIKE and min(len(last), len(line.text)) >= SHORT:
            return 0.0
        close = _closeness(self.line, line)
        return close + alike if close > 0 else 0.0

    def vote(self) -> Line:
        """The line that all readings agree on best, its boxes those of the reading that is nearest to all."""
        readings = list(self.readings)
        likeness = [
            sum(other.weight * _ratio(reading.text, other.text) for other in readings) + 1e-6 * k
            for k, reading in enumerate(readings)
        ]
        middle = readings[likeness.index(max(likeness))]
        votes: list[dict[str, float]] = [defaultdict(float) for _ in middle.text]
        for reading in readings:
            _cast(votes, middle.text, reading)
        return _elected(middle.cells, votes)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a track remembers of a line."""

    text: str
    cells: list[Cell]
    weight: float
    """The line's confidence: a reading of a blurred picture has less to say."""

    @classmethod
    def of(cls, line: Line) -> "_Reading":
        cells: list[Cell] = []
        for word in line.words:
            if cells:
                cells.append((" ", None))
            cells += [(glyph.text, glyph) for glyph in word.glyphs]
        return cls("".join(char for char, _ in cells), cells, line.confidence)


@lru_cache(maxsize=1024)
def _ratio(one: str, other: str) -> float:
    """Likeness of two texts; few differ, over the readings of one scene."""
    return 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()


def _cast(votes: list[dict[str, float]], middle: str, reading: _Reading) -> None:
    """Add one reading's weights to the votes on each character of the middle one; "" votes for leaving it out."""
    matcher = SequenceMatcher(None, middle, reading.text, autojunk=False)
    for kind, start, end, other, other_end in matcher.get_opcodes():
        if kind == "insert":
            continue
        for offset in range(end - start):
            vote = votes[start + offset]
            if other + offset >= other_end:
                vote[""] += reading.weight
                continue
            char, glyph = reading.cells[other + offset]
            vote[char] += reading.weight * (CHOSEN + (1 - CHOSEN) * (glyph.confidence if glyph else 1.0))
            for alternative, probability in glyph.alternatives if glyph else ():
                vote[alternative] += reading.weight * (1 - CHOSEN) * probability


def _elected(cells: list[Cell], votes: list[dict[str, float]]) -> Line:
    words: list[list[Glyph]] = [[]]
    for (char, glyph), vote in zip(cells, votes, strict=True):
        winner = max(vote, key=lambda option: vote[option]) if vote else char
        total = sum(vote.values()) or 1.0
        if winner == " ":
            words.append([])
        elif winner and glyph is not None:
            ranked = sorted(((text, share / total) for text, share in vote.items() if text not in (winner, "", " ")),
                            key=lambda option: -option[1])  # fmt: skip
            words[-1].append(Glyph(winner, glyph.box, vote[winner] / total, tuple(ranked[:3])))
    return Line(tuple(Word(tuple(glyphs)) for glyphs in words if glyphs))


class Steadier:
    """Collects readings, and says when their vote holds."""

    def __init__(self, hold: int = HOLD) -> None:
        self._hold = hold
        self._tracks: list[_Track] = []
        self._last: Page | None = None
        self._held = 0
        self._is_doubted = False
        self._told: str | None = None

    @property
    def page(self) -> Page | None:
        """What the vote says at present, whether it holds or not; None before the first reading."""
        return self._last

    @property
    def holds(self) -> bool:
        """Whether the vote has not changed for as many readings as it takes, and the last one had these lines."""
        return self._held >= self._hold and not self._is_doubted

    def add(self, page: Page) -> Page | None:
        """Take one more reading; the voted page when it begins to hold and says something new, else None."""
        self._match(page)
        self._turn()
        shown = self._shown()
        self._is_doubted = any((track in shown) == bool(track.missed) for track in self._tracks)
        downwards = sorted(shown, key=lambda track: track.line.box.top + track.line.box.bottom)
        voted = replace(page, lines=tuple(line for track in downwards if (line := track.vote()).words))
        same = self._last is not None and self._last.text == voted.text
        self._held = self._held + 1 if same else 1
        self._last = voted
        return self._tell() if self.holds else None

    def forget(self) -> None:
        """The scene is another one: earlier readings have no vote on what is to come."""
        self._tracks = []
        self._held = 0

    def end(self) -> Page | None:
        """The voted page, if more readings would not help and it was not given out yet; else None."""
        return self._tell() if self._last is not None and self._last.text else None

    def _tell(self) -> Page | None:
        assert self._last is not None
        if self._last.text == (self._told or ""):
            return None
        self._told = self._last.text
        return self._last

    def _match(self, page: Page) -> None:
        """Give each line to the track that it continues, the likeliest pairs first, or to a new one."""
        pairs = [
            (likeness, number, track)
            for number, line in enumerate(page.lines)
            for track in self._tracks
            if (likeness := track.likeness(line)) > 0
        ]
        for track in self._tracks:
            track.missed += 1
        matched: set[int] = set()
        for _, number, track in sorted(pairs, key=lambda pair: -pair[0]):
            if number not in matched and track.missed:
                track.add(page.lines[number])
                matched.add(number)
        self._tracks += [_Track(line) for number, line in enumerate(page.lines) if number not in matched]
        self._tracks = [track for track in self._tracks if track.missed <= FORGIVEN]

    def _turn(self) -> None:
        """Drop the lines that are missing where sure ones have taken the place of one: the page was turned."""
        sure = [track for track in self._tracks if not track.missed and self._is_sure(track)]
        if any(track.missed and _is_same_place(track, other) for track in self._tracks for other in sure):
            self._tracks = [track for track in self._tracks if not track.missed]

    def _is_sure(self, track: _Track) -> bool:
        """Whether a track is more than a misreading, by how often and how surely it was read."""
        known = [other.confidence for other in self._tracks if other.is_established]
        return track.is_established or not known or track.confidence >= SURE * max(known)

    def _shown(self) -> list[_Track]:
        """The tracks that are lines: of those at one place, the one that was read most often and surest."""
        shown: list[_Track] = []
        for track in sorted(self._tracks, key=lambda track: -track.weight):
            there = track.is_established or (not track.missed and self._is_sure(track))
            if there and not any(_is_same_place(track, other) for other in shown):
                shown.append(track)
        return shown


def _is_same_place(one: _Track, other: _Track) -> bool:
    """Whether only one of two tracks can be right: not where both were read in the last picture, and often before."""
    both = one.is_established and other.is_established and not one.missed and not other.missed
    return one is not other and not both and _closeness(one.line, other.line) >= SAME_PLACE


def _closeness(one: Line, other: Line) -> float:
    """How close two lines run where both are: 1 at the same height, 0 a letter's height apart or side by side."""
    left, right = max(one.box.left, other.box.left), min(one.box.right, other.box.right)
    if left >= right:
        return 0.0
    letter = median(glyph.box.height for line in (one, other) for word in line.words for glyph in word.glyphs)
    # Lines of a turned page have boxes that overlap, though the lines do not.
    down = abs(_middle(one, left, right) - _middle(other, left, right))
    return max(0.0, 1 - down / max(1, letter))


def _middle(line: Line, left: int, right: int) -> float:
    """Row of a line's middle between two columns; of all of it where no letter stands there."""
    boxes = [glyph.box for word in line.words for glyph in word.glyphs]
    near = [box for box in boxes if box.left < right and box.right > left] or boxes
    return sum(box.top + box.bottom for box in near) / (2 * len(near))


def steady(pages: Iterable[Page], hold: int = HOLD) -> Iterator[Page]:
    """Of readings of one camera's pictures, the voted page whenever its text is new and holds for `hold` readings.

    At the end, what was not given out yet is.
    """
    steadier = Steadier(hold)
    for page in pages:
        if (told := steadier.add(page)) is not None:
            yield told
    if (told := steadier.end()) is not None:
        yield told
