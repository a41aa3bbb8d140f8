"""Frames of character probabilities -> text: CTC prefix beam search with language and pattern.

The search sums over all alignments of a text (Graves et al., 2006; Hannun et al., 2014) and shares `search`, the
judgement of texts, with the decoder of single characters. Time is bounded by frames x BEAM x CHOICES, and is far less
if the network is certain: runs of blank frames count once, and what falls far behind is not tried. Under a pattern each
text carries the state of its automaton, and is ranked by what a match that begins so can still score (`prospects`).
"""

import math
import time
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from edge_ocr.text.automaton import START
from edge_ocr.text.language import Language
from edge_ocr.text.pattern import Matcher, Pattern
from edge_ocr.text.prospects import FrameProspects, is_hopeless, look_along_frames, preferred
from edge_ocr.text.search import NEVER, Search, State, add_logs
from edge_ocr.text.weights import LINE_WEIGHTS, Weights

BLANK = 0
"""CTC's class of no character."""

BEAM = 16
"""Texts kept at a frame."""

BROAD_BEAM = 60
"""Texts kept in the second search under a pattern, if the first one found less than there is."""

CHOICES = 8
"""Characters tried at a frame."""

LEAST = 7.0
"""Nats below the likeliest class at which a character is not tried; under a pattern, none is unlikely as such."""

SURE_BLANK = -0.005
"""Log probability of the blank from which a frame holds nothing else."""

BEHIND = 5.0
"""Nats behind the leading text at which another one is dropped under a pattern."""

WIDER = ((40, 120), (7.0, 3.0))
"""The same without one, between so few and so many frames. A word by itself has little but the language to be known by;
a long line costs much, and errs as much however broadly it is searched."""

FAR = 6.0
"""Nats between what is found under a pattern and what could match, by the shapes alone, from which the broad search
goes on."""

PATTERN_SECONDS = 2.0
"""Longest that a line is searched under a pattern: patterns that need more are written to need it."""

_PROMISE = attrgetter("promise")


@dataclass(slots=True)
class _Prefix:
    """A text so far, with its probability up to the current frame, split by what the frame before held."""

    text: str
    state: State
    judged: float
    """Nats of language, case and words."""
    last: int
    """Class of the last character, BLANK at the start."""
    place: int = START
    """State of the pattern."""
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
    promise: float = 0.0
    """`score`, and under a pattern what the rest of the line can add."""
    children: "dict[int, _Prefix | None]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transcript:
    """The likeliest text of a line, and the next ones."""

    text: str
    others: tuple[tuple[str, float], ...]
    """Other texts, likeliest first, with their log scores below the best one's."""


def transcribe(
    log_probabilities: NDArray[np.float32],
    characters: tuple[str, ...],
    language: Language,
    pattern: Pattern | None = None,
    weights: Weights = LINE_WEIGHTS,
) -> Transcript:
    """The best-scored text of a line; empty if nothing is possible.

    Args:
        log_probabilities: (frames, classes) float32 natural logarithms; class 0 is the blank.
        characters: the character of each class, "" for the blank and for classes that may not occur.
        language: scores text; the language "none" scores all alike.
        pattern: if given, only texts that match it whole are read.
    """
    search = Search(language, weights)
    frames = log_probabilities[_telling(log_probabilities)]
    if pattern is None:
        beam = _search(frames, _Rules(characters, search), behind=float(np.interp(len(frames), *WIDER)))
    else:
        beam = _matches(frames, _Rules(characters, search, _Guide.of(frames, characters, pattern)))
    ends = sorted(
        ((prefix.score + search.finish(prefix.state), prefix.text.strip(" ")) for prefix in beam), reverse=True
    )
    if not ends:
        return Transcript("", ())
    best, text = ends[0]
    others = {other: score - best for score, other in reversed(ends[1:]) if other != text}
    return Transcript(text, tuple(sorted(others.items(), key=lambda other: -other[1])))


@dataclass(frozen=True, slots=True)
class _Guide:
    """What leads a search to matches."""

    matcher: Matcher
    prospects: FrameProspects
    is_hopeless: bool
    until: float
    """When to stop, on the monotonic clock."""

    @classmethod
    def of(cls, frames: NDArray[np.float32], characters: tuple[str, ...], pattern: Pattern) -> "_Guide":
        until = time.monotonic() + PATTERN_SECONDS
        surely_blank = frames[:, [BLANK]] >= SURE_BLANK
        tried = np.where(surely_blank & (np.arange(frames.shape[1]) != BLANK), -np.inf, frames)
        matcher, prospects = preferred(pattern, lambda matcher: look_along_frames(tried, BLANK, characters, matcher))
        loss = float(frames.max(axis=1).sum()) - prospects.whole
        return cls(matcher, prospects, is_hopeless(loss, pattern, matcher), until)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What makes and judges texts."""

    characters: tuple[str, ...]
    search: Search
    guide: _Guide | None = None


def _matches(frames: NDArray[np.float32], rules: _Rules) -> list[_Prefix]:
    """Texts that match: those of the usual search, unless that misses what the shapes promise; then of a broad one."""
    assert rules.guide is not None
    matcher, whole = rules.guide.matcher, rules.guide.prospects.whole
    if rules.guide.is_hopeless:
        return []
    found: list[_Prefix] = []
    for width, behind in ((BEAM, BEHIND), (BROAD_BEAM, 2 * BEHIND)):
        beam = _search(frames, rules, width, behind)
        found = [prefix for prefix in beam if matcher.matches(prefix.text.strip(" "))] or found
        if found and max(prefix.total for prefix in found) > whole - FAR:
            break
    return found


def _search(frames: NDArray[np.float32], rules: _Rules, width: int = BEAM, behind: float = BEHIND) -> list[_Prefix]:
    """The best texts of a line; under a pattern, of those that may match, and none when time is up."""
    guide = rules.guide
    beam = [_Prefix("", rules.search.start, 0.0, BLANK, blank=0.0, promise=guide.prospects.whole if guide else 0.0)]
    tried = _candidates(frames, rules.characters, LEAST if guide is None else math.inf)
    for at, (row, classes) in enumerate(zip(frames.tolist(), tried, strict=True), start=1):
        if guide and time.monotonic() > guide.until:
            return []
        reached = _advance(beam, row, classes, at, behind, rules)
        reached.sort(key=_PROMISE, reverse=True)
        floor = reached[0].promise - behind
        beam = [prefix for prefix in reached[:width] if prefix.promise > floor]
        if not beam:  # All that was promised were repeated characters without a blank between.
            return []
    return beam


def _telling(log_probabilities: NDArray[np.float32]) -> NDArray[np.intp]:
    """Numbers of the frames to search: of a run of certain blanks only the first."""
    blank = log_probabilities[:, BLANK] > SURE_BLANK
    return np.flatnonzero(~(blank & np.concatenate([[False], blank[:-1]])))


def _candidates(log_probabilities: NDArray[np.float32], characters: tuple[str, ...], least: float) -> list[list[int]]:
    """Classes tried at each frame, the blank left out, likeliest first: CHOICES, or all if none is too unlikely."""
    possible = np.where([bool(char) for char in characters], log_probabilities, -np.inf)
    count = CHOICES if math.isfinite(least) else len(characters)
    order = np.argsort(-possible, axis=1)[:, :count]
    ranked = np.take_along_axis(possible, order, axis=1)
    near = ranked > log_probabilities.max(axis=1, keepdims=True) - least
    near &= log_probabilities[:, BLANK, None] < SURE_BLANK
    counts = near.sum(axis=1).tolist()
    return [row[:kept] for row, kept in zip(order.tolist(), counts, strict=True)]


def _advance(
    beam: list[_Prefix],
    row: list[float],
    tried: list[int],
    at: int,
    behind: float,
    rules: _Rules,
) -> list[_Prefix]:
    """All texts that the beam's become with frame `at`, but those `behind` nats behind what is sure to come."""
    blank, guide = row[BLANK], rules.guide
    reached = set(map(id, beam))
    added: list[_Prefix] = []
    floor = beam[0].promise - behind
    if guide is None:
        floor += max(blank, row[tried[0]]) if tried else 0.0
    for prefix in beam:
        total, last = prefix.total, prefix.last
        prefix.next_blank = total + blank
        if last != BLANK:
            prefix.next_char = add_logs(prefix.next_char, prefix.char + row[last])
        least = floor - prefix.score
        if guide:
            least -= guide.prospects.best[at]
        for number in tried:
            if row[number] < least:
                break
            if number in prefix.children:
                child = prefix.children[number]
            else:
                child = _child(prefix, number, rules, at, floor - prefix.score - row[number])
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
        prefix.score = prefix.promise = prefix.total + prefix.judged
        if guide:
            prefix.promise = prefix.judged + _promise(prefix, guide.prospects, at)
    return added


def _promise(prefix: _Prefix, prospects: FrameProspects, at: int) -> float:
    """What the shapes of a match that begins with the prefix can score, by its best alignments."""
    after_blank = prefix.blank + prospects.of(at, prefix.place)
    if prefix.last == BLANK:
        return after_blank
    return max(after_blank, prefix.char + prospects.of_character(at, prefix.place, prefix.last))


def _child(prefix: _Prefix, number: int, rules: _Rules, at: int, least: float) -> _Prefix | None:
    """The text with one more character; None if that is not allowed, or not at frame `at`.

    Judged once, kept with its parent. Under a pattern, a prospect below `least` is none.
    """
    char, guide = rules.characters[number], rules.guide
    place: int | None = START
    if guide:
        place = guide.matcher.step(prefix.place, char)
        if place is not None and guide.prospects.of_character(at, place, number) < least:
            return None
    child = None
    if place is not None and not (char == " " and prefix.text[-1:] in ("", " ")):
        search = rules.search
        state, score = search.space(prefix.state) if char == " " else search.grow(prefix.state, char)
        child = _Prefix(prefix.text + char, state, prefix.judged + score, number, place)
    prefix.children[number] = child
    return child


def surely_emitted(log_probabilities: NDArray[np.float32]) -> float:
    """How many characters the likeliest class of each frame (frames, classes) emits, weighted by their probability
    squared."""
    best = log_probabilities.argmax(axis=1)
    starts = np.concatenate([[True], best[1:] != best[:-1]]) & (best != BLANK)
    return float(np.exp(2 * log_probabilities.max(axis=1)[starts]).sum())


def greedy(log_probabilities: NDArray[np.float32], labels: tuple[str, ...]) -> str:
    """The likeliest class of each frame (frames, classes), without repeats and blanks: CTC without a search."""
    best = log_probabilities.argmax(axis=1)
    starts = np.concatenate([[True], best[1:] != best[:-1]]) & (best != BLANK)
    return "".join(labels[number] for number in best[starts]).strip()
