"""How well a text can still match: the best score that the rest of a line can add, for each state of a pattern.

Computed backwards over a line by dynamic programming (as Viterbi, 1967), without the language, before anything is
searched. The search adds it to what a text has scored so far, as A* does (Hart, Nilsson, Raphael, 1968): so it keeps
the texts that lead to a match, drops those that lead to none at once, and knows beforehand what a match can score.
"""

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from edge_ocr.text.automaton import START, positions
from edge_ocr.text.lattice import Lattice
from edge_ocr.text.pattern import Matcher, Pattern

Floats = NDArray[np.float32]

MOST_LOSS = 20.0
"""Nats between what can match and what is there, by the shapes alone, from which a line is not searched: those of two
or three characters that were taken for others. On made pages 46 of 49 lines that match lose less than 9."""

MOST_LOSS_PART = 7.0
"""The same for a part of a line: in a long line there is something like most patterns. On made pages none of 46 parts
that match loses more than 4."""

MOST_LOSS_INSIDE = 2.0
"""The same for a part that begins or ends inside of a word."""

PREFERENCE = 6.0
"""Nats that a part which matches and begins or ends inside of a word must promise more."""

SPACE_LEAST = 0.05
"""Probabilities of a space nearer than this to 0 are taken as none."""
SPACE_MOST = 0.999
"""Probability of a space above which one that is missing costs no more."""


class Prospects:
    """The best score, in nats, that is still to come, by the place in the line and the state of the pattern."""

    def __init__(self, table: Floats, best: Floats | None = None) -> None:
        """`table`: (places, positions) float32 of the automaton's single positions; -inf where no match is left.

        `best`: (places,) bounds of what any text may still score, where that is not the best position's.
        """
        self._table = table
        self.best: list[float] = (table.max(axis=1) if best is None else best).tolist()
        """(places,) bounds of what any text may still score."""
        self._known: list[dict[int, float]] = [{} for _ in table]
        self._members: dict[int, NDArray[np.intp]] = {}
        self.whole = self.of(0, START)
        """What a match of the whole line can score; -inf when nothing matches."""

    def of(self, place: int, state: int) -> float:
        """For a text in `state` that has come to `place`; between frames, for one that has a blank behind it."""
        known = self._known[place]
        if state not in known:
            known[state] = self._look(place, state)
        return known[state]

    def _look(self, place: int, state: int) -> float:
        row = self._table[place]
        if not state & (state - 1):
            return float(row[state.bit_length() - 1])
        members = self._members.get(state)
        if members is None:
            members = self._members[state] = np.array(positions(state), np.intp)
        return float(row[members].max())


Kind = TypeVar("Kind", bound=Prospects)


def preferred(pattern: Pattern, look: Callable[[Matcher], Kind]) -> tuple[Matcher, Kind]:
    """What a search is led by: parts of whole words, unless others promise more by PREFERENCE.

    `look`: gives the prospects of a line.
    """
    every = look(pattern)
    if pattern.of_words is not None:
        whole_words = look(pattern.of_words)
        if whole_words.whole > every.whole - PREFERENCE:
            return pattern.of_words, whole_words
    return pattern, every


def is_hopeless(loss: float, pattern: Pattern, matcher: Matcher, most: float = MOST_LOSS) -> bool:
    """Whether a line is nothing like the pattern.

    `loss`: nats between what the matcher can read and what is there; `most`: what it may be.
    """
    if pattern.is_part:
        most = min(most, MOST_LOSS_INSIDE if matcher is pattern else MOST_LOSS_PART)
    return not loss < most


class FrameProspects(Prospects):
    """The same between frames, where the character that a text ends in may go on."""

    def __init__(self, table: Floats, best: Floats, frames: Floats) -> None:
        """`frames`: (frames, classes) log probabilities."""
        super().__init__(table, best)
        self._frames: list[list[float]] = frames.tolist()

    def of_character(self, place: int, state: int, number: int) -> float:
        """For a text in `state` whose last character, of class `number`, the frame before `place` holds."""
        best, held = self.of(place, state), 0.0
        for at in range(place, len(self._frames)):
            held += self._frames[at][number]
            if held <= best:  # Whatever comes is 0 at best.
                break
            best = max(best, held + self.of(at + 1, state))
        return best


def look_along_frames(
    log_probabilities: NDArray[np.float32], blank: int, characters: tuple[str, ...], matcher: Matcher
) -> FrameProspects:
    """What can be read in the frames from each on.

    Args:
        log_probabilities: (frames, classes) float32 natural logarithms; -inf where a class is not tried.
        blank: number of CTC's class of no character.
        characters: the character of each class.
        matcher: of what must be matched.
    """
    steps = matcher.steps
    frames = log_probabilities
    barred = np.array(
        [[0.0 if char and char in members else -np.inf for char in characters] for members in steps.classes],
        np.float32,
    )
    barred = barred[steps.class_of]
    table, best = np.empty((len(frames) + 1, steps.count), np.float32), np.zeros(len(frames) + 1, np.float32)
    table[-1] = steps.ends
    # By position and class, what is to come when the frame before held that class.
    held = table[-1][:, None] + barred
    for at in range(len(frames) - 1, -1, -1):
        emitted = frames[at] + held
        table[at] = np.maximum(frames[at, blank] + table[at + 1], steps.onwards(emitted.max(axis=1)))
        held = np.maximum(emitted, table[at][:, None] + barred)
        best[at] = max(held.max(), table[at].max())
    return FrameProspects(table, best, frames)


def look_along_lattice(lattice: Lattice, matcher: Matcher) -> Prospects:
    """What can be read from each position of a line's lattice on."""
    steps = matcher.steps
    holding: dict[str, list[int]] = {}
    for number, members in enumerate(steps.classes):
        for char in members:
            holding.setdefault(char, []).append(number)
    table = np.empty((len(lattice.arcs) + 1, steps.count), np.float32)
    table[-1] = steps.ends
    for at in range(len(lattice.arcs) - 1, -1, -1):
        taken = np.full((len(lattice.arcs[at]) + 1, len(steps.classes)), -np.inf, np.float32)
        for row, arc in enumerate(lattice.arcs[at]):
            for char, shape in reversed(arc.choices):  # The likeliest last, which overwrites the others.
                taken[row, holding.get(char, [])] = shape
        later = table[[*(arc.end for arc in lattice.arcs[at]), -1]]
        joined = steps.onwards((taken[:, steps.class_of] + later).max(axis=0))
        table[at] = joined
        if at and lattice.spaces[at] >= SPACE_LEAST:
            apart = steps.onwards(np.where(steps.is_space, joined, np.float32(-np.inf)))
            table[at] = np.maximum(
                joined + math.log(1 - min(lattice.spaces[at], SPACE_MOST)), apart + math.log(lattice.spaces[at])
            )
    return Prospects(table)
