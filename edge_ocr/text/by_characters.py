"""Text lines -> attempts, character by character: cut, classify, and search the lattice of cuts."""

import math
from copy import copy
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from edge_ocr.layout.layout import Layout, TextLine
from edge_ocr.layout.segments import Segment
from edge_ocr.layout.tile import stack_tiles
from edge_ocr.model.bundle import Bundle
from edge_ocr.model.characters import CharacterModel
from edge_ocr.page import Glyph, Line, Word
from edge_ocr.stopwatch import Stopwatch
from edge_ocr.text.alphabet import Alphabet
from edge_ocr.text.confidence import Attempt, Calibration, Evidence
from edge_ocr.text.language import Language
from edge_ocr.text.lattice import Arc, Lattice, build_lattice, widen
from edge_ocr.text.lattice_search import Reading, Step, decode
from edge_ocr.text.opinion import Opinion
from edge_ocr.text.parts import in_parts, take_parts
from edge_ocr.text.pattern import spelled
from edge_ocr.text.prospects import look_along_lattice
from edge_ocr.text.twins import are_believed, with_twins

MOST_ALTERNATIVES = 3

SURE_SHAPE = -0.08
"""Log probability from which an uncut shape counts as recognised, whatever its parts would be."""


class CharacterRecogniser:
    """Reads lines of separate characters. Call it from one thread at a time."""

    def __init__(
        self,
        bundle: Bundle,
        charset: str | None,
        pattern: str | None,
        language: Language,
        backend: str,
        pattern_in: str | None = None,
    ) -> None:
        self.model = CharacterModel(bundle, backend)
        self.calibration = Calibration.of(bundle.confidence)
        self._labels, self._language = bundle.labels, language
        self._classes = {char: number for number, label in enumerate(bundle.labels) for char in label}
        self._limit(charset, pattern, pattern_in)

    def limited(self, charset: str | None, pattern: str | None) -> "CharacterRecogniser":
        """One with the same open model, for what else may occur."""
        other = copy(self)
        other._limit(charset, pattern, None)
        return other

    def _limit(self, charset: str | None, pattern: str | None, pattern_in: str | None) -> None:
        self.alphabet = Alphabet.of(self._labels, charset, pattern, pattern_in)
        self._under_pattern = self._language.under(self.alphabet.pattern)
        self._letters = [number for number, chars in enumerate(self.alphabet.choices) if "".join(chars).isalnum()]

    def candidates(self, layout: Layout, watch: Stopwatch | None = None) -> list[Lattice]:
        """Classify the page's segments and build each line's lattice; `watch` takes the model's time as "inference".

        What the layout did not cut comes first, in one batch. If that is certainly a character, other cuts of it are
        skipped: most of a page of clear letters.
        """
        watch = watch or Stopwatch()
        with watch("crops"):
            segments = [line.segments for line in layout.lines]
        whole = [[segment for segment in line if segment.whole] for line in segments]
        first = self._classify(whole, watch)
        cut = [self._doubtful(*line) for line in zip(segments, whole, first, strict=True)]
        second = self._classify(cut, watch)
        return [
            build_lattice(line, (*one, *other), np.concatenate(scores), self.alphabet, layout.space)
            for line, one, other, *scores in zip(layout.lines, whole, cut, first, second, strict=True)
        ]

    def _classify(self, lines: list[list[Segment]], watch: Stopwatch) -> list[NDArray[np.float32]]:
        """Log probabilities of each line's segments, in one batch."""
        with watch("crops"):
            tiles = stack_tiles([segment.tile for segments in lines for segment in segments])
        with watch("inference"):
            scores = self.model(tiles)
        return np.split(scores, np.cumsum([len(segments) for segments in lines])[:-1]) if lines else []

    def _doubtful(self, segments: list[Segment], whole: list[Segment], scores: NDArray[np.float32]) -> list[Segment]:
        """A line's other segments, without those that hold something which is surely a character.

        Signs are never sure, since many are a part of another one.
        """
        sure = np.zeros(max((segment.last for segment in segments), default=-1) + 1, bool)
        best = scores[:, self._letters].max(axis=1, initial=-np.inf)
        for segment, score in zip(whole, best.tolist(), strict=True):
            sure[segment.first : segment.last + 1] = score > SURE_SHAPE
        return [other for other in segments if not (other.whole or sure[other.first : other.last + 1].any())]

    def read(self, line: TextLine, lattice: Lattice, width: int, height: int) -> Attempt:
        """The likeliest text of a line, with boxes on a frame of this size; of those that match, under a pattern.

        The score is that of the likeliest text in any case: it says whether the line's characters are in doubt.
        """
        free = reading = decode(lattice, self._language)
        pattern = self.alphabet.pattern
        if pattern and not (pattern.of_words or pattern).matches(free.text):
            reading = decode(widen(lattice, line, self.alphabet), self._under_pattern, pattern)
        read = _line(line, reading, width, height)
        steps = [(step.arc, step.char) for step in reading.steps if step.arc is not None]
        text = read.text
        if pattern and pattern.is_part:
            spans = pattern.find(text)
            steps = list(compress(steps, in_parts(read, spans)))
            read = take_parts(read, spans)
        return Attempt(read, self._evidence(read, steps, lattice), "characters", _shape_score(free), text)

    def opinion(self, line: TextLine, lattice: Lattice, text: str) -> Opinion:
        """What is to be said of the line's texts; `text` is its own reading."""
        wide = widen(lattice, line, self.alphabet)
        return Opinion(text, lambda other: look_along_lattice(wide, spelled(other)).whole)

    def _evidence(self, line: Line, steps: list[tuple[Arc, str]], lattice: Lattice) -> Evidence:
        """The classifier's evidence for the read characters; a cut covers all ink of the line."""
        rows = np.array([arc.row for arc, _ in steps], np.intp)
        there = range(len(rows)), [self._classes[char] for _, char in steps]
        ink = lattice.free[rows].astype(np.float64)
        best = ink.max(axis=1, initial=-np.inf)
        shown = with_twins(ink, self._labels, self.alphabet.possible)[there]
        free = np.where(are_believed(line, shown, best), shown, ink[there])
        posterior = np.array([_log_share(arc, char) for arc, char in steps])
        gap = float((best - free).mean()) if steps else 0.0
        return Evidence(posterior, free, best, np.zeros(len(steps)), gap, unread=0.0)


def _shape_score(reading: Reading) -> float:
    shapes = [dict(step.arc.choices)[step.char] for step in reading.steps if step.arc is not None]
    return sum(shapes) / len(shapes) if shapes else -math.inf


def _log_share(arc: Arc, char: str) -> float:
    """Log probability of the character among the arc's choices, by shape and place."""
    scores = dict(arc.choices)
    most = max(scores.values())
    return scores[char] - most - math.log(sum(math.exp(score - most) for score in scores.values()))


def _line(line: TextLine, reading: Reading, width: int, height: int) -> Line:
    words: list[list[Glyph]] = [[]]
    for step in reading.steps:
        if step.arc is None:
            words.append([])
        else:
            words[-1].append(_glyph(line, step, width, height))
    return Line(tuple(Word(tuple(glyphs)) for glyphs in words if glyphs))


def _glyph(line: TextLine, step: Step, width: int, height: int) -> Glyph:
    """The character with its box on the frame, and its probability among its alternatives, by shape and place."""
    assert step.arc is not None
    segment = step.arc.segment
    # The box around a slanted box may exceed the picture.
    box = line.to_frame(segment.left, segment.top, segment.right, segment.bottom).within(width, height)
    weights = {char: math.exp(score) for char, score in step.arc.choices}
    total = max(sum(weights.values()), 1e-30)
    others = [(char, weight / total) for char, weight in weights.items() if char != step.char]
    return Glyph(step.char, box, weights[step.char] / total, tuple(others[:MOST_ALTERNATIVES]))
