"""Candidates -> text: a beam search over the lattice that knows the language, letter case and a pattern.

Positions are visited from left to right; at each, the best few texts that end there go on with every arc and, where
there is air, with a space. Time is bounded by BEAM x arcs x choices.
"""

import math
import operator
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from edge_ocr.text.language import Language
from edge_ocr.text.lattice import Arc, Lattice
from edge_ocr.text.pattern import Pattern
from edge_ocr.text.search import Search, State, Weights

BEAM = 6
"""Texts kept at a position."""

BEAM_NATS = 5.0
"""Texts worse than the best at their position by more than this are dropped; none are under a pattern."""

PATTERN_BEAM = 60
"""Texts kept at a position under a pattern, which may turn down the likeliest late."""

WEIGHTS = Weights(language=0.3, case=0.7, word=0.2, length=0.57)
"""Of language against the character classifier; tuned on the development pages."""

SPACE_LEAST = 0.05
"""Probabilities of a space nearer than this to 0 or 1 are taken as sure."""


class Step(NamedTuple):
    """One text so far, as a chain back to the line's start."""

    score: float
    state: State
    text: str
    arc: Arc | None
    """None for the start and for a space."""
    char: str
    back: "Step | None"


@dataclass(frozen=True, slots=True)
class Reading:
    """A line's likeliest text."""

    steps: tuple[Step, ...]
    """One a character, spaces included, from left to right."""
    score: float
    """Log score of the whole, comparable between readings of one lattice alone."""

    @property
    def text(self) -> str:
        return "".join(step.char for step in self.steps)


class _Front:
    """The texts that end at one position, the best of each kind.

    Texts that any continuation scores alike (the same last characters, case and unfinished word) are of one kind; under
    a pattern every text is its own kind.
    """

    def __init__(self) -> None:
        self.steps: dict[Hashable, Step] = {}
        self.least = -math.inf
        """Score below which a text has no prospects."""

    def add(self, kind: Hashable, step: Step, nats: float) -> None:
        known = self.steps.get(kind)
        if known is None or known.score < step.score:
            self.steps[kind] = step
            self.least = max(self.least, step.score - nats)

    def best(self, count: int) -> list[Step]:
        steps = [step for step in self.steps.values() if step.score >= self.least]
        return sorted(steps, key=_by_score, reverse=True)[:count]


_by_score = operator.attrgetter("score")


def decode(lattice: Lattice, language: Language, pattern: Pattern | None = None) -> Reading:
    """The best-scored text of a line; empty when nothing can stand there.

    Args:
        lattice: of one line.
        language: scores text; the language "none" scores all alike.
        pattern: if given, only texts that match it whole are read.
    """
    search = Search(language, pattern, WEIGHTS)
    fronts = [_Front() for _ in range(len(lattice.arcs) + 1)]
    fronts[0].add("", Step(0.0, search.start, "", None, "", None), math.inf)
    for position, arcs in enumerate(lattice.arcs):
        for step in fronts[position].best(PATTERN_BEAM if pattern else BEAM):
            for start in _with_space(search, step, lattice.spaces[position]):
                _extend(search, start, arcs, fronts)
    ends = fronts[-1].steps.values()
    finished = [step._replace(score=step.score + search.finish(step.state)) for step in ends]
    if pattern:
        finished = [step for step in finished if pattern.matches(step.text)]
    if not finished:
        return Reading((), -math.inf)
    winner = max(finished, key=_by_score)
    return Reading(_chain(winner), winner.score)


def _extend(search: Search, start: Step, arcs: tuple[Arc, ...], fronts: list[_Front]) -> None:
    """Add every character that may follow `start`."""
    nats = math.inf if search.pattern else BEAM_NATS
    for arc in arcs:
        front = fronts[arc.end]
        for char, shape in arc.choices:
            if start.score + shape + search.length < front.least:
                break
            text = start.text + char
            if not search.allows(text):
                continue
            state, score = search.grow(start.state, char)
            kind = text if search.pattern else state.kind
            front.add(kind, Step(start.score + shape + score, state, text, arc, char, start), nats)


def _with_space(search: Search, step: Step, probability: float) -> list[Step]:
    """`step` as it is and with a space after it, as far as the air and the pattern allow either."""
    if step.arc is None or probability < SPACE_LEAST:
        return [step]
    state, score = search.space(step.state)
    spaced = Step(step.score + math.log(probability) + score, state, step.text + " ", None, " ", step)
    if not search.allows(spaced.text):
        return [step]
    if probability > 1 - SPACE_LEAST and not search.pattern:
        return [spaced]
    return [step._replace(score=step.score + math.log(1 - min(probability, 0.999))), spaced]


def _chain(step: Step) -> tuple[Step, ...]:
    steps = []
    current: Step | None = step
    while current is not None and current.back is not None:
        steps.append(current)
        current = current.back
    return tuple(reversed(steps))
