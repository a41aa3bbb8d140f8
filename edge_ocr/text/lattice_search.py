"""Candidates -> text: a beam search over the lattice that knows the language, letter case and a pattern.

Positions are visited from left to right; at each, the best few texts that end there go on with every arc and, where
there is air, with a space. Time is bounded by BEAM x arcs x choices. Under a pattern each text carries the state of its
automaton, and is ranked by what a match that begins so can still score (`prospects`).
"""

import math
import operator
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from edge_ocr.text.automaton import START
from edge_ocr.text.language import Language
from edge_ocr.text.lattice import Arc, Lattice
from edge_ocr.text.pattern import Pattern
from edge_ocr.text.prospects import MOST_LOSS, SPACE_LEAST, SPACE_MOST, is_hopeless, look_along_lattice, preferred
from edge_ocr.text.search import Search, State
from edge_ocr.text.weights import CHARACTER_WEIGHTS

BEAM = 6
"""Texts kept at a position."""

BEAM_NATS = 5.0
"""Texts worse than the best at their position by more than this are dropped."""


class Step(NamedTuple):
    """One text so far, as a chain back to the line's start."""

    score: float
    promise: float
    """`score`, and under a pattern what the rest of the line can add."""
    state: State
    place: int
    """State of the pattern."""
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

    Texts that any continuation scores alike (the same last characters, case and unfinished word, and the same state of
    the pattern) are of one kind.
    """

    def __init__(self) -> None:
        self.steps: dict[Hashable, Step] = {}
        self.least = -math.inf
        """Promise below which a text has no prospects."""

    def add(self, step: Step) -> None:
        kind = (step.state.kind, step.place)
        known = self.steps.get(kind)
        if known is None or known.promise < step.promise:
            self.steps[kind] = step
            self.least = max(self.least, step.promise - BEAM_NATS)

    def best(self, count: int) -> list[Step]:
        steps = [step for step in self.steps.values() if step.promise >= self.least]
        return sorted(steps, key=_by_promise, reverse=True)[:count]


_by_promise = operator.attrgetter("promise")


class _Guide:
    """What leads a search to matches of a pattern."""

    def __init__(self, lattice: Lattice, pattern: Pattern, most_loss: float) -> None:
        self.matcher, self.prospects = preferred(pattern, lambda matcher: look_along_lattice(lattice, matcher))
        self.is_hopeless = is_hopeless(_likeliest(lattice) - self.prospects.whole, pattern, self.matcher, most_loss)


def decode(
    lattice: Lattice, language: Language, pattern: Pattern | None = None, most_loss: float = MOST_LOSS
) -> Reading:
    """The best-scored text of a line; empty if nothing is possible.

    Args:
        lattice: of one line.
        language: scores text; the language "none" scores all alike.
        pattern: if given, only texts that match it are read.
        most_loss: nats that a text which matches may lose against the likeliest text.
    """
    search = Search(language, CHARACTER_WEIGHTS)
    guide = _Guide(lattice, pattern, most_loss) if pattern else None
    if guide and guide.is_hopeless:
        return Reading((), -math.inf)
    fronts = [_Front() for _ in range(len(lattice.arcs) + 1)]
    fronts[0].add(Step(0.0, 0.0, search.start, START, None, "", None))
    for position, arcs in enumerate(lattice.arcs):
        for step in fronts[position].best(BEAM):
            for start in _with_space(search, step, lattice.spaces[position], guide):
                _extend(search, start, arcs, fronts, guide)
    ends = fronts[-1].steps.values()
    finished = [step._replace(score=step.score + search.finish(step.state)) for step in ends]
    if not finished or not lattice.arcs:
        return Reading((), -math.inf)
    winner = max(finished, key=_by_score)
    return Reading(_chain(winner), winner.score)


_by_score = operator.attrgetter("score")


def _extend(search: Search, start: Step, arcs: tuple[Arc, ...], fronts: list[_Front], guide: _Guide | None) -> None:
    """Add every character that may follow `start`."""
    place, later = START, 0.0
    for arc in arcs:
        front = fronts[arc.end]
        most = guide.prospects.best[arc.end] if guide else 0.0
        for char, shape in arc.choices:
            if start.score + shape + search.length + most < front.least:
                break
            if guide:
                after = guide.matcher.step(start.place, char)
                if after is None:
                    continue
                place, later = after, guide.prospects.of(arc.end, after)
                if start.score + shape + search.length + later < front.least or later == -math.inf:
                    continue
            state, score = search.grow(start.state, char)
            score += start.score + shape
            front.add(Step(score, score + later, state, place, arc, char, start))


def _with_space(search: Search, step: Step, probability: float, guide: _Guide | None) -> list[Step]:
    """`step` as it is and with a space after it, as far as the air and the pattern allow either."""
    if step.arc is None or probability < SPACE_LEAST:
        return [step]
    place = guide.matcher.step(step.place, " ") if guide else START
    if place is None:
        return [step]
    state, score = search.space(step.state)
    spaced = step.score + math.log(probability) + score
    apart = Step(spaced, spaced, state, place, None, " ", step)
    if probability > 1 - SPACE_LEAST and not guide:
        return [apart]
    return [step._replace(score=step.score + math.log(1 - min(probability, SPACE_MOST))), apart]


def _likeliest(lattice: Lattice) -> float:
    """The score of a line's likeliest text, by the shapes alone."""
    best = [0.0] + [-math.inf] * len(lattice.arcs)
    for position, arcs in enumerate(lattice.arcs):
        space = lattice.spaces[position]
        reached = best[position] + (math.log(max(space, 1 - space)) if position else 0.0)
        for arc in arcs:
            best[arc.end] = max(best[arc.end], reached + arc.choices[0][1])
    return best[-1]


def _chain(step: Step) -> tuple[Step, ...]:
    steps = []
    current: Step | None = step
    while current is not None and current.back is not None:
        steps.append(current)
        current = current.back
    return tuple(reversed(steps))
