"""Readings whose truth is known, character by character: what confidence is fitted to and judged by."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein
from tqdm import tqdm

from edge_ocr.page import Frame
from edge_ocr.reader import Reader
from edge_ocr.stopwatch import Stopwatch
from edge_ocr.text.confidence import Surroundings, features

LEAST_LEGIBLE = 0.5
"""Part of a line, and of the truth at its place, that must agree for the line to be a reading of it."""


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
    """(n,) probability that each character is right, as the reader gives it."""


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
    page = Surroundings.of(attempts)
    right = right_characters([unspaced(attempt.line.text) for attempt in attempts], unspaced(truth))
    return Sample(frame.name, truth, tuple(
        Reading(
            attempt.line.text, attempt.by, features(attempt.evidence, page), found,
            np.array([glyph.confidence for word in line.words for glyph in word.glyphs]),
        )
        for attempt, line, found in zip(attempts, reader.calibrated(attempts), right, strict=True)
    ))  # fmt: skip


def right_characters(lines: list[str], truth: str) -> list[np.ndarray]:
    """For each line, (n,) bool: which of its characters an alignment of all lines with the truth finds there.

    None are right in a line that agrees with less than half of what stands at its place: there they agree by chance.
    """
    blocks = [block for block in Levenshtein.opcodes("".join(lines), truth) if block.tag == "equal"]
    # The place in the truth of each character that was read, -1 where it does not stand there.
    places = np.full(sum(map(len, lines)), -1)
    for block in blocks:
        places[block.src_start : block.src_end] = np.arange(block.dest_start, block.dest_end)
    starts = np.cumsum([len(line) for line in lines])[:-1]
    return [_if_legible(own) for own in np.split(places, starts)] if lines else []


def _if_legible(places: np.ndarray) -> np.ndarray:
    """(n,) bool from one line's places in the truth: those found there, if they are enough."""
    right = places >= 0
    found = places[right]
    if not len(found) or len(found) < LEAST_LEGIBLE * max(len(places), found[-1] - found[0] + 1):
        return np.zeros(len(places), bool)
    return right


def unspaced(text: str) -> str:
    """The text without spaces and line breaks."""
    return "".join(text.split())
