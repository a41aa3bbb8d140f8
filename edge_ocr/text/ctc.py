"""Frames of character probabilities -> text: CTC prefix beam search with language and pattern, and CTC alignment.

The search sums over all alignments of a text (Graves et al., 2006; Hannun et al., 2014) and shares `search`, the
judgement of texts, with the decoder of single characters. Time is bounded by frames x BEAM x CHOICES, and is far less
where the network is sure: runs of blank frames count once, and what falls far behind is not tried.
"""

from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from edge_ocr.text.language import Language
from edge_ocr.text.pattern import Pattern
from edge_ocr.text.search import NEVER, Search, State, Weights, add_logs

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

SURE_BLANK = -0.005
"""Log probability of the blank from which a frame holds nothing else."""

BEHIND = 5.0
"""Nats behind the leading text at which another one is given up; PATTERN_BEHIND under a pattern."""

PATTERN_BEHIND = 30.0

WEIGHTS = Weights(language=0.45, case=0.3, word=0.2, length=1.6)
"""Of language against the line network; tuned on held-out training strips."""

_SCORE = attrgetter("score")


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
    total: float = 0.0
    """Log probability of all its alignments."""
    score: float = 0.0
    """`total` and `judged` together."""
    children: "dict[int, _Prefix | None]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transcript:
    """The likeliest text of a line, and the next ones."""

    text: str
    shape: float
    """Log probability of the text by the network alone."""
    others: tuple[tuple[str, float], ...]
    """Other texts, likeliest first, with their log scores below the best one's."""


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
    beam = [_Prefix("", search.start, 0.0, BLANK, blank=0.0)]
    width, behind = (PATTERN_BEAM, PATTERN_BEHIND) if pattern else (BEAM, BEHIND)
    frames = log_probabilities[_telling(log_probabilities)]
    for row, tried in zip(frames.tolist(), _candidates(frames, characters, pattern), strict=True):
        reached = _advance(beam, row, tried, behind, characters, search)
        reached.sort(key=_SCORE, reverse=True)
        floor = reached[0].score - behind
        beam = [prefix for prefix in reached[:width] if prefix.score > floor]
    ends = [(prefix.score + search.finish(prefix.state), prefix.total, prefix.text.strip(" ")) for prefix in beam]
    ends = sorted((end for end in ends if pattern is None or pattern.matches(end[2])), reverse=True)
    if not ends:
        return Transcript("", NEVER, ())
    best, shape, text = ends[0]
    others = {other: score - best for score, _, other in reversed(ends[1:]) if other != text}
    return Transcript(text, shape, tuple(sorted(others.items(), key=lambda other: -other[1])))


def _telling(log_probabilities: NDArray[np.float32]) -> NDArray[np.intp]:
    """Numbers of the frames that tell something: of a run of sure blanks, the first."""
    blank = log_probabilities[:, BLANK] > SURE_BLANK
    return np.flatnonzero(~(blank & np.concatenate([[False], blank[:-1]])))


def _candidates(
    log_probabilities: NDArray[np.float32], characters: tuple[str, ...], pattern: Pattern | None
) -> list[list[int]]:
    """Classes tried at each frame, the blank left out, likeliest first."""
    possible = np.where([bool(char) for char in characters], log_probabilities, -np.inf)
    count = len(characters) if pattern else CHOICES
    order = np.argsort(-possible, axis=1)[:, :count]
    ranked = np.take_along_axis(possible, order, axis=1)
    near = ranked > log_probabilities.max(axis=1, keepdims=True) - (PATTERN_LEAST if pattern else LEAST)
    near &= log_probabilities[:, BLANK, None] < SURE_BLANK
    counts = near.sum(axis=1).tolist()
    return [row[:kept] for row, kept in zip(order.tolist(), counts, strict=True)]


def _advance(
    beam: list[_Prefix],
    row: list[float],
    tried: list[int],
    behind: float,
    characters: tuple[str, ...],
    search: Search,
) -> list[_Prefix]:
    """All texts that the beam's become with one more frame, but those `behind` nats behind what is sure to come."""
    blank = row[BLANK]
    reached = set(map(id, beam))
    added: list[_Prefix] = []
    floor = beam[0].score + max(blank, row[tried[0]]) - behind if tried else 0.0
    for prefix in beam:
        total, last = prefix.total, prefix.last
        prefix.next_blank = total + blank
        if last != BLANK:
            prefix.next_char = add_logs(prefix.next_char, prefix.char + row[last])
        least = floor - prefix.score
        for number in tried:
            if row[number] < least:
                break
            child = prefix.children[number] if number in prefix.children else _child(prefix, number, characters, search)
            if child is not None:
                # After the same character, only a blank between starts another one.
                child.next_char = add_logs(child.next_char, (prefix.blank if number == last else total) + row[number])
                if id(child) not in reached:
                    reached.add(id(child))
                    added.append(child)
    added += beam
    for prefix in added:
        prefix.blank, prefix.char = prefix.next_blank, prefix.next_char
        prefix.next_blank = prefix.next_char = NEVER
        prefix.total = add_logs(prefix.blank, prefix.char)
        prefix.score = prefix.total + prefix.judged
    return added


def _child(prefix: _Prefix, number: int, characters: tuple[str, ...], search: Search) -> _Prefix | None:
    """The text with one more character; None where it may not stand. Judged once, kept with its parent."""
    char = characters[number]
    child = None
    text = prefix.text + char
    if not (char == " " and prefix.text[-1:] in ("", " ")) and search.allows(text):
        state, score = search.space(prefix.state) if char == " " else search.grow(prefix.state, char)
        child = _Prefix(text, state, prefix.judged + score, number)
    prefix.children[number] = child
    return child


def greedy(log_probabilities: NDArray[np.float32], labels: tuple[str, ...]) -> str:
    """The likeliest class of each frame (frames, classes), repeats and blanks taken out: CTC without any search."""
    best = log_probabilities.argmax(axis=1)
    starts = np.concatenate([[True], best[1:] != best[:-1]]) & (best != BLANK)
    return "".join(labels[number] for number in best[starts]).strip()


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
    skips = [k > 1 and path[k] != BLANK and path[k] != path[k - 2] for k in range(len(path))]
    barred = np.where(skips, 0.0, -np.inf)
    # Row: the best path's score after a frame; two columns stand before the first, so that all have predecessors.
    scores = np.full((len(emitted), 2 + len(path)), -np.inf)
    scores[0, 2:4] = emitted[0, :2]
    for frame in range(1, len(emitted)):
        before, after = scores[frame - 1], scores[frame, 2:]
        np.add(before[:-2], barred, out=after)
        np.maximum(after, before[1:-1], out=after)
        np.maximum(after, before[2:], out=after)
        after += emitted[frame]
    return _trace(scores, skips)


def _trace(scores: NDArray[np.float64], skips: list[bool]) -> list[tuple[int, int]]:
    """The best path backwards through the table of `align`: each character's first and last frame."""
    at = len(skips) - 1 if scores[-1, -1] >= scores[-1, -2] else len(skips) - 2
    spans = [[len(scores), -1] for _ in range(len(skips) // 2)]
    for frame in range(len(scores) - 1, -1, -1):
        if at % 2:
            span = spans[at // 2]
            span[0], span[1] = frame, max(span[1], frame)
        if frame:
            skipped, stepped, stayed = scores[frame - 1, at : at + 3].tolist()
            if skips[at] and skipped > max(stepped, stayed):
                at -= 2
            elif stepped > stayed:
                at -= 1
    return [(first, last) for first, last in spans]
