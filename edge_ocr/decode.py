"""Candidates -> text: a beam search over the lattice that knows the language, letter case and a pattern.

Positions are visited from left to right; at each, the best few texts that end there go on with every arc and, where
there is air, with a space. Time is bounded by BEAM x arcs x choices.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from edge_ocr.alphabet import Pattern
from edge_ocr.language import START, Language
from edge_ocr.lattice import Arc, Lattice

BEAM = 10
"""Texts kept at a position."""

PATTERN_BEAM = 60
"""Texts kept at a position under a pattern, which may turn down the likeliest late."""

LANGUAGE_WEIGHT = 0.45
"""Weight of the language's log probability of a character against the classifier's."""

CASE_WEIGHT = 0.7
"""Weight of the log probability of letter case."""

WORD_BONUS = 0.35
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


def decode(lattice: Lattice, language: Language, pattern: Pattern | None = None) -> Reading:
    """The best-scored text of a line; empty when nothing can stand there.

    Args:
        lattice: of one line.
        language: scores text; the language "none" scores all alike.
        pattern: if given, only texts that match it whole are read.
    """
    positions = len(lattice.arcs)
    beam = PATTERN_BEAM if pattern else BEAM
    ends: list[dict[tuple[str, int], Step]] = [{} for _ in range(positions + 1)]
    ends[0] = {("", 0): Step(0.0, language.start, START, "", "", None, "", None)}
    for position in range(positions):
        best = sorted(ends[position].values(), key=lambda step: -step.score)[:beam]
        ends[position] = {}
        for step in best:
            for start in _with_space(step, lattice.spaces[position], language, pattern):
                _extend(start, lattice.arcs[position], ends, language, pattern)
    finished = [step._replace(score=step.score + _word_bonus(step.word, language)) for step in ends[-1].values()]
    if pattern:
        finished = [step for step in finished if pattern.matches(step.text)]
    if not finished:
        return Reading((), -math.inf)
    winner = max(finished, key=lambda step: step.score)
    return Reading(_chain(winner), winner.score)


def _extend(
    start: Step,
    arcs: tuple[Arc, ...],
    ends: list[dict[tuple[str, int], Step]],
    language: Language,
    pattern: Pattern | None,
) -> None:
    """Add every character that may follow `start`; of equal texts at one position the best is kept."""
    for arc in arcs:
        here = ends[arc.end]
        for char, shape in arc.choices:
            text = start.text + char
            if pattern and not pattern.allows(text):
                continue
            case, case_score = language.next_case(start.case, char)
            score = start.score + shape + CASE_WEIGHT * case_score
            score += LANGUAGE_WEIGHT * (language.char_score(start.context, char) + language.typical)
            word = start.word
            if char.isalpha() or char == "'":
                word += char
            else:
                score += _word_bonus(word, language)
                word = ""
            known = here.get((text, case))
            if known is None or known.score < score:
                here[text, case] = Step(score, language.advance(start.context, char), case, word, text, arc, char, start)


def _with_space(step: Step, probability: float, language: Language, pattern: Pattern | None) -> list[Step]:
    """`step` as it is and with a space after it, as far as the air allows either."""
    if step.arc is None or probability < SPACE_LEAST:
        return [step]
    context = language.advance(step.context, " ")
    score = step.score + math.log(probability) + _word_bonus(step.word, language)
    score += LANGUAGE_WEIGHT * (language.char_score(step.context, " ") + language.typical)
    spaced = Step(score, context, START, "", step.text + " ", None, " ", step)
    if pattern and not pattern.allows(spaced.text):
        # A pattern decides about spaces where it allows only one of the two.
        return [step]
    if probability > 1 - SPACE_LEAST and not pattern:
        return [spaced]
    return [step._replace(score=step.score + math.log(1 - min(probability, 0.999))), spaced]


def _word_bonus(word: str, language: Language) -> float:
    if len(word) < 3 or language.word_score(word) is None:
        return 0.0
    return WORD_BONUS * len(word)


def _chain(step: Step) -> tuple[Step, ...]:
    steps = []
    current: Step | None = step
    while current is not None and current.back is not None:
        steps.append(current)
        current = current.back
    return tuple(reversed(steps))
