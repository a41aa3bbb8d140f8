"""What a reading is made of: small frozen records, from the camera's Frame to the Page of text."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
"""One channel, shape (height, width), 0 to 255."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture as it came from a file or a camera."""

    image: NDArray[np.uint8]
    """(height, width) grey or (height, width, 3) BGR, 0 to 255."""
    name: str = ""
    """Where it came from, for messages: a file's path or a camera's name."""
    pages: int = 1
    """Of the file, of which this is the first."""
    seconds: float = field(default=0.0, compare=False)
    """That decoding it took; they count as time of its reading."""


@dataclass(frozen=True, slots=True)
class Ink:
    """Pen separated from paper, at the working resolution."""

    strength: Gray
    """How much pen each pixel holds: 0 paper, 255 full pen; soft edges are kept."""
    mask: Gray
    """255 where a stroke is, 0 elsewhere; cleaned of specks and rulings."""
    scale: float
    """Frame pixels per ink pixel: above 1 if a large picture was reduced, 0.5 if a tiny one was doubled."""
    core: Gray | None = None
    """(height / 4, width / 4) core zones of text lines, 0 to 255, where lines follow the finder's map; else None."""
    seen: Gray | None = None
    """As large as `mask`: how surely a finder takes each pixel for pen, 0 to 255; None where none has looked."""


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in frame pixels; right and bottom lie just outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def edges(self) -> list[int]:
        """[left, top, right, bottom], as JSON has it."""
        return [self.left, self.top, self.right, self.bottom]

    def union(self, other: "Box") -> "Box":
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def within(self, width: int, height: int) -> "Box":
        """The part of the box on a picture of this size; one pixel of its edge if there is none."""
        left, top = min(max(self.left, 0), width - 1), min(max(self.top, 0), height - 1)
        return Box(left, top, max(left + 1, min(self.right, width)), max(top + 1, min(self.bottom, height)))


def around(boxes: "list[Box] | tuple[Box, ...]") -> Box:
    """The smallest box around all of `boxes`, which must not be empty."""
    result = boxes[0]
    for box in boxes[1:]:
        result = result.union(box)
    return result


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character that was read."""

    text: str
    box: Box
    confidence: float
    """Probability that `text` is right, 0 to 1."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """Other characters it might be, with their probabilities, likeliest first."""


@dataclass(frozen=True, slots=True)
class Word:
    """Characters without a space between them."""

    glyphs: tuple[Glyph, ...]
    alternatives: tuple[tuple[str, float], ...] = ()
    """Other texts of the whole word with their probabilities, likeliest first; only of lines read whole."""

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def box(self) -> Box:
        return around([glyph.box for glyph in self.glyphs])

    @property
    def confidence(self) -> float:
        """Probability that a character of the word is right: the mean of its characters' (see `text.confidence`)."""
        return fmean(glyph.confidence for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class Line:
    """Words on one baseline, from left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        return around([word.box for word in self.words])

    @property
    def confidence(self) -> float:
        """Probability that a character of the line is right: the mean of its characters' (see `text.confidence`)."""
        return fmean(glyph.confidence for word in self.words for glyph in word.glyphs)


def mean_confidence(lines: Sequence[Line]) -> float:
    """Of all characters of some lines, 0 to 1; 0 where there are none."""
    lengths = [len(line.text) for line in lines]
    total = sum(length * line.confidence for length, line in zip(lengths, lines, strict=True))
    return total / max(1, sum(lengths))


@dataclass(frozen=True, slots=True)
class Page:
    """Everything read in one frame, lines in reading order. An empty page has no lines."""

    lines: tuple[Line, ...]
    width: int
    """Of the frame, in pixels."""
    height: int
    """Of the frame, in pixels."""
    name: str = ""
    rejected: tuple[Line, ...] = ()
    """Lines, or words of them, left out of the text: their confidence is below the reader's minimum."""
    pattern: str | None = None
    """Regular expression that each line matches as a whole; None where any text may stand."""
    laps: dict[str, float] = field(default_factory=dict, compare=False)
    """Seconds spent in each stage of this reading."""
    partial: bool = False
    """Whether the time for one picture was over before all was read: there may be more than these lines."""
    turn: float = 0.0
    """Degrees clockwise by which its text was turned in the frame, and which were taken out to read it."""

    @property
    def text(self) -> str:
        """One text line a line of writing."""
        return "\n".join(line.text for line in self.lines)

    def to_dict(self, *, rejected: bool = False) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers; boxes as [left, top, right, bottom] in frame pixels.

        Args:
            rejected: also list the lines left out, under "rejected".
        """
        page: dict[str, Any] = {
            "name": self.name,
            "width": self.width,
            "height": self.height,
            "text": self.text,
            "partial": self.partial,
            "lines": [_line_dict(line) for line in self.lines],
        }
        if rejected:
            page["rejected"] = [_line_dict(line) for line in self.rejected]
        return page

    def to_json(self, indent: int | None = None, *, rejected: bool = False) -> str:
        """`to_dict` as JSON text."""
        return json.dumps(self.to_dict(rejected=rejected), ensure_ascii=False, indent=indent)


def _line_dict(line: Line) -> dict[str, Any]:
    return {
        "text": line.text,
        "box": line.box.edges,
        "confidence": round(line.confidence, 4),
        "words": [_word_dict(word) for word in line.words],
    }


def _word_dict(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "box": word.box.edges,
        "confidence": round(word.confidence, 4),
        "alternatives": [[text, round(probability, 4)] for text, probability in word.alternatives],
        "characters": [_glyph_dict(glyph) for glyph in word.glyphs],
    }


def _glyph_dict(glyph: Glyph) -> dict[str, Any]:
    return {
        "text": glyph.text,
        "box": glyph.box.edges,
        "confidence": round(glyph.confidence, 4),
        "alternatives": [[text, round(probability, 4)] for text, probability in glyph.alternatives],
    }
