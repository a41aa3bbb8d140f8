"""Who writes: a hand draws lines and single characters in one manner, from pen strokes, scans or a font."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol
from zlib import crc32

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from convert.data.arrays import Images, Strokes, data_folder, load_fonts, load_images, load_strokes
from convert.synthesis.augmentation import Rng, between
from convert.synthesis.line_sources import WordSource, Written, densify, side_by_side
from convert.synthesis.pages import HELD_OUT_FONTS
from convert.synthesis.pen import Stroke, bounds, draw, transform
from convert.synthesis.random_text import Texts
from edge_ocr.layout.strip import core_zone
from edge_ocr.page import Gray
from edge_ocr.text.language import Language

HELD_OUT = 9
"""Every so many-th font, writer and background is kept for validation."""

CELL_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PRINT_FOLDERS = ("/usr/share/fonts/truetype/dejavu",)


class Hand(Protocol):
    """Somebody's writing."""

    def line(self, rng: Rng, x_height: float, width: int) -> Written | None:
        """A line about `width` pixels wide at most, its ink cropped; None where nothing fits."""

    def char(self, rng: Rng, char: str, height: float) -> Gray:
        """One digit or capital of `height` pixels, cropped."""


def cropped(ink: Gray) -> Gray:
    """The part of an image that holds ink; one empty pixel where there is none."""
    x, y, width, height = cv2.boundingRect(ink)
    return ink[y : y + height, x : x + width] if width else np.zeros((1, 1), np.uint8)


@lru_cache(maxsize=1500)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


@cache
def _x_height(path: str) -> float:
    """Of a font, as a part of its size."""
    _, top, _, bottom = _font(path, 200).getbbox("x")
    return max(20, bottom - top) / 200


class FontHand:
    """Writes in a font: a handwriting face, or a printed one."""

    def __init__(self, path: Path, texts: Texts, lean: float = 0.0, bold: float = 0.0) -> None:
        """`lean`: pixels to the right a pixel up; `bold`: added to each side of the stroke, in x-heights."""
        self._path, self._texts, self._lean, self._bold = str(path), texts, lean, bold

    def line(self, rng: Rng, x_height: float, width: int) -> Written | None:
        text = self._texts(rng)
        while len(text) < 40 and rng.random() < 0.6:
            text += " " + self._texts(rng)
        for _ in range(6):
            ink = self.text(text, x_height)
            if ink is None:
                return None
            if ink.shape[1] <= width:
                return Written(ink, text)
            text = text[: max(1, int(len(text) * width / ink.shape[1]))].rpartition(" ")[0] or text[: len(text) // 2]
        return None

    def char(self, rng: Rng, char: str, height: float) -> Gray:
        ink = self.text(char, 0.7 * height)
        return ink if ink is not None else np.zeros((1, 1), np.uint8)

    def text(self, text: str, x_height: float) -> Gray | None:
        """Ink of a text, cropped; None where the font has none of it."""
        size = max(5, round(x_height / _x_height(self._path)))
        font = _font(self._path, size if size < 40 else 4 * (size // 4))
        left, top, right, bottom = font.getbbox(text)
        if right - left < 1 or bottom - top < 1 or right - left > 4000:
            return None
        stroke = round(self._bold * x_height)
        pad = stroke + 4 + round(abs(self._lean) * (bottom - top))
        canvas = Image.new("L", (int(right - left) + 2 * pad, int(bottom - top) + 2 * stroke + 4))
        place = (pad - left, stroke + 2 - top)
        ImageDraw.Draw(canvas).text(place, text, font=font, fill=255, stroke_width=stroke)
        ink = np.array(canvas)
        if self._lean:
            shear = np.array([[1, -self._lean, self._lean * ink.shape[0] / 2], [0, 1, 0]], np.float32)
            ink = cv2.warpAffine(ink, shear, ink.shape[::-1], flags=cv2.INTER_LINEAR)
        return cropped(ink) if ink.max() > 60 else None


class StrokeHand:
    """Writes with a person's recorded words and characters."""

    def __init__(self, source: WordSource, writer: str, characters: "CharacterShelf", rng: Rng) -> None:
        self._source, self._writer, self._characters = source, writer, characters
        self._pen = float(np.exp(between(rng, np.log(0.06), np.log(0.28))))
        self._slant = float(np.clip(rng.normal(0, 0.15), -0.35, 0.35))
        self._wide = float(np.exp(rng.normal(0, 0.12)))

    def line(self, rng: Rng, x_height: float, width: int) -> Written | None:
        numbers = [self._source.some(self._writer, rng) for _ in range(int(rng.integers(1, 9)))]
        words = [self._source.word(number) for number in numbers]
        low, high = bounds(words[0])
        top, base = core_zone(densify(words[0])[:, 1])
        core = max(base - top, 0.15 * float(high[1] - low[1]), 1.0)
        scale = x_height / core
        while words:
            strokes = side_by_side(words, rng)
            low, high = bounds(strokes)
            if scale * self._wide * float(high[0] - low[0]) < width and scale * float(high[1] - low[1]) < 9 * x_height:
                text = " ".join(self._source.text(number) for number in numbers[: len(words)])
                return Written(self._draw(strokes, scale, self._pen * x_height), text)
            words = words[: len(words) // 2]
        return None

    def char(self, rng: Rng, char: str, height: float) -> Gray:
        strokes = self._characters.some(char, self._writer, rng)
        low, high = bounds(strokes)
        return self._draw(strokes, height / max(float(high[1] - low[1]), 1.0), 0.6 * self._pen * height)

    def _draw(self, strokes: list[Stroke], scale: float, pen: float) -> Gray:
        matrix = np.array([[scale * self._wide, -self._slant * scale, 0], [0, scale, 0]], np.float32)
        return cropped(draw(transform(strokes, matrix), max(0.7, pen), 2))


class ScanHand:
    """Sets EMNIST's scanned characters in a row; the writer changes with every character."""

    def __init__(self, images: Images, texts: Texts) -> None:
        self._images, self._texts = images, texts
        self._by_char = {char: np.flatnonzero(images.chars == char) for char in np.unique(images.chars).tolist()}

    def line(self, rng: Rng, x_height: float, width: int) -> Written | None:
        capital = 1.6 * x_height
        gap, space = between(rng, 0.0, 0.25) * capital, between(rng, 0.5, 0.9) * capital
        canvas = np.zeros((round(capital) + 2, max(width, 1)), np.uint8)
        right, text = 0.0, ""
        for char in self._texts(rng).upper():
            if char not in self._by_char:
                right, text = right + space, text + " "
                continue
            glyph = self.char(rng, char, capital)
            left = round(right)
            if left + glyph.shape[1] >= width or glyph.shape[0] > len(canvas):
                break
            area = canvas[len(canvas) - glyph.shape[0] :, left : left + glyph.shape[1]]
            np.maximum(area, glyph, out=area)
            right, text = right + glyph.shape[1] + gap, text + char
        return Written(cropped(canvas), text.strip()) if canvas.any() else None

    def char(self, rng: Rng, char: str, height: float) -> Gray:
        numbers = self._by_char[char]
        glyph = cropped(self._images.images[numbers[int(rng.integers(len(numbers)))]])
        wide = min(glyph.shape[1] / glyph.shape[0], 1.2)
        size = (max(1, round(wide * height)), max(1, round(height)))
        how = cv2.INTER_CUBIC if height > glyph.shape[0] else cv2.INTER_AREA
        return cv2.resize(glyph, size, interpolation=how)


class CharacterShelf:
    """Single digits and capitals by writer, and by anyone where a writer has none."""

    def __init__(self, groups: list[Strokes], wanted: str = CELL_CHARACTERS) -> None:
        self._groups = groups
        self._anyone: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for group, strokes in enumerate(groups):
            for number, label in enumerate(strokes.labels.tolist()):
                if label in wanted and len(label) == 1:
                    self._anyone[label].append((group, number))

    def some(self, char: str, writer: str, rng: Rng) -> list[Stroke]:
        """Strokes of a character; those who write it change, their places in the list lie close together."""
        shelf = self._anyone[char]
        start = crc32(f"{writer}{char}".encode()) % len(shelf)
        group, number = shelf[(start + int(rng.integers(3))) % len(shelf)]
        return self._groups[group].sample(number)


@dataclass(frozen=True)
class Hands:
    """All who may write, without those of the other side of the split."""

    words: WordSource
    lines: WordSource
    writers: tuple[tuple[str, ...], tuple[str, ...]]
    """Of `words` and of `lines`."""
    characters: CharacterShelf
    scans: ScanHand
    fonts: tuple[Path, ...]
    printed: tuple[Path, ...]
    texts: Texts
    joined: float = 0.5
    """Part of the hands that write with recorded strokes."""

    def some(self, rng: Rng) -> Hand:
        """Anyone: somebody's strokes, else a font, seldom scans."""
        chance = rng.random()
        if chance < self.joined:
            kind = int(chance > 0.8 * self.joined)
            writers = self.writers[kind]
            writer = writers[int(rng.integers(len(writers)))]
            return StrokeHand((self.words, self.lines)[kind], writer, self.characters, rng)
        if chance < 0.94:
            path = self.fonts[int(rng.integers(len(self.fonts)))]
            bold = between(rng, 0.0, 0.14) if rng.random() < 0.4 else 0.0
            return FontHand(path, self.texts, float(rng.normal(0, 0.08)), bold)
        return self.scans

    def printer(self, rng: Rng) -> FontHand:
        """A printed face."""
        return FontHand(self.printed[int(rng.integers(len(self.printed)))], self.texts)


def open_hands(held_out: bool) -> Hands:
    """All training hands, or with `held_out` those kept for validation; some 200 MB of arrays."""
    words, lines = WordSource(load_strokes("7", "train"), 4), WordSource(load_strokes("8", "train"), 1)
    texts = Texts(Language.load().vocabulary.most_common())
    fonts = [path for path in load_fonts() if path.stem not in HELD_OUT_FONTS]
    writers = tuple(tuple(part(source.writers, held_out)) for source in (words, lines))
    characters = CharacterShelf([load_strokes(category, "train") for category in ("1a", "1b")])
    scans = ScanHand(load_images("train"), texts)
    return Hands(words, lines, writers, characters, scans, tuple(part(fonts, held_out)), printed_fonts(), texts)  # type: ignore[arg-type]


def part(things: list[Any], held_out: bool) -> list[Any]:
    """Every HELD_OUT-th of the things, or all the others."""
    return [thing for number, thing in enumerate(things) if (number % HELD_OUT == 0) == held_out]


def printed_fonts() -> tuple[Path, ...]:
    """Faces of printed forms: the system's, and those that come with Matplotlib."""
    import matplotlib

    own = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    found = [path for folder in (*map(Path, PRINT_FOLDERS), own) for path in sorted(folder.glob("*.ttf"))]
    unwanted = ("cmsy", "cmex", "cmmi", "STIXSiz", "NonUni", "Math", "LastResort", "Display")
    return tuple(path for path in found if not any(name in path.stem for name in unwanted))


def background_files(held_out: bool) -> list[Path]:
    """Photographs and textures without writing."""
    folder = data_folder() / "backgrounds"
    return part(sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png")), held_out)
