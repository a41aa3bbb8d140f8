"""The pipeline: Frame -> Ink -> Layout -> Tiles -> Candidates -> text, one stage a line."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_ocr.alphabet import Alphabet
from edge_ocr.bundle import load_bundle
from edge_ocr.characters import CharacterModel
from edge_ocr.decode import Reading, Step, decode
from edge_ocr.errors import EdgeOcrError
from edge_ocr.language import Language
from edge_ocr.lattice import Lattice, build_lattice
from edge_ocr.layout import Layout, TextLine, find_layout
from edge_ocr.page import Frame, Glyph, Line, Page, Word
from edge_ocr.resolution import find_legible_ink
from edge_ocr.tile import stack_tiles

RECOGNISERS = ("auto", "characters")
"""Ways to read a line; `auto` takes the best there is."""

MOST_ALTERNATIVES = 3


class Reader:
    """Reads handwriting in pictures. Made once, used for any number of frames; not for several threads at a time."""

    def __init__(self, model: CharacterModel, alphabet: Alphabet, language: Language) -> None:
        self.model = model
        self.alphabet = alphabet
        self.language = language

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        recogniser: str = "auto",
        charset: str | None = None,
        pattern: str | None = None,
        language: str = "english",
        backend: str = "auto",
    ) -> "Reader":
        """A reader with the bundled model, or another one.

        Args:
            model: folder of a bundle (model.tflite and model.json); None for the bundled one.
            recogniser: "auto" or "characters".
            charset: characters that may occur, such as "0-9A-Z"; None for all that the model knows.
            pattern: regular expression that every text line must match, such as r"[A-Z]{2} \\d{5}".
            language: "english" or "none".
            backend: "auto", "litert", "tflite-runtime", "tensorflow" or "keras".

        Raises:
            BadBundle, NoInterpreter, BadCharset, BadPattern, EdgeOcrError: each says what to do.
        """
        if recogniser not in RECOGNISERS:
            raise EdgeOcrError(f"There is no recogniser {recogniser!r}; choose one of {', '.join(RECOGNISERS)}")
        bundle = load_bundle(model)
        alphabet = Alphabet.of(bundle.labels, charset, pattern)
        return cls(CharacterModel(bundle, backend), alphabet, Language.load(language))

    def read(self, frame: Frame) -> Page:
        """Read all the writing in a frame; a frame without writing gives a page without lines."""
        laps: dict[str, float] = {}
        with _lap(laps, "ink"):
            ink, parts = find_legible_ink(frame)
        with _lap(laps, "layout"):
            layout = find_layout(ink, parts)
        with _lap(laps, "recognise"):
            lattices = self._candidates(layout)
        with _lap(laps, "decode"):
            readings = [decode(lattice, self.language, self.alphabet.pattern) for lattice in lattices]
            height, width = frame.image.shape[:2]
            pairs = zip(layout.lines, readings, strict=True)
            lines = [_line(line, reading, width, height) for line, reading in pairs]
        return Page(tuple(line for line in lines if line.words), width, height, frame.name, laps)

    def _candidates(self, layout: Layout) -> list[Lattice]:
        """Classify all segments of the page in one batch and build each line's lattice."""
        scores = self.model(stack_tiles([segment.tile for line in layout.lines for segment in line.segments]))
        lattices, start = [], 0
        for line in layout.lines:
            rows = scores[start : start + len(line.segments)]
            lattices.append(build_lattice(line, rows, self.alphabet, layout.space))
            start += len(line.segments)
        return lattices


@contextmanager
def _lap(laps: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    laps[stage] = time.perf_counter() - start


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
