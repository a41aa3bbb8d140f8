"""Candidates -> text: a beam search over the lattice that knows the language, letter case and a pattern.

Positions are visited from left to right; at each, the best few texts that end there go on with every arc and, where
there is air, with a space. Time is bounded by BEAM x arcs x choices.
"""

import math
import operator
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from edge_ocr.alphabet import Pattern
from edge_ocr.language import START, Language
from edge_ocr.lattice import Arc, Lattice

BEAM = 10
"""Texts kept at a position."""

BEAM_NATS = 9.0
"""Texts worse than the best at their position by more than this are dropped; none are under a pattern."""

PATTERN_BEAM = 60
"""Texts kept at a position under a pattern, which may turn down the likeliest late."""

LANGUAGE_WEIGHT = 0.3
"""Weight of the language's log probability of a character against the classifier's."""

CASE_WEIGHT = 0.7
"""Weight of the log probability of letter case."""

WORD_BONUS = 0.5
"""Nats a letter that a word of the list earns; of three letters or more."""

SPACE_LEAST = 0.02
"""Probabilities of a space nearer than this to 0 or 1 are taken as sure."""


class Step(NamedTuple):
    """One text so far, as a chain back to the line's start."""

    score: float
    context: int
    case: int
    word: str
    """Letters since the last sign or space."""
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
    search = _Search(language, pattern)
    fronts = [_Front() for _ in range(len(lattice.arcs) + 1)]
    fronts[0].add("", Step(0.0, language.start, START, "", "", None, "", None), math.inf)
    for position, arcs in enumerate(lattice.arcs):
        for step in fronts[position].best(PATTERN_BEAM if pattern else BEAM):
            for start in search.with_space(step, lattice.spaces[position]):
                search.extend(start, arcs, fronts)
    finished = [step._replace(score=step.score + search.word_bonus(step.word)) for step in fronts[-1].steps.values()]
    if pattern:
        finished = [step for step in finished if pattern.matches(step.text)]
    if not finished:
        return Reading((), -math.inf)
    winner = max(finished, key=_by_score)
    return Reading(_chain(winner), winner.score)


class _Search:
    """How texts grow: the language and the pattern that every step is judged by."""

    def __init__(self, language: Language, pattern: Pattern | None) -> None:
        self._language = language
        self._pattern = pattern
        self._nats = math.inf if pattern else BEAM_NATS
        self._bonus: dict[str, float] = {}

    def extend(self, start: Step, arcs: tuple[Arc, ...], fronts: list[_Front]) -> None:
        """Add every character that may follow `start`."""
        language, pattern = self._language, self._pattern
        most = LANGUAGE_WEIGHT * language.typical
        for arc in arcs:
            front = fronts[arc.end]
            for char, shape in arc.choices:
                if start.score + shape + most < front.least:
                    break
                text = start.text + char
                if pattern and not pattern.allows(text):
                    continue
                case, case_score = language.next_case(start.case, char)
                score = start.score + shape + CASE_WEIGHT * case_score + most
                score += LANGUAGE_WEIGHT * language.char_score(start.context, char)
                word = start.word + char
                if not (char.isalpha() or char == "'"):
                    score += self.word_bonus(start.word)
                    word = ""
                context = language.advance(start.context, char)
                kind = text if pattern else (context, case, word)
                front.add(kind, Step(score, context, case, word, text, arc, char, start), self._nats)

    def with_space(self, step: Step, probability: float) -> list[Step]:
        """`step` as it is and with a space after it, as far as the air and the pattern allow either."""
        if step.arc is None or probability < SPACE_LEAST:
            return [step]
        language = self._language
        score = step.score + math.log(probability) + self.word_bonus(step.word)
        score += LANGUAGE_WEIGHT * (language.char_score(step.context, " ") + language.typical)
        context = language.advance(step.context, " ")
        spaced = Step(score, context, START, "", step.text + " ", None, " ", step)
        if self._pattern and not self._pattern.allows(spaced.text):
            return [step]
        if probability > 1 - SPACE_LEAST and not self._pattern:
            return [spaced]
        return [step._replace(score=step.score + math.log(1 - min(probability, 0.999))), spaced]

    def word_bonus(self, word: str) -> float:
        """What a finished word earns for standing in the list."""
        if len(word) < 3:
            return 0.0
        bonus = self._bonus.get(word)
        if bonus is None:
            bonus = 0.0 if self._language.word_score(word) is None else WORD_BONUS * len(word)
            self._bonus[word] = bonus
        return bonus


def _chain(step: Step) -> tuple[Step, ...]:
    steps = []
    current: Step | None = step
    while current is not None and current.back is not None:
        steps.append(current)
        current = current.back
    return tuple(reversed(steps))
