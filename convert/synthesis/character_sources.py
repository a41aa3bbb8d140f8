"""Where labelled characters come from: EMNIST images, UNIPEN strokes and handwriting fonts, drawn anew every time."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from convert.data.arrays import Images, Strokes
from convert.data.classes import CAPITALS, CLASS_OF, DIGITS, PUNCTUATION, SMALL
from convert.synthesis.augmentation import Rng, between
from convert.synthesis.pen import STAIRCASE, bounds, draw, smooth, transform
from edge_ocr.page import Gray

MARGIN = 4
"""Empty pixels around a drawn character, room for blur."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One character on an empty background."""

    ink: Gray
    char: str
    case_known: bool
    capital_height: float
    """Of a capital by the same hand, in pixels; 0 when unknown."""


class Source(Protocol):
    """A supply of characters."""

    def draw(self, rng: Rng) -> Drawn: ...


def random_affine(rng: Rng, scale: float) -> np.ndarray:
    """Slant (+-0.35), turn (+-9 degrees) and change of proportions (+-25 %), as (2, 3) float32 for column vectors."""
    turn, slant = between(rng, -0.16, 0.16), float(np.clip(rng.normal(0, 0.15), -0.35, 0.35))
    wide = np.exp(between(rng, -0.22, 0.22))
    cosine, sine = np.cos(turn), np.sin(turn)
    shear = np.array([[wide * scale, slant * scale], [0, scale / wide]])
    matrix = np.array([[cosine, -sine], [sine, cosine]]) @ shear
    return np.concatenate([matrix, np.zeros((2, 1))], axis=1).astype(np.float32)


def warp(image: Gray, matrix: np.ndarray) -> Gray:
    """Apply the linear part of `matrix` to an image, with a canvas that holds all of it."""
    height, width = image.shape
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float32) @ matrix[:, :2].T
    low, high = corners.min(axis=0), corners.max(axis=0)
    moved = matrix.copy()
    moved[:, 2] = MARGIN - low
    size = np.ceil(high - low).astype(int) + 2 * MARGIN
    return cv2.warpAffine(image, moved, (int(size[0]), int(size[1])), flags=cv2.INTER_LINEAR)


class _Weighted:
    """Draws sample numbers so that rare classes come more often: the chance of a class goes with its count^power."""

    def __init__(self, chars: list[str], power: float) -> None:
        _, inverse, counts = np.unique(np.array(chars), return_inverse=True, return_counts=True)
        weight = (counts.astype(np.float64) ** (power - 1))[inverse]
        self._cumulative = np.cumsum(weight)

    def __call__(self, rng: Rng) -> int:
        return int(np.searchsorted(self._cumulative, rng.random() * self._cumulative[-1]))


class ImageSource:
    """EMNIST's scanned characters, enlarged, slanted and turned."""

    def __init__(self, images: Images, power: float = 1.0) -> None:
        self._images = images
        self._choose = _Weighted(images.chars.tolist(), power)

    def draw(self, rng: Rng) -> Drawn:
        number = self._choose(rng)
        ink = warp(self._images.images[number], random_affine(rng, between(rng, 0.9, 2.4)))
        return Drawn(ink, str(self._images.chars[number]), bool(self._images.case_known[number]), 0.0)


TYPICAL_HEIGHT = {
    ".": 0.1, ",": 0.22, ":": 0.45, ";": 0.55, "'": 0.25, '"': 0.25, "-": 0.07, "+": 0.5, "*": 0.45, "=": 0.25,
    "_": 0.06, "<": 0.5, ">": 0.5,
}  # fmt: skip
"""Height of small signs as a part of a capital's, from how people write them; used when a writer left no capitals."""

X_HEIGHT = "acemnorsuvwxz"
"""Letters without ascender or descender: a capital by the same hand is 1.3 to 2.2 times as high."""


def writer_capital_heights(groups: list[Strokes]) -> dict[str, float]:
    """Median height of a writer's capitals and digits in tablet units, for writers with five or more."""
    heights: dict[str, list[float]] = {}
    for strokes in groups:
        for number in range(len(strokes)):
            if str(strokes.labels[number]) in CAPITALS + DIGITS:
                low, high = bounds(strokes.sample(number))
                heights.setdefault(str(strokes.writers[number]), []).append(float(high[1] - low[1]))
    return {writer: float(np.median(values)) for writer, values in heights.items() if len(values) >= 5}


class StrokeSource:
    """UNIPEN's pen strokes of single characters, drawn with a new pen, slant and turn."""

    def __init__(self, strokes: Strokes, capital_heights: dict[str, float], power: float = 0.6) -> None:
        self._strokes = strokes
        self._capital_heights = capital_heights
        self._numbers = [n for n in range(len(strokes)) if str(strokes.labels[n]) in CLASS_OF]
        self._choose = _Weighted([str(strokes.labels[n]) for n in self._numbers], power)

    def draw(self, rng: Rng) -> Drawn:
        number = self._numbers[self._choose(rng)]
        return self.render(number, rng)

    def render(self, number: int, rng: Rng, *, plain: bool = False) -> Drawn:
        """Sample `number` drawn 20 to 60 pixels high; `plain` for measuring: upright, a medium pen."""
        strokes, char = self._strokes.sample(number), str(self._strokes.labels[number])
        if str(self._strokes.writers[number]).startswith(STAIRCASE):
            strokes = [smooth(stroke) for stroke in strokes]
        low, high = bounds(strokes)
        size = max(float(high[0] - low[0]), float(high[1] - low[1]), 1.0)
        capital = self._capital_height(number, char, float(high[1] - low[1]), size)
        pixels = 40.0 if plain else between(rng, 20, 60)
        scale = pixels / max(size, 0.5 * capital)
        matrix = np.array([[scale, 0, 0], [0, scale, 0]], np.float32) if plain else random_affine(rng, scale)
        pen = 0.09 if plain else np.exp(between(rng, np.log(0.035), np.log(0.17)))
        guess = 1.0 if plain else np.exp(rng.normal(0, 0.15))
        ink = draw(transform(strokes, matrix), max(1.0, pen * pixels), MARGIN)
        return Drawn(ink, char, True, capital * scale * guess if char in PUNCTUATION or not plain else 0.0)

    def _capital_height(self, number: int, char: str, height: float, size: float) -> float:
        if char not in PUNCTUATION:
            return height * (1.7 if char in X_HEIGHT else 1.0)
        typical = height / TYPICAL_HEIGHT[char] if char in TYPICAL_HEIGHT and height > 0 else size * 3
        known = self._capital_heights.get(str(self._strokes.writers[number]), typical)
        # A writer whose signs stand in another scale than the capitals shows as an absurd ratio.
        return known if size / 1.5 <= known <= size * 20 else max(typical, size)


class FontSource:
    """Handwriting fonts' glyphs, enlarged, slanted and turned like scanned characters."""

    PIXELS = 56
    """Font size at which glyphs are kept."""

    def __init__(self, fonts: list[Path], lowercase: Callable[[str], bool]) -> None:
        self._glyphs: list[Drawn] = []
        for path in fonts:
            font = ImageFont.truetype(str(path), self.PIXELS)
            capital = glyph_image(font, "H").shape[0]
            chars = DIGITS + CAPITALS + PUNCTUATION + (SMALL if lowercase(path.stem) else "")
            for char in chars:
                image = glyph_image(font, char)
                if min(image.shape) > 1:
                    self._glyphs.append(Drawn(image, char, True, float(capital)))

    def draw(self, rng: Rng) -> Drawn:
        glyph = self._glyphs[int(rng.integers(len(self._glyphs)))]
        scale = between(rng, 0.5, 1.3)
        ink = warp(glyph.ink, random_affine(rng, scale))
        return Drawn(ink, glyph.char, True, glyph.capital_height * scale * np.exp(rng.normal(0, 0.12)))


def glyph_image(font: ImageFont.FreeTypeFont, char: str) -> Gray:
    """One glyph cropped to its ink, (height, width) uint8; (0, 0) when the font draws nothing."""
    left, top, right, bottom = font.getbbox(char)
    canvas = Image.new("L", (max(1, int(right - left)) + 2, max(1, int(bottom - top)) + 2))
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), char, font=font, fill=255)
    image = np.array(canvas)
    x, y, width, height = cv2.boundingRect(image)
    return image[y : y + height, x : x + width]
