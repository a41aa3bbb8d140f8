"""Text lines -> attempts, character by character: cut, classify, and search the lattice of cuts."""

import math

from edge_ocr.alphabet import Alphabet
from edge_ocr.bundle import Bundle
from edge_ocr.characters import CharacterModel
from edge_ocr.decode import Reading, Step, decode
from edge_ocr.language import Language
from edge_ocr.lattice import Lattice, build_lattice
from edge_ocr.layout import Layout, TextLine
from edge_ocr.page import Attempt, Glyph, Line, Word
from edge_ocr.stopwatch import Stopwatch
from edge_ocr.tile import stack_tiles

MOST_ALTERNATIVES = 3

NO_EVIDENCE = -1e3
"""Evidence of a line in which nothing was read."""


class CharacterRecogniser:
    """Reads lines whose characters can be told apart before they are read. One thread at a time may call it."""

    def __init__(
        self, bundle: Bundle, charset: str | None, pattern: str | None, language: Language, backend: str
    ) -> None:
        self.alphabet = Alphabet.of(bundle.labels, charset, pattern)
        self.model = CharacterModel(bundle, backend)
        self._language = language

    def candidates(self, layout: Layout, watch: Stopwatch | None = None) -> list[Lattice]:
        """Classify all segments of the page in one batch and build each line's lattice."""
        with (watch or Stopwatch())("inference"):
            scores = self.model(stack_tiles([segment.tile for line in layout.lines for segment in line.segments]))
        lattices, start = [], 0
        for line in layout.lines:
            rows = scores[start : start + len(line.segments)]
            lattices.append(build_lattice(line, rows, self.alphabet, layout.space))
            start += len(line.segments)
        return lattices

    def read(self, line: TextLine, lattice: Lattice, width: int, height: int) -> Attempt:
        """The likeliest text of a line, with boxes on a frame of this size."""
        reading = decode(lattice, self._language, self.alphabet.pattern)
        return Attempt(_line(line, reading, width, height), _evidence(reading))


def _evidence(reading: Reading) -> float:
    shapes = [dict(step.arc.choices)[step.char] for step in reading.steps if step.arc is not None]
    return sum(shapes) / len(shapes) if shapes else NO_EVIDENCE


def _line(line: TextLine, reading: Reading, width: int, height: int) -> Line:
    words: list[list[Glyph]] = [[]]
    for step in reading.steps:
        if step.arc is None:
            words.append([])
        else:
            words[-1].append(_glyph(line, step, width, height))
    return Line(tuple(Word(tuple(glyphs)) for glyphs in words if glyphs))


def _glyph(line: TextLine, step: Step, width: int, height: int) -> Glyph:
    """The character with its box on the frame, and how sure the shape and place make it among its alternatives."""
    assert step.arc is not None
    segment = step.arc.segment
    # The box around a slanted line's box may reach beyond the picture.
    box = line.to_frame(segment.left, segment.top, segment.right, segment.bottom).within(width, height)
    weights = {char: math.exp(score) for char, score in step.arc.choices}
    total = max(sum(weights.values()), 1e-30)
    others = [(char, weight / total) for char, weight in weights.items() if char != step.char]
    return Glyph(step.char, box, weights[step.char] / total, tuple(others[:MOST_ALTERNATIVES]))
