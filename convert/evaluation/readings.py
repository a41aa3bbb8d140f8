"""Readings whose truth is known, character by character: what confidence is fitted to and judged by."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein
from tqdm import tqdm

from edge_ocr.page import Frame, Line
from edge_ocr.reader import Reader
from edge_ocr.stopwatch import Stopwatch
from edge_ocr.text.confidence import Attempt, features


@dataclass(frozen=True, slots=True)
class Reading:
    """One line that was read."""

    text: str
    by: str
    """Which recogniser read it."""
    features: np.ndarray
    """(n, features) of each character but spaces."""
    right: np.ndarray
    """(n,) bool: whether the character stands in the truth, where an alignment of the whole page puts it."""
    confidence: np.ndarray
    """(n,) as the reader gives it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture with its readings."""

    name: str
    truth: str
    readings: tuple[Reading, ...]

    @property
    def length(self) -> int:
        """Characters of the truth, spaces left out."""
        return len(unspaced(self.truth))


def read_samples(reader: Reader, frames: Iterable[Frame], truths: Iterable[str], name: str) -> list[Sample]:
    """Read every frame and compare each character with the truth; `reader` gives nothing away by rejecting."""
    pairs = tqdm(list(zip(frames, truths, strict=True)), desc=name, unit="picture")
    return [_sample(reader, frame, truth) for frame, truth in pairs]


def _sample(reader: Reader, frame: Frame, truth: str) -> Sample:
    attempts = [attempt for attempt in reader.attempts(frame, Stopwatch()) if attempt.line.words]
    right = right_characters([unspaced(attempt.line.text) for attempt in attempts], unspaced(truth))
    pairs = zip(attempts, right, strict=True)
    return Sample(frame.name, truth, tuple(_reading(reader, attempt, found) for attempt, found in pairs))


def _reading(reader: Reader, attempt: Attempt, right: np.ndarray) -> Reading:
    sure = np.array([glyph.confidence for glyph in _glyphs(reader.calibrated(attempt))])
    return Reading(attempt.line.text, attempt.by, features(attempt.evidence), right, sure)


def _glyphs(line: Line) -> list:
    return [glyph for word in line.words for glyph in word.glyphs]


def right_characters(lines: list[str], truth: str) -> list[np.ndarray]:
    """For each line, (n,) bool: which of its characters an alignment of all lines with the truth finds there."""
    read = "".join(lines)
    right = np.zeros(len(read), bool)
    for block in Levenshtein.opcodes(read, truth):
        if block.tag == "equal":
            right[block.src_start : block.src_end] = True
    return np.split(right, np.cumsum([len(line) for line in lines])[:-1]) if lines else []


def unspaced(text: str) -> str:
    """The text without spaces and line breaks."""
    return "".join(text.split())
