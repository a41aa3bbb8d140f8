"""Text -> ink: lines of hand printing in a handwriting font, as a person sets characters beside each other."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from convert.data.arrays import DataNotFound
from convert.synthesis.augmentation import Rng, between
from edge_ocr.page import Gray


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody writes; lengths are parts of a capital's height."""

    font: str
    """Stem of a file in the data folder's fonts/."""
    capital: int = 56
    """Height of a capital in pixels."""
    pen: int = 0
    """Pixels added to each side of the font's own stroke."""
    gap: tuple[float, float] = (0.10, 0.24)
    """Free paper between two characters: least and greatest."""
    space: tuple[float, float] = (0.62, 0.85)
    """Free paper between two words."""
    lift: float = 0.04
    """Standard deviation of a character's height above the baseline."""
    turn: float = 1.8
    """Standard deviation of a character's rotation in degrees."""
    size: float = 0.04
    """Standard deviation of a character's size."""


def write_line(line: str, hand: Hand, font: ImageFont.FreeTypeFont, rng: Rng) -> tuple[Gray, int]:
    """One text line as cropped ink, and the row of its baseline in it.

    Characters are set by the free paper between their shapes, as a hand does it, not by the font's metrics, so that
    neighbours never touch.
    """
    room = 3 * hand.capital
    canvas = np.zeros((room, (len(line) + 2) * 2 * hand.capital), np.uint8)
    reached = np.zeros(room, np.int64)
    slope = rng.normal(0, 0.006)
    free = 0.0
    for char in line:
        if char == " ":
            free = between(rng, *hand.space)
            continue
        glyph, above = draw_char(char, hand, font, rng)
        lift = rng.normal(0, hand.lift) * hand.capital - slope * int(reached.max())
        top = 2 * hand.capital - above - round(lift)
        gap = free or between(rng, *hand.gap)
        left = _next_left(reached, glyph, top, round(gap * hand.capital), overlap=0 if free else hand.capital // 10)
        target = canvas[top : top + glyph.shape[0], left : left + glyph.shape[1]]
        np.maximum(target, glyph, out=target)
        _reach(reached, glyph, top, left)
        free = 0.0
    rows = np.flatnonzero(canvas.any(axis=1))
    return canvas[rows[0] : rows[-1] + 1, : int(reached.max())], 2 * hand.capital - int(rows[0])


def draw_char(char: str, hand: Hand, font: ImageFont.FreeTypeFont, rng: Rng) -> tuple[Gray, int]:
    """One character as cropped ink, a little turned and scaled, and how many of its rows lie above the baseline."""
    side = 4 * hand.capital
    image = Image.new("L", (side, side))
    ImageDraw.Draw(image).text((side // 2, side // 2), char, 255, font, "ms", stroke_width=hand.pen)
    if not image.getbbox():
        raise ValueError(f"{hand.font} draws nothing for {char!r}: choose another font or text.")
    scale = 1 + rng.normal(0, hand.size)
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2 - hand.capital / 2), rng.normal(0, hand.turn), scale)
    turned = cv2.warpAffine(np.asarray(image), matrix, (side, side), flags=cv2.INTER_CUBIC)
    left, top, width, height = cv2.boundingRect((turned > 40).astype(np.uint8))
    return turned[top : top + height, left : left + width], side // 2 - top


def open_font(folder: Path, hand: Hand) -> ImageFont.FreeTypeFont:
    """The hand's font at the size that gives its capitals their height; DataNotFound when the file is not there."""
    path = folder / f"{hand.font}.ttf"
    if not path.is_file():
        raise DataNotFound(f"There is no font {path}: put the handwriting fonts there, one .ttf a family.")
    trial = 200
    _, top, _, bottom = ImageFont.truetype(path, trial).getbbox("H")
    return ImageFont.truetype(path, round(trial * hand.capital / (bottom - top)))


def _next_left(reached: NDArray[np.int64], glyph: Gray, top: int, gap: int, overlap: int) -> int:
    """Where a glyph's box may begin: `gap` pixels clear of all ink near its rows, boxes overlapping at most so far."""
    if not reached.any():
        return 0
    near = cv2.dilate(reached.astype(np.float64)[:, None], np.ones((2 * gap + 1, 1), np.uint8))[:, 0]
    inked = (glyph > 40).any(axis=1)
    first = (glyph > 40).argmax(axis=1)
    needed = near[top : top + glyph.shape[0]][inked] - first[inked] + gap
    return max(int(needed.max()), int(reached.max()) - overlap, 0)


def _reach(reached: NDArray[np.int64], glyph: Gray, top: int, left: int) -> None:
    """Note in `reached` how far to the right each row holds ink now."""
    inked = (glyph > 40).any(axis=1)
    last = left + glyph.shape[1] - (glyph > 40)[:, ::-1].argmax(axis=1)
    rows = reached[top : top + glyph.shape[0]]
    rows[inked] = np.maximum(rows[inked], last[inked])
