"""Candidates: a line's possible characters and their scores, as a lattice for `lattice_search`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge_ocr.layout.layout import TextLine
from edge_ocr.layout.segments import Segment
from edge_ocr.text.alphabet import Alphabet
from edge_ocr.text.geometry import place_score, unknown_x_height
from edge_ocr.text.twins import with_twins

BREADTH = 5.0
"""Nats below a segment's likeliest character at which others are dropped; PATTERN_BREADTH in a widened lattice."""

PATTERN_BREADTH = 14.0

MOST_CHOICES = 8
"""Characters kept of one segment; all that are allowed in a widened lattice."""

PLACE_WEIGHT = 0.6
"""Weight of a box's place against the classifier's log probability; tuned on the development pages."""


JOIN_COST = 2.5
"""Cost in nats of each gap inside a segment: separate components are seldom one character."""


@dataclass(frozen=True, slots=True)
class Arc:
    """One segment taken as one character, from a position of the line to a later one."""

    end: int
    """Position (piece number) after it."""
    choices: tuple[tuple[str, float], ...]
    """Characters with their log scores, likeliest first."""
    segment: Segment
    row: int
    """Of the segment, in `Lattice.free`."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """A line's candidates: arcs by the position they start at, and the air before each position."""

    arcs: tuple[tuple[Arc, ...], ...]
    """(positions,) of arcs."""
    spaces: tuple[float, ...]
    """(positions,) probability of a space before the position."""
    free: NDArray[np.float32]
    """(segments, classes) log probabilities before the alphabet restricted them."""


def build_lattice(
    line: TextLine,
    segments: Sequence[Segment],
    log_probabilities: NDArray[np.float32],
    alphabet: Alphabet,
    space: float,
) -> Lattice:
    """Combine a line's segments with their classification and their places.

    Args:
        line: where they stand.
        segments: n of its segments.
        log_probabilities: (n, classes) float32, natural logarithms.
        alphabet: what may be read.
        space: gap, in capital heights, at which a space is as likely as none.
    """
    scores = _restrict(log_probabilities, alphabet)
    arcs: list[list[Arc]] = [[] for _ in line.gaps]
    classes = np.argsort(-scores, axis=1)[:, :MOST_CHOICES]
    ranked = zip(classes.tolist(), np.take_along_axis(scores, classes, axis=1).tolist(), strict=True)
    for row, (segment, (numbers, logs)) in enumerate(zip(segments, ranked, strict=True)):
        choices = _choices(line, segment, numbers, logs, alphabet, BREADTH)
        if choices:
            arcs[segment.first].append(Arc(segment.last + 1, choices, segment, row))
    spaces = 1 / (1 + np.exp(-(line.gaps - space) / (0.18 * space + 1e-6)))
    return Lattice(tuple(tuple(starting) for starting in arcs), tuple(spaces.tolist()), log_probabilities)


def widen(lattice: Lattice, line: TextLine, alphabet: Alphabet) -> Lattice:
    """The same lattice with the unlikely characters too, for a pattern that may ask for them."""
    scores = _restrict(lattice.free, alphabet)
    classes = np.argsort(-scores, axis=1)
    ranked = list(zip(classes.tolist(), np.take_along_axis(scores, classes, axis=1).tolist(), strict=True))

    def wide(arc: Arc) -> Arc:
        return replace(arc, choices=_choices(line, arc.segment, *ranked[arc.row], alphabet, PATTERN_BREADTH))

    return replace(lattice, arcs=tuple(tuple(map(wide, starting)) for starting in lattice.arcs))


def _restrict(log_probabilities: NDArray[np.float32], alphabet: Alphabet) -> NDArray[np.float32]:
    """Share the probability of excluded classes among their twins, or else all others and 'not a character'."""
    log_probabilities = with_twins(log_probabilities, alphabet.labels, alphabet.possible)
    possible = np.array(alphabet.possible)
    junk = np.array([not (choices or len(alphabet.labels[k])) for k, choices in enumerate(alphabet.choices)])
    remaining = np.logaddexp.reduce(log_probabilities[:, possible | junk], axis=1, keepdims=True)
    return np.where(possible, log_probabilities - remaining, -np.inf).astype(np.float32)


def _choices(
    line: TextLine, segment: Segment, classes: list[int], logs: list[float], alphabet: Alphabet, breadth: float
) -> tuple[tuple[str, float], ...]:
    """The characters of one segment with their scores; `classes` are its likeliest, with their log probabilities."""
    joined = JOIN_COST * sum(gap > 0 for gap in line.gaps[segment.first + 1 : segment.last + 1])
    least = logs[0] - breadth
    top = (line.upright.baseline - segment.top) / line.capital
    bottom = (line.upright.baseline - segment.bottom) / line.capital
    x_height = line.x_height / line.capital
    # All letters have one height: they may be all small, so small letters are as likely as capitals.
    x_height = 1.0 if unknown_x_height(x_height) else x_height
    found = [
        (char, log - joined + PLACE_WEIGHT * place_score(char, top, bottom, x_height))
        for number, log in zip(classes, logs, strict=True)
        if log > least
        for char in alphabet.choices[number]
    ]
    return tuple(sorted(found, key=lambda choice: -choice[1]))
