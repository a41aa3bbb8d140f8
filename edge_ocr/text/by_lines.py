"""Text lines -> lines read as a whole: strip, line model, CTC search. For joined writing."""

import math
from copy import copy
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.binarization import INK_LEVEL
from edge_ocr.layout.strip import HEIGHT, Strip, cut_strip
from edge_ocr.model.bundle import Bundle
from edge_ocr.model.lines import LineModel
from edge_ocr.page import Box, Glyph, Gray, Line, Word
from edge_ocr.stopwatch import Stopwatch
from edge_ocr.text.alignment import Alignment, align
from edge_ocr.text.alphabet import Alphabet
from edge_ocr.text.by_characters import MOST_ALTERNATIVES
from edge_ocr.text.confidence import Attempt, Calibration, Evidence
from edge_ocr.text.ctc import BLANK, Transcript, surely_emitted, transcribe
from edge_ocr.text.language import Language
from edge_ocr.text.opinion import Opinion, settle
from edge_ocr.text.parts import take_parts
from edge_ocr.text.twins import are_believed, with_twins

Spans = tuple[tuple[int, int], ...]
"""First and last frame, inclusive, of each character."""

REACH = 5
"""Frames beside those that emit a character which its ink may cover: half of a wide letter."""

AHEAD = 4
"""Columns of the strip by which the network emits a character before its middle: padding like TensorFlow's lets a frame
look to the right of its columns, and CTC's peaks come a little early."""

LEAST_PROBABILITY = 0.01
"""Least probability of alternatives."""


class _Aligned(NamedTuple):
    """Where a text stands on its strip, and what the network sees there."""

    path: Alignment
    free: NDArray[np.float32]
    """(frames, classes) log probabilities."""
    shown: NDArray[np.float32]
    """(frames, classes) the same `with_twins`."""
    scores: NDArray[np.float32]
    """(frames, classes) the same among what may occur."""
    strip: Strip

    def part(self, start: int, end: int, classes: list[int], stride: int) -> "_Aligned":
        """Of the characters from `start` up to `end`, and the frames they span.

        `classes`: the whole text's. `stride`: pixels of the strip to a frame.
        """
        spans = self.path.spans[start:end]
        first, last = spans[0][0], spans[-1][1]
        held = np.full(last + 1, BLANK)
        for number, (begin, until) in zip(classes[start:end], spans, strict=True):
            held[begin : until + 1] = number
        frames = slice(first, last + 1)
        score = float(self.free[np.arange(first, last + 1), held[frames]].sum())
        path = Alignment(tuple((begin - first, until - first) for begin, until in spans), score)
        strip = replace(self.strip, image=self.strip.image[:, first * stride : (last + 1) * stride])
        return _Aligned(path, self.free[frames], self.shown[frames], self.scores[frames], strip)


class LineRecogniser:
    """Reads lines without cutting them. Call it from one thread at a time."""

    def __init__(
        self,
        bundle: Bundle,
        charset: str | None,
        pattern: str | None,
        language: Language,
        backend: str,
        pattern_in: str | None = None,
    ) -> None:
        self._bundle, self._backend = bundle, backend
        self.calibration = Calibration.of(bundle.confidence)
        self._free_language = language
        self._limit(charset, pattern, pattern_in)

    def limited(self, charset: str | None, pattern: str | None) -> "LineRecogniser":
        """One with the same open model, for what else may occur."""
        _ = self.model  # Else each would open its own.
        other = copy(self)
        other._limit(charset, pattern, None)
        return other

    def _limit(self, charset: str | None, pattern: str | None, pattern_in: str | None) -> None:
        # Any charset allows spaces, as between the characters of a layout.
        every = self._bundle.labels
        self.alphabet = Alphabet.of([label.strip() for label in every if label.strip()], charset, pattern, pattern_in)
        self._characters = tuple(label if label == " " or label in self.alphabet.allowed else "" for label in every)
        self._possible = np.array([number == BLANK or bool(char) for number, char in enumerate(self._characters)])
        self._language = self._free_language.under(self.alphabet.pattern)

    @cached_property
    def model(self) -> LineModel:
        """Opened when it is first needed: a page of clear characters saves its time and memory."""
        return LineModel(self._bundle, self._backend)

    def read(
        self,
        ink: Gray,
        origin: tuple[int, int],
        scale: float,
        width: int,
        height: int,
        watch: Stopwatch | None = None,
        opinion: Opinion | None = None,
    ) -> Attempt:
        """The likeliest text of a line.

        Args:
            ink: (h, w) uint8, the line's ink alone.
            origin: left and top of `ink` on the page's ink.
            scale: frame pixels to one pixel of ink.
            width, height: of the frame, in pixels.
            watch: takes the times of its stages.
            opinion: of another recogniser, that has a say under a pattern.
        """
        watch = watch or Stopwatch()
        with watch("crops"):
            strip = cut_strip(ink)
        with watch("inference"):
            free = self.model(strip.image)
        shown = with_twins(free, self._bundle.labels, self._possible.tolist())
        scores = self._restrict(shown)
        transcript = transcribe(scores, self._characters, self._language, self.alphabet.pattern)
        if opinion is not None:
            transcript = settle(transcript, opinion, lambda text: self._score(scores, text))
        text = transcript.text
        classes = self._numbers(text)
        path = align(shown, classes)
        rooms = _widened(path.spans, len(free), AHEAD / self.model.stride)
        boxes = [_box(strip, room, self.model.stride, origin, scale).within(width, height) for room in rooms]
        glyphs = [
            self._glyph(char, box, scores[first : last + 1])
            for char, box, (first, last) in zip(text, boxes, path.spans, strict=True)
        ]
        line = _line(text, glyphs, transcript)
        return self._attempt(line, text, classes, _Aligned(path, free, shown, scores, strip))

    def legibility(self, ink: Gray) -> float:
        """How many characters the network sees in a line's ink (h, w) uint8, each weighted by how sure it is."""
        return surely_emitted(self.model(cut_strip(ink).image))

    def _attempt(self, line: Line, text: str, classes: list[int], seen: _Aligned) -> Attempt:
        """The line with its evidence; under a pattern for parts, those that match, with theirs."""
        pattern = self.alphabet.pattern
        if pattern is None or not pattern.is_part:
            return Attempt(line, self._evidence(line, seen), "lines")
        spans = pattern.find(text)
        stride = self.model.stride
        parts = [self._evidence(take_parts(line, [span]), seen.part(*span, classes, stride)) for span in spans]
        return Attempt(take_parts(line, spans), Evidence.joined(parts), "lines")

    def _score(self, scores: NDArray[np.float32], text: str) -> float:
        """Log score of any text; -inf for one that the network does not know, or that has no room in the frames."""
        room = len(text) + sum(one == other for one, other in pairwise(text))
        return align(scores, self._numbers(text)).score if room <= len(scores) and self._knows(text) else -math.inf

    def _knows(self, text: str) -> bool:
        return all(char in self._characters for char in text)

    def _numbers(self, text: str) -> list[int]:
        """The classes of a text's characters."""
        return [self._characters.index(char) for char in text]

    def _evidence(self, line: Line, seen: "_Aligned") -> Evidence:
        """The network's evidence for the read characters, each where it is strongest."""
        places = zip(line.text, self._numbers(line.text), seen.path.spans, strict=True)
        held = [(number, first, last) for char, number, (first, last) in places if char != " "]
        classes = np.array([number for number, _, _ in held], np.intp)
        frames = np.array([first + int(seen.shown[first : last + 1, n].argmax()) for n, first, last in held], np.intp)
        there = frames, classes
        rivals = seen.free[frames].copy()
        rivals[:, BLANK] = -np.inf  # Most frames of a character are blanks, which are no evidence against it.
        best = rivals.max(axis=1, initial=-np.inf).astype(np.float64)
        shown = seen.shown[there].astype(np.float64)
        believed = are_believed(line, shown, best)
        free = np.where(believed, shown, seen.free[there])
        lost = float(seen.free.max(axis=1).sum()) - seen.path.score + float((shown - free).sum())
        return Evidence(
            posterior=np.where(believed, seen.scores[there], self._restrict(seen.free)[there]).astype(np.float64),
            free=free,
            best=best,
            word=np.array([math.log(1 - _others_share(word)) for word in line.words for _ in word.glyphs]),
            gap=lost / max(1, len(line.text)),
            unread=_unread(seen.strip, seen.path.spans, self.model.stride),
        )

    def _restrict(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Share the probability of excluded characters among the others."""
        if self._possible.all():
            return scores
        remaining = np.logaddexp.reduce(scores[:, self._possible], axis=1, keepdims=True)
        return np.where(self._possible, scores - remaining, -1e3).astype(np.float32)

    def _glyph(self, char: str, box: Box, frames: NDArray[np.float32]) -> Glyph:
        """The character with its alternatives where the network saw it best."""
        number = self._characters.index(char)
        best = frames[int(frames[:, number].argmax())]
        order = np.argsort(-best)
        others = [
            (self._characters[other], math.exp(best[other]))
            for other in order[: MOST_ALTERNATIVES + 2].tolist()
            if other not in (BLANK, number)
            and self._characters[other].strip()
            and math.exp(best[other]) > LEAST_PROBABILITY
        ]
        return Glyph(char, box, math.exp(best[number]), tuple(others[:MOST_ALTERNATIVES]))


def _others_share(word: Word) -> float:
    """Probability of all other texts of a word in the search."""
    return min(0.9999, sum(share for _, share in word.alternatives))


def _unread(strip: Strip, spans: Spans, stride: int) -> float:
    """Part of the strip's columns with ink, 0 to 1, that are far from any emission."""
    inked = np.flatnonzero((strip.image > INK_LEVEL).any(axis=0)) // stride
    if not len(inked):
        return 0.0
    near = np.zeros(strip.image.shape[1] // stride + 1, bool)
    for first, last in spans:
        near[max(0, first - REACH) : last + REACH + 1] = True
    return float(1 - near[inked].mean())


def _widened(spans: Spans, frames: int, ahead: float) -> list[tuple[float, float]]:
    """The frames of a character's room: those that emit it, by `ahead` too early, and half of the way to others."""
    if not spans:
        return []
    middles = [min((first + last + 1) / 2 + ahead, frames) for first, last in spans]
    pitch = (middles[-1] - middles[0]) / max(1, len(middles) - 1) if len(middles) > 1 else float(frames)
    edges = [max(0.0, middles[0] - pitch / 2)]
    edges += [(left + right) / 2 for left, right in pairwise(middles)]
    edges.append(min(float(frames), middles[-1] + pitch / 2))
    return list(pairwise(edges))


def _box(strip: Strip, span: tuple[float, float], stride: int, origin: tuple[int, int], scale: float) -> Box:
    """The box on the picture around what a strip shows in these frames of the network, each `stride` columns."""
    left = int(span[0] * stride)
    right = max(left + 1, math.ceil(span[1] * stride))
    rows = np.flatnonzero(strip.image[:, left:right].max(axis=1, initial=0) > INK_LEVEL)
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, HEIGHT)
    corners = np.array([(x, y, 1.0) for x in (left, right) for y in (top, bottom)]) @ strip.to_source.T
    low, high = (corners.min(axis=0) + origin) * scale, (corners.max(axis=0) + origin) * scale
    return Box(int(low[0]), int(low[1]), math.ceil(high[0]), math.ceil(high[1]))


def _line(text: str, glyphs: list[Glyph], transcript: Transcript) -> Line:
    words, start = [], 0
    for number, word in enumerate(text.split(" ")):
        others = _other_words(number, word, text, transcript)
        words.append(Word(tuple(glyphs[start : start + len(word)]), others))
        start += len(word) + 1
    return Line(tuple(word for word in words if word.glyphs))


def _other_words(number: int, word: str, text: str, transcript: Transcript) -> tuple[tuple[str, float], ...]:
    """Other texts of this word in the search, with their shares of the probability."""
    count = len(text.split(" "))
    held = {word: 1.0}
    for other, below in transcript.others:
        parts = other.split(" ")
        if len(parts) == count:
            held[parts[number]] = held.get(parts[number], 0.0) + math.exp(below)
    total = sum(held.values())
    ranked = sorted(
        ((other, share / total) for other, share in held.items() if other != word), key=lambda pair: -pair[1]
    )
    return tuple((other, share) for other, share in ranked[:MOST_ALTERNATIVES] if share > LEAST_PROBABILITY)
