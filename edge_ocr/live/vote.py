"""Readings of one line -> the text that they agree on, and how sure it is.

The vote is that of ROVER (Fiscus, 1997): the readings are aligned with the one nearest to all, and at each of its
characters every reading's character and alternatives weigh with their probabilities. The combined text may break a
pattern that each reading obeys: then the nearest reading is elected as it is.

A character's confidence begins as the mean of the probabilities that all readings give it (a linear opinion pool:
Stone, 1961). Such a mean is too modest where readings agree (Ranjan and Gneiting, 2010), so its log odds are raised.
But readings of one scene share their errors, and agreement is no proof: it is never above the surest of them.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from edge_ocr.errors import BadPattern
from edge_ocr.page import Glyph, Line, Word
from edge_ocr.text.pattern import Pattern

CHOSEN = 0.5
"""Part of a vote that goes to the read character: language chose it, which the shapes' scores do not include."""

RAISED = 1.25
"""Factor of the mean's log odds, by the calibration of votes on made films: 2 would take readings for independent."""

LEAST = 1e-9
"""Probability that is as good as none."""

DIFFERENT = 0.4
"""Factor of a reading's support for a text for each differing character."""

MOST_ALTERNATIVES = 3
"""Other characters kept for each place."""

Cell = tuple[str, Glyph | None]
"""A character with its glyph; a space has none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as read in one picture."""

    line: Line
    text: str
    cells: tuple[Cell, ...]
    at: float
    """Seconds, on the clock of the track."""
    quality: float
    """Its weight, 0 to 1: less for a blurred picture."""

    @classmethod
    def of(cls, line: Line, at: float, quality: float) -> "Reading":
        cells: list[Cell] = []
        for word in line.words:
            if cells:
                cells.append((" ", None))
            cells += [(glyph.text, glyph) for glyph in word.glyphs]
        return cls(line, text_of(cells), tuple(cells), at, quality)


Ballot = tuple[Reading, float]
"""A reading with its weight, above 0."""


def elect(ballots: Sequence[Ballot], pattern: str | None) -> tuple[Cell, ...]:
    """The text that the readings agree on best, as cells; never empty, and allowed by the pattern."""
    middle = _middle(ballots)
    votes = _cast(middle.text, ballots)
    combined = _combine(middle.cells, votes)
    text = text_of(combined)
    read = {reading.text for reading, _ in ballots}
    return combined if text and (text in read or admits(pattern, text)) else middle.cells


def judge(cells: Sequence[Cell], ballots: Sequence[Ballot]) -> Line:
    """The line of an elected text, each character with its confidence by all readings."""
    whole = sum(weight for _, weight in ballots)
    votes = _cast(text_of(cells), ballots, chosen=0.0)
    alone = [_cast(text_of(cells), [(reading, 1.0)], chosen=0.0) for reading, _ in ballots]
    words: list[list[Glyph]] = [[]]
    for (char, glyph), vote, *each in zip(cells, votes, *alone, strict=True):
        if glyph is None:
            words.append([])
            continue
        others = sorted(((text, share / whole) for text, share in vote.items() if text not in (char, "", " ")),
                        key=lambda option: -option[1])  # fmt: skip
        sure = min(_raise(vote[char] / whole), max(one[char] for one in each))
        words[-1].append(Glyph(char, glyph.box, sure, tuple(others[:MOST_ALTERNATIVES])))
    return Line(tuple(Word(tuple(glyphs)) for glyphs in words if glyphs))


def _raise(probability: float) -> float:
    """A mean of probabilities with its log odds raised."""
    if not LEAST < probability < 1:
        return min(1.0, probability)
    return 1 / (1 + math.exp(-RAISED * math.log(probability / (1 - probability))))


def support(text: str, ballots: Sequence[Ballot]) -> float:
    """The readings' support for a text: each by its weight and its few differing characters."""
    return sum(weight * DIFFERENT ** differences(text, reading.text) for reading, weight in ballots)


def admits(pattern: str | None, text: str) -> bool:
    """Whether a pattern that the readings obey allows their combined text."""
    try:
        return pattern is None or _compile(pattern, "".join(sorted(set(text) - {" "}))).matches(text)
    except BadPattern:
        return False


@lru_cache(maxsize=256)
def _compile(pattern: str, known: str) -> Pattern:
    return Pattern(pattern, known)


@lru_cache(maxsize=4096)
def likeness(one: str, other: str) -> float:
    """Likeness of two texts, 0 to 1; cached, since the readings of a scene repeat."""
    return 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()


def text_of(cells: Sequence[Cell]) -> str:
    return "".join(char for char, _ in cells)


@lru_cache(maxsize=4096)
def _alignment(one: str, other: str) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, one, other, autojunk=False).get_opcodes()


def differences(one: str, other: str) -> int:
    """Differing characters of the alignment."""
    return sum(max(b - a, d - c) for kind, a, b, c, d in _alignment(one, other) if kind != "equal")


def _middle(ballots: Sequence[Ballot]) -> Reading:
    """The reading nearest to all; the last one of equals."""

    def nearness(numbered: tuple[int, Ballot]) -> tuple[float, int]:
        number, (reading, _) = numbered
        return sum(weight * likeness(reading.text, other.text) for other, weight in ballots), number

    return max(enumerate(ballots), key=nearness)[1][0]


def _cast(text: str, ballots: Sequence[Ballot], chosen: float = CHOSEN) -> list[dict[str, float]]:
    """The votes on each character of `text`, by character; "" is a vote for leaving it out.

    Args:
        text: the text to align the readings with.
        ballots: the readings.
        chosen: part of each vote that goes to the read character, whatever its probability.
    """
    votes: list[dict[str, float]] = [defaultdict(float) for _ in text]
    for reading, weight in ballots:
        for kind, start, end, other, other_end in _alignment(text, reading.text):
            if kind == "insert":
                continue
            for offset in range(end - start):
                vote = votes[start + offset]
                if other + offset >= other_end:
                    vote[""] += weight
                    continue
                char, glyph = reading.cells[other + offset]
                vote[char] += weight * (chosen + (1 - chosen) * (glyph.confidence if glyph else 1.0))
                for alternative, probability in glyph.alternatives if glyph else ():
                    vote[alternative] += weight * (1 - chosen) * probability
    return votes


def _combine(cells: Sequence[Cell], votes: list[dict[str, float]]) -> tuple[Cell, ...]:
    """The characters with the most votes, at the places of `cells`."""
    chosen: list[Cell] = []
    for (_, glyph), vote in zip(cells, votes, strict=True):
        # Readings with another character do not vote for leaving it out: that takes more than half.
        left_out = vote[""] > sum(vote.values()) / 2
        winner = "" if left_out or not vote else max(vote, key=lambda option: (option != "", vote[option]))
        if winner == " ":
            if chosen and chosen[-1][1] is not None:
                chosen.append((" ", None))
        elif winner and glyph is not None:
            chosen.append((winner, glyph))
    while chosen and chosen[-1][1] is None:
        chosen.pop()
    return tuple(chosen)
