"""Frames of character probabilities -> text: CTC prefix beam search with language and pattern, and CTC alignment.

The search sums over all alignments of a text (Graves et al., 2006; Hannun et al., 2014) and shares `search`, the
judgement of texts, with the decoder of single characters. Time is bounded by frames x BEAM x CHOICES.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge_ocr.alphabet import Pattern
from edge_ocr.language import Language
from edge_ocr.search import Search, State, Weights

BLANK = 0
"""CTC's class of no character."""

BEAM = 12
"""Texts kept at a frame."""

PATTERN_BEAM = 60
"""Texts kept at a frame under a pattern, which may turn down the likeliest late."""

CHOICES = 8
"""Characters tried at a frame."""

LEAST = 7.0
"""Nats below the likeliest class at which a character is not tried; PATTERN_LEAST under a pattern."""

PATTERN_LEAST = 16.0

SURE_BLANK = -0.002
"""Log probability of the blank from which a frame holds nothing else."""

WEIGHTS = Weights(language=0.45, case=0.4, word=0.4)
"""Of language against the line network; tuned on held-out training strips."""

NEVER = -1e30


@dataclass(slots=True)
class _Prefix:
    """A text so far, with its probability up to the current frame, split by what the frame before held."""

    text: str
    state: State
    judged: float
    """Nats of language, case and words."""
    last: int
    """Class of the last character, BLANK at the start."""
    blank: float = NEVER
    """Log probability of the text's alignments that end in a blank."""
    char: float = NEVER
    """Log probability of those that end in its last character."""
    next_blank: float = NEVER
    next_char: float = NEVER
    children: "dict[int, _Prefix | None]" = field(default_factory=dict)

    @property
    def total(self) -> float:
        return _add(self.blank, self.char)

    @property
    def score(self) -> float:
        return self.total + self.judged


@dataclass(frozen=True, slots=True)
class Transcript:
    """The likeliest text of a line, and the next ones."""

    text: str
    shape: float
    """Log probability of the text by the network alone."""
    others: tuple[tuple[str, float], ...]
    """Other texts, likeliest first, with their log scores below the best one's."""


def _add(first: float, second: float) -> float:
    """Logarithm of the sum of two probabilities given by their logarithms."""
    if first < second:
        first, second = second, first
    return first + math.log1p(math.exp(second - first)) if second > NEVER else first


def transcribe(
    log_probabilities: NDArray[np.float32],
    characters: tuple[str, ...],
    language: Language,
    pattern: Pattern | None = None,
    weights: Weights = WEIGHTS,
) -> Transcript:
    """The best-scored text of a line; empty when nothing can stand there.

    Args:
        log_probabilities: (frames, classes) float32 natural logarithms; class 0 is the blank.
        characters: the character of each class, "" for the blank and for classes that may not occur.
        language: scores text; the language "none" scores all alike.
        pattern: if given, only texts that match it whole are read.
    """
    search = Search(language, pattern, weights)
    root = _Prefix("", search.start, 0.0, BLANK, blank=0.0)
    beam = [root]
    width = PATTERN_BEAM if pattern else BEAM
    for row, tried in zip(log_probabilities.tolist(), _candidates(log_probabilities, characters, pattern), strict=True):
        beam = _advance(beam, row, tried, characters, search)
        beam = sorted(beam, key=lambda prefix: prefix.score, reverse=True)[:width]
    ends = [
        (prefix.score + search.word_bonus(prefix.state.word), prefix.total, prefix.text.strip(" ")) for prefix in beam
    ]
    ends = sorted((end for end in ends if pattern is None or pattern.matches(end[2])), reverse=True)
    if not ends:
        return Transcript("", NEVER, ())
    best, shape, text = ends[0]
    others = {other: score - best for score, _, other in reversed(ends[1:]) if other != text}
    return Transcript(text, shape, tuple(sorted(others.items(), key=lambda other: -other[1])))


def _candidates(
    log_probabilities: NDArray[np.float32], characters: tuple[str, ...], pattern: Pattern | None
) -> list[list[int]]:
    """Classes tried at each frame, the blank left out."""
    possible = np.where([bool(char) for char in characters], log_probabilities, -np.inf)
    count = len(characters) if pattern else CHOICES
    order = np.argsort(-possible, axis=1)[:, :count]
    ranked = np.take_along_axis(possible, order, axis=1)
    near = ranked > log_probabilities.max(axis=1, keepdims=True) - (PATTERN_LEAST if pattern else LEAST)
    near &= log_probabilities[:, BLANK, None] < SURE_BLANK
    return [row[kept].tolist() for row, kept in zip(order, near, strict=True)]


def _advance(
    beam: list[_Prefix], row: list[float], tried: list[int], characters: tuple[str, ...], search: Search
) -> list[_Prefix]:
    """All texts that the beam's become with one more frame."""
    reached: dict[int, _Prefix] = {}
    for prefix in beam:
        total = prefix.total
        reached[id(prefix)] = prefix
        prefix.next_blank = _add(prefix.next_blank, total + row[BLANK])
        if prefix.last != BLANK:
            prefix.next_char = _add(prefix.next_char, prefix.char + row[prefix.last])
        for number in tried:
            child = _child(prefix, number, characters[number], search)
            if child is not None:
                # After the same character, only a blank between starts another one.
                before = prefix.blank if number == prefix.last else total
                child.next_char = _add(child.next_char, before + row[number])
                reached[id(child)] = child
    for prefix in reached.values():
        prefix.blank, prefix.char = prefix.next_blank, prefix.next_char
        prefix.next_blank = prefix.next_char = NEVER
    return list(reached.values())


def _child(prefix: _Prefix, number: int, char: str, search: Search) -> _Prefix | None:
    """The text with one more character; None where it may not stand. Judged once, kept with its parent."""
    if number not in prefix.children:
        child = None
        text = prefix.text + char
        if not (char == " " and prefix.text[-1:] in ("", " ")) and search.allows(text):
            state, score = search.space(prefix.state) if char == " " else search.grow(prefix.state, char)
            child = _Prefix(text, state, prefix.judged + score, number)
        prefix.children[number] = child
    return prefix.children[number]


def align(log_probabilities: NDArray[np.float32], classes: list[int]) -> list[tuple[int, int]]:
    """First and last frame (inclusive) of each character on the likeliest path of a text (Viterbi, 1967).

    Args:
        log_probabilities: (frames, classes) float32.
        classes: of the text's characters; with the blanks between equal ones no more than there are frames.
    """
    if not classes:
        return []
    path = [BLANK]
    for number in classes:
        path += [number, BLANK]
    emitted = log_probabilities[:, path].astype(np.float64)
    skips = np.array([k > 1 and path[k] != BLANK and path[k] != path[k - 2] for k in range(len(path))])
    score = np.full(len(path), -np.inf)
    score[:2] = emitted[0, :2]
    back = np.zeros(emitted.shape, np.int8)
    for frame in range(1, len(emitted)):
        before = np.stack([score, np.roll(score, 1), np.where(skips, np.roll(score, 2), -np.inf)])
        before[1, 0] = before[2, :2] = -np.inf
        back[frame] = before.argmax(axis=0)
        score = before.max(axis=0) + emitted[frame]
    at = len(path) - 1 if score[-1] >= score[-2] else len(path) - 2
    spans = [[len(emitted), -1] for _ in classes]
    for frame in range(len(emitted) - 1, -1, -1):
        if at % 2:
            span = spans[at // 2]
            span[0], span[1] = frame, max(span[1], frame)
        at -= int(back[frame, at])
    return [(first, last) for first, last in spans]
