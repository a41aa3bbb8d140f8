"""Readings of the same writing -> one that holds: lines are tracked by their place, their characters vote.

The vote is that of ROVER (Fiscus, 1997): readings are aligned with the one that is nearest to all, and at each of its
characters each reading's own, and its alternatives, weigh with their probabilities.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from edge_ocr.page import Box, Glyph, Line, Page, Word

MEMORY = 7
"""Readings of a line that vote."""

HOLD = 3
"""Readings in a row that must vote alike before a text is given out."""

FORGIVEN = 2
"""Readings in a row in which a line may be missing before it is forgotten."""

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
        self.readings: deque[list[Cell]] = deque(maxlen=MEMORY)
        self.box = line.box
        self.missed = 0
        self.add(line)

    def add(self, line: Line) -> None:
        self.readings.append(_cells(line))
        self.box, self.missed = line.box, 0
        latest = list(self.readings)[-HOLD:]
        if len(latest) == HOLD and len({_text(cells) for cells in latest}) == 1:
            # Read alike so often in a row, it was written anew, and what was read before has no vote on it.
            self.readings = deque(latest, maxlen=MEMORY)

    def likeness(self, line: Line) -> float:
        """How likely the line is another reading of the track's writing: by its place, and by its text; 0 for no."""
        last = _text(self.readings[-1])
        alike = _ratio(last, line.text)
        if alike < LIKE and min(len(last), len(line.text)) >= SHORT:
            return 0.0
        close = _closeness(self.box, line.box)
        return close + alike if close > 0 else 0.0

    def vote(self) -> Line:
        """The line that all readings agree on best, its boxes from the latest one."""
        readings = list(self.readings)
        texts = [_text(cells) for cells in readings]
        likeness = [sum(_ratio(text, other) for other in texts) + 1e-6 * k for k, text in enumerate(texts)]
        middle = likeness.index(max(likeness))
        votes: list[dict[str, float]] = [defaultdict(float) for _ in texts[middle]]
        for text, cells in zip(texts, readings, strict=True):
            _cast(votes, texts[middle], text, cells)
        return _elected(readings[middle], votes)


def _text(cells: list[Cell]) -> str:
    return "".join(char for char, _ in cells)


def _ratio(one: str, other: str) -> float:
    return 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()


def _cells(line: Line) -> list[Cell]:
    cells: list[Cell] = []
    for word in line.words:
        if cells:
            cells.append((" ", None))
        cells += [(glyph.text, glyph) for glyph in word.glyphs]
    return cells


def _cast(votes: list[dict[str, float]], middle: str, text: str, cells: list[Cell]) -> None:
    """Add one reading's weights to the votes on each character of the middle one; "" votes for leaving it out."""
    matcher = SequenceMatcher(None, middle, text, autojunk=False)
    for kind, start, end, other, other_end in matcher.get_opcodes():
        if kind == "insert":
            continue
        for offset in range(end - start):
            if other + offset >= other_end:
                votes[start + offset][""] += 1.0
                continue
            char, glyph = cells[other + offset]
            votes[start + offset][char] += CHOSEN + (1 - CHOSEN) * (glyph.confidence if glyph else 1.0)
            for alternative, probability in glyph.alternatives if glyph else ():
                votes[start + offset][alternative] += (1 - CHOSEN) * probability


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
        self._told: str | None = None

    @property
    def page(self) -> Page | None:
        """What the vote says at present, whether it holds or not; None before the first reading."""
        return self._last

    @property
    def holds(self) -> bool:
        """Whether the vote has not changed for as many readings as it takes."""
        return self._held >= self._hold

    def add(self, page: Page) -> Page | None:
        """Take one more reading; the voted page when it begins to hold and says something new, else None."""
        self._match(page)
        voted = replace(page, lines=self._vote(len(page.lines)))
        same = self._last is not None and self._last.text == voted.text
        self._held = self._held + 1 if same else 1
        self._last = voted
        return self._tell() if self.holds else None

    def forget(self) -> None:
        """The scene is another one: earlier readings have no vote on what is to come."""
        self._tracks = []
        self._held = 0

    def end(self) -> Page | None:
        """The voted page if there will be no more readings and it was not given out yet, else None."""
        return self._tell() if self._last is not None and self._last.text else None

    def _tell(self) -> Page | None:
        assert self._last is not None
        if self._last.text == (self._told or ""):
            return None
        self._told = self._last.text
        return self._last

    def _match(self, page: Page) -> None:
        """Give each line to the track that it continues, or to a new one."""
        free = list(self._tracks)
        for line in page.lines:
            track = max(free, key=lambda track: track.likeness(line), default=None)
            if track is not None and track.likeness(line) > 0:
                free.remove(track)
                track.add(line)
            else:
                self._tracks.append(_Track(line))
        for track in free:
            track.missed += 1
        self._tracks = [track for track in self._tracks if track.missed <= FORGIVEN]

    def _vote(self, lines_seen: int) -> tuple[Line, ...]:
        """All lines that are there, and such that this reading alone may have missed."""
        here = [track.vote() for track in self._tracks if track.missed == 0]
        gone = [track.vote() for track in self._tracks if track.missed and len(track.readings) >= HOLD]
        # As many lines as before, and others: they have taken the place of those that are gone.
        established = sum(len(track.readings) >= HOLD for track in self._tracks)
        lines = here + (gone if lines_seen < established else [])
        return tuple(sorted((line for line in lines if line.words), key=lambda line: line.box.top + line.box.bottom))


def _closeness(one: Box, other: Box) -> float:
    """How close two lines lie: 1 at the same place, 0 a line's height apart or side by side."""
    height = max(one.height, other.height)
    down = abs(one.top + one.bottom - other.top - other.bottom) / 2
    across = min(one.right, other.right) - max(one.left, other.left)
    return max(0.0, 1 - down / height) if across > 0 else 0.0


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
