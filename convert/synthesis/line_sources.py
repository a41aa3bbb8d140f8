"""Where handwritten lines come from: UNIPEN words and texts, characters set in a row, and handwriting fonts."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from convert.data.arrays import Images, Strokes
from convert.data.classes import CAPITALS, DIGITS
from convert.synthesis.augmentation import Rng, between
from convert.synthesis.character_sources import MARGIN, TYPICAL_HEIGHT, X_HEIGHT, random_affine, warp
from convert.synthesis.line_filters import is_one_line, is_one_row
from convert.synthesis.pen import STAIRCASE, Stroke, bounds, draw, smooth, transform
from convert.synthesis.random_text import CHARSET, Texts
from edge_ocr.layout.strip import core_zone
from edge_ocr.page import Gray

LONGEST = 60
"""Characters of the longest line that is drawn."""

DESCENDING = {"g": 0.42, "j": 0.36, "p": 0.4, "q": 0.42, "y": 0.42, "Q": 0.1, ",": 0.6, ";": 0.3, "(": 0.15, ")": 0.15,
              "[": 0.15, "]": 0.15, "{": 0.15, "}": 0.15, "/": 0.1, "|": 0.15, "$": 0.08, "_": 1.0}  # fmt: skip
"""Part of a character's height that hangs below the baseline; 0 for those that are not listed."""

FLOATING = {
    "'": 0.75,
    '"': 0.75,
    "-": 0.42,
    "~": 0.42,
    "=": 0.28,
    "+": 0.18,
    "*": 0.42,
    "^": 0.65,
    "<": 0.15,
    ">": 0.15,
}
"""Height of the lower end above the baseline, in heights of a capital, for signs that stand on nothing."""


@dataclass(frozen=True, slots=True)
class Written:
    """One line on an empty background."""

    ink: Gray
    text: str


class LineSource(Protocol):
    """A supply of lines."""

    def draw(self, rng: Rng) -> Written: ...


def densify(strokes: list[Stroke]) -> np.ndarray:
    """Points (n, 2) at even steps along strokes, 60 to the height of all: each length of pen counts alike."""
    low, high = bounds(strokes)
    step = max(float(high[1] - low[1]), 1.0) / 60
    parts = []
    for stroke in strokes:
        lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
        at = np.linspace(0, lengths[-1], int(lengths[-1] / step) + 1)
        parts.append(np.stack([np.interp(at, lengths, stroke[:, axis]) for axis in (0, 1)], axis=1))
    return np.concatenate(parts)


def draw_with_any_pen(strokes: list[Stroke], rng: Rng) -> Gray:
    """Strokes of one line, 24 to 64 pixels high, with a random pen, slant, turn and change of proportions."""
    low, high = bounds(strokes)
    pixels = between(rng, 24, 64)
    scale = pixels / max(float(high[1] - low[1]), 0.12 * float(high[0] - low[0]), 1.0)
    matrix = random_affine(rng, scale)
    # A line turned as far as a character would be leaves its page.
    turn = between(rng, -0.05, 0.05) - float(np.arctan2(matrix[1, 0], matrix[0, 0]))
    cosine, sine = np.cos(turn), np.sin(turn)
    matrix[:, :2] = np.array([[cosine, -sine], [sine, cosine]]) @ matrix[:, :2]
    pen = np.exp(between(rng, np.log(0.03), np.log(0.11))) * scale * float(high[1] - low[1])
    return draw(transform(strokes, matrix), max(1.0, pen), MARGIN)


class WordSource:
    """UNIPEN's words and texts, alone or several by the same writer side by side."""

    def __init__(self, strokes: Strokes, most_words: int, power: float = 0.6) -> None:
        """`most_words`: samples set side by side; `power`: the chance of a writer goes with their samples^power."""
        self._strokes, self._most = strokes, most_words
        self._by_writer: dict[str, list[int]] = defaultdict(list)
        for number, (label, writer) in enumerate(zip(strokes.labels.tolist(), strokes.writers.tolist(), strict=True)):
            wanted = _is_usable(label) and (len(label) > 1 or number % 8 == 0)
            if wanted and is_one_line(label, strokes.sample(number)) and is_one_row(strokes.sample(number)):
                self._by_writer[writer].append(number)
        self._writers = list(self._by_writer)
        self._chances = np.cumsum([len(self._by_writer[writer]) ** power for writer in self._writers])

    def draw(self, rng: Rng) -> Written:
        writer = self._writers[int(np.searchsorted(self._chances, rng.random() * self._chances[-1]))]
        numbers = self._by_writer[writer]
        count = 1 if self._most == 1 else int(rng.integers(2, self._most + 1))
        chosen = [numbers[int(rng.integers(len(numbers)))] for _ in range(count)]
        words = [self.word(number) for number in chosen]
        text = " ".join(str(self._strokes.labels[number]) for number in chosen)
        while len(text) > LONGEST:
            words, text = words[:-1], text.rpartition(" ")[0] if len(words) > 1 else text[:0]
        return Written(draw_with_any_pen(side_by_side(words, rng), rng), text) if words else self.draw(rng)

    @property
    def writers(self) -> list[str]:
        """Everyone who has a usable sample."""
        return self._writers

    def some(self, writer: str, rng: Rng) -> int:
        """Number of one of a writer's samples."""
        numbers = self._by_writer[writer]
        return numbers[int(rng.integers(len(numbers)))]

    def text(self, number: int) -> str:
        """What a sample says."""
        return str(self._strokes.labels[number])

    def word(self, number: int) -> list[Stroke]:
        """Strokes of a sample, smoothed where its tablet was coarse."""
        strokes = self._strokes.sample(number)
        if str(self._strokes.writers[number]).startswith(STAIRCASE):
            strokes = [smooth(stroke) for stroke in strokes]
        return strokes


def is_learnable(text: str) -> bool:
    """Whether a line of this text can be shown to the network."""
    return 0 < len(text) <= LONGEST and set(text) <= set(CHARSET)


def _is_usable(label: str) -> bool:
    # An @ between letters marks where one provider's writers were unsure; it was not written.
    return is_learnable(label) and "@" not in label and "  " not in label


def side_by_side(words: list[list[Stroke]], rng: Rng) -> list[Stroke]:
    """Words on one drifting baseline, gaps of 0.6 to 2 x-heights between them."""
    if len(words) == 1:
        return words[0]
    line: list[Stroke] = []
    right = 0.0
    space, slope = between(rng, 0.8, 1.8), rng.normal(0, 0.02)
    for word in words:
        low, high = bounds(word)
        top, base = core_zone(densify(word)[:, 1])
        core = max(base - top, 0.15 * float(high[1] - low[1]), 1.0)
        shift = np.array([right - low[0], slope * right + rng.normal(0, 0.08) * core - base], np.float32)
        line += [stroke + shift for stroke in word]
        right += float(high[0] - low[0]) + core * space * np.exp(rng.normal(0, 0.15))
    return line


class RowSource:
    """Texts set from a writer's single characters: what is rare among their words."""

    def __init__(self, groups: list[Strokes], texts: Texts) -> None:
        self._groups, self._texts = groups, texts
        self._by_writer: dict[str, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for group, strokes in enumerate(groups):
            for number, (label, writer) in enumerate(
                zip(strokes.labels.tolist(), strokes.writers.tolist(), strict=True)
            ):
                if label in CHARSET and len(label) == 1:
                    self._by_writer[writer][label].append((group, number))
        self._writers = [writer for writer, chars in self._by_writer.items() if len(chars) >= 10]

    def draw(self, rng: Rng) -> Written:
        """A text of which every character is the writer's own; others are left out of it."""
        chars = self._by_writer[self._writers[int(rng.integers(len(self._writers)))]]
        for _ in range(8):
            text = self._texts(rng)
            if all(char in chars or char == " " for char in text) and len(text) <= LONGEST:
                return Written(draw_with_any_pen(self._row(text, chars, rng), rng), text)
        text = "".join(list(chars)[int(rng.integers(len(chars)))] for _ in range(int(rng.integers(2, 8))))
        return Written(draw_with_any_pen(self._row(text, chars, rng), rng), text)

    def _row(self, text: str, chars: dict[str, list[tuple[int, int]]], rng: Rng) -> list[Stroke]:
        shapes = {char: chars[char][int(rng.integers(len(chars[char])))] for char in set(text) - {" "}}
        drawn = {char: self._groups[group].sample(number) for char, (group, number) in shapes.items()}
        heights = {char: float(np.ptp(np.concatenate(strokes)[:, 1])) for char, strokes in drawn.items()}
        capitals = [height for char, height in heights.items() if char in CAPITALS + DIGITS]
        capital = float(np.median(capitals)) if capitals else 1.7 * max(1.0, float(np.median(list(heights.values()))))
        gap, space = between(rng, 0.02, 0.3), between(rng, 0.45, 1.0)
        line: list[Stroke] = []
        right = 0.0
        for char in text:
            if char == " ":
                right += capital * space
                continue
            strokes = drawn[char]
            low, high = bounds(strokes)
            factor = _plausible(char, heights[char], capital)
            bottom = high[1] - DESCENDING.get(char, 0.0) * (high[1] - low[1])
            lift = FLOATING.get(char, 0.0) * capital + rng.normal(0, 0.04) * capital
            line += [(stroke - [low[0], bottom]) * factor + [right, -lift] for stroke in strokes]
            right += factor * float(high[0] - low[0]) + capital * gap * np.exp(rng.normal(0, 0.3))
        return [stroke.astype(np.float32) for stroke in line]


def _plausible(char: str, height: float, capital: float) -> float:
    """Factor that brings a character whose size is absurd beside a capital to a likely one; else 1."""
    if char in TYPICAL_HEIGHT or not char.isalnum():
        usual = TYPICAL_HEIGHT.get(char, 1.0) * capital
        return 1.0 if height > 0 and 0.4 < height / usual < 2.5 else usual / max(height, usual / 4)
    usual = (0.62 if char in X_HEIGHT else 1.0) * capital
    return 1.0 if 0.6 < height / usual < 1.6 else usual / max(height, 0.1 * usual)


class ScanSource:
    """Texts set from EMNIST's scanned characters; letters of unknown case are not used."""

    def __init__(self, images: Images, texts: Texts) -> None:
        self._images, self._texts = images, texts
        self._by_char: dict[str, np.ndarray] = {
            char: np.flatnonzero((images.chars == char) & images.case_known) for char in np.unique(images.chars)
        }

    def draw(self, rng: Rng) -> Written:
        known = {char for char, numbers in self._by_char.items() if len(numbers)}
        while True:
            text = "".join(char for char in self._texts(rng) if char in known or char == " ").strip()
            if text and "  " not in text and len(text) <= LONGEST:
                return Written(self._row(text, rng), text)

    def _row(self, text: str, rng: Rng) -> Gray:
        capital = between(rng, 24, 48)
        gap, space = between(rng, -0.02, 0.25), between(rng, 0.45, 0.9)
        canvas = np.zeros((round(2.4 * capital), round((len(text) + 2) * 1.8 * capital)), np.uint8)
        right = MARGIN + 2
        for char in text:
            if char == " ":
                right += round(space * capital)
                continue
            numbers = self._by_char[char]
            image = self._images.images[numbers[int(rng.integers(len(numbers)))]]
            glyph = _upright_glyph(image, char, capital, rng)
            drop = DESCENDING.get(char, 0.0) * glyph.shape[0] if char in "gjpqy" else 0.0
            top = int(
                np.clip(
                    1.6 * capital - glyph.shape[0] + drop + rng.normal(0, 0.03) * capital,
                    0,
                    len(canvas) - glyph.shape[0],
                )
            )
            area = canvas[top : top + glyph.shape[0], right : right + glyph.shape[1]]
            np.maximum(area, glyph[:, : area.shape[1]], out=area)
            right += max(2, glyph.shape[1] + round(capital * (gap + rng.normal(0, 0.05))))
        return warp(canvas[:, : right + MARGIN], _lean(rng))


def _upright_glyph(image: Gray, char: str, capital: float, rng: Rng) -> Gray:
    x, y, width, height = cv2.boundingRect((image > 60).view(np.uint8))
    tall = (0.62 if char in X_HEIGHT else 1.0) * capital * np.exp(rng.normal(0, 0.06))
    tall *= 1 / (1 - DESCENDING[char]) * 0.62 if char in "gpqy" else 1
    size = (max(1, round(width * tall / height)), max(1, round(tall)))
    return cv2.resize(image[y : y + height, x : x + width], (min(size[0], round(1.4 * capital)), size[1]))


def _lean(rng: Rng) -> np.ndarray:
    """A slant and a slight turn, (2, 3) float32."""
    turn, slant = rng.normal(0, 0.02), float(np.clip(rng.normal(0, 0.15), -0.35, 0.35))
    return np.array([[1, slant, 0], [turn, 1, 0]], np.float32)


class FontLineSource:
    """Texts in handwriting fonts, letters joined as the font joins them."""

    def __init__(self, fonts: list[Path], texts: Texts) -> None:
        self._fonts = [ImageFont.truetype(str(path), size) for path in fonts for size in (36, 60)]
        self._texts = texts
        self._known = [_drawable(font) for font in self._fonts]

    def draw(self, rng: Rng) -> Written:
        number = int(rng.integers(len(self._fonts)))
        while True:
            text = self._texts(rng)
            if set(text) <= self._known[number] and len(text) <= LONGEST:
                break
            number = int(rng.integers(len(self._fonts)))
        font = self._fonts[number]
        left, top, right, bottom = font.getbbox(text)
        stroke = int(rng.integers(0, 3)) if rng.random() < 0.3 else 0
        canvas = Image.new("L", (int(right - left) + 12, int(bottom - top) + 12))
        ImageDraw.Draw(canvas).text((6 - left, 6 - top), text, font=font, fill=255, stroke_width=stroke)
        matrix = _lean(rng) * between(rng, 0.6, 1.1)
        matrix[0] *= np.exp(between(rng, -0.2, 0.2))
        return Written(warp(np.array(canvas), matrix), text)


def _drawable(font: ImageFont.FreeTypeFont) -> frozenset[str]:
    """Characters that the font has a shape of its own for; others come as one and the same box."""
    missing = bytes(font.getmask("\uffff"))
    return frozenset(
        char
        for char in CHARSET
        if char == " " or (font.getmask(char).getbbox() and bytes(font.getmask(char)) != missing)
    )
