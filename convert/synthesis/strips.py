"""Line sources -> strips as the reader will cut them, through `edge_ocr.layout.strip`; kept as shards on disk.

Some lines are set on pages that are photographed and seen by the reader's own finder, which takes most of the time;
others are worn directly, which is several times as fast and varies more; half stay as clear as in a good picture.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from convert.data.arrays import load_fonts, load_images, load_strokes
from convert.paths import FINDER
from convert.synthesis.augmentation import Rng, between, wear
from convert.synthesis.form_lines import form_lines
from convert.synthesis.line_sources import FontLineSource, LineSource, RowSource, ScanSource, WordSource, Written
from convert.synthesis.pages import HELD_OUT_FONTS
from convert.synthesis.random_text import Texts
from convert.synthesis.real_lines import RealLineSource
from convert.synthesis.scenes.hands import Hands, open_hands
from convert.synthesis.seen_lines import Placed, photographed_lines
from convert.synthesis.tiles import make_in_workers
from edge_ocr.ink.finder import Finder
from edge_ocr.layout.strip import cut_strip
from edge_ocr.model.bundle import load_bundle
from edge_ocr.page import Gray
from edge_ocr.text.language import Language

MIXTURE = {"words": 0.38, "phrases": 0.12, "texts": 0.12, "rows": 0.15, "scans": 0.07, "fonts": 0.13, "real": 0.06}
"""Which part of the lines comes from where."""

PHOTOGRAPHED = 0.4
"""Part of the lines that go through a photograph of a page."""

FORMS = 0.25
"""Part of the photographs that show a form or a table instead of a page."""

CLEAR = 0.6
"""Part of the others that stay as drawn: what people write differently is learnt there sooner than from worn ones."""

WALLED = 0.05
"""Part of the others that stand between what is left of a cell's walls."""

LEAST_GAP = 0.12
"""Width of a gap that a wall may stand in, as a part of the line's height."""

PAGE_SIDE = 1000
"""Height and width of such a page in pixels."""

SHORTEST_STRIP, LONGEST_STRIP = 16, 900
"""Columns of strips that are kept."""

LETTER = 0.6
"""Height of a letter as a part of its line's."""


@dataclass(frozen=True, slots=True)
class Strips:
    """Strips of different widths beside each other, with their texts."""

    columns: Gray
    """(total width, HEIGHT) uint8: every strip transposed, one after the other."""
    widths: np.ndarray
    """(n,) int32."""
    texts: np.ndarray
    """(n,) str."""

    def __len__(self) -> int:
        return len(self.widths)


def open_line_sources() -> dict[str, LineSource]:
    """All training sources; loads some 100 MB of arrays."""
    words, texts = load_strokes("7", "train"), load_strokes("8", "train")
    characters = [load_strokes(category, "train") for category in ("1a", "1b", "1c", "1d")]
    drawn = Texts(Language.load().vocabulary.most_common())
    fonts = [path for path in load_fonts() if path.stem not in HELD_OUT_FONTS]
    return {
        "words": WordSource(words, 1),
        "phrases": WordSource(words, 4),
        "texts": WordSource(texts, 1),
        "rows": RowSource(characters, drawn),
        "scans": ScanSource(load_images("train"), drawn),
        "fonts": FontLineSource(fonts, drawn),
        "real": RealLineSource(),
    }


@cache
def _hands() -> Hands:
    """Opened with the first form, once in each worker."""
    return open_hands(held_out=False)


class StripSynthesis:
    """Draws labelled strips without end, the same ones for the same seed."""

    def __init__(self, sources: dict[str, LineSource], seed: int) -> None:
        self._sources = sources
        self._finder = Finder(load_bundle(FINDER))
        self._rng = np.random.default_rng(seed)
        self._names = list(MIXTURE)
        self._chances = np.cumsum(list(MIXTURE.values())) / sum(MIXTURE.values())

    def __iter__(self) -> Iterator[tuple[Gray, str]]:
        while True:
            photographed = list(self._seen())
            drawn = round(len(photographed) * (1 / PHOTOGRAPHED - 1))
            for ink, text in [*photographed, *(self._drawn() for _ in range(drawn))]:
                strip = cut_strip(ink).image
                if SHORTEST_STRIP <= strip.shape[1] <= LONGEST_STRIP:
                    yield strip, text

    def _line(self) -> Written:
        name = self._names[int(np.searchsorted(self._chances, self._rng.random()))]
        return self._sources[name].draw(self._rng)

    def _drawn(self) -> tuple[Gray, str]:
        line = self._line()
        ink = line.ink
        chance = self._rng.random()
        if chance < 0.12:
            ink = self._intruded(ink)
        elif chance < 0.12 + WALLED:
            ink = walled(ink, self._rng)
        if self._rng.random() >= CLEAR:
            ink = wear(ink, self._rng, round(LETTER * line.ink.shape[0]))
        return ink, line.text

    def _intruded(self, ink: Gray) -> Gray:
        """A neighbouring line's descenders above, or its ascenders below, or a line under the words."""
        rng = self._rng
        height, width = ink.shape
        if rng.random() < 0.35:
            row = int(between(rng, 0.8, 0.98) * height)
            ink = ink.copy()
            cv2.line(
                ink, (2, row), (width - 3, row + int(rng.integers(-2, 3))), 255, int(rng.integers(1, 4)), cv2.LINE_AA
            )
            return ink
        other = self._line().ink
        part = max(3, int(between(rng, 0.08, 0.2) * height))
        other = np.tile(other, (1, width // other.shape[1] + 1))[:, :width]
        if rng.random() < 0.5:
            return np.concatenate([other[-part - 4 :], ink])
        return np.concatenate([ink, other[: part + 4]])

    def _seen(self) -> Iterator[tuple[Gray, str]]:
        """The lines of one photographed page or form, each with the ink that a layout would give it."""
        if self._rng.random() < FORMS:
            yield from form_lines(_hands(), self._finder, self._rng)
            return
        page = np.zeros((PAGE_SIDE, PAGE_SIDE), np.uint8)
        placed = self._set(page)
        for seen in photographed_lines(page, placed, self._finder, self._rng):
            yield seen.ink, seen.line.text

    def _set(self, page: Gray) -> list[Placed]:
        """Fill the page with lines in rows."""
        rng = self._rng
        placed: list[Placed] = []
        margin = 40
        top, row = margin, 0
        left = margin
        while True:
            line = self._line()
            height, width = line.ink.shape
            if width > PAGE_SIDE - 2 * margin or height > 140:
                continue
            if left + width > PAGE_SIDE - margin:
                left, top, row = margin, top + row + int(rng.integers(2, 16)), 0
            if top + height > PAGE_SIDE - margin:
                return placed
            area = page[top : top + height, left : left + width]
            np.maximum(area, line.ink, out=area)
            placed.append(Placed((left, top, left + width, top + height), line.text))
            left, row = left + width + int(rng.integers(16, 50)), max(row, height)


def walled(ink: Gray, rng: Rng) -> Gray:
    """Pieces of cells' walls in the gaps of a line and at its ends, as a finder leaves them; taller than letters."""
    height = ink.shape[0]
    above, below = (round(between(rng, 0.05, 0.35) * height) for _ in range(2))
    side = round(between(rng, 0.1, 0.4) * height)
    ink = np.pad(ink, ((above, below), (side, side)))
    empty = np.concatenate([[0], (ink.max(axis=0) < 64).astype(np.int8), [0]])
    starts, ends = np.flatnonzero(np.diff(empty) == 1), np.flatnonzero(np.diff(empty) == -1)
    least = LEAST_GAP * height
    middles = [(start + end) // 2 for start, end in zip(starts, ends, strict=True) if end - start >= least]
    kept = between(rng, 0.2, 1.0)
    pen, lean = int(rng.integers(1, 4)), int(rng.integers(-2, 3))
    for middle in middles:
        if rng.random() < kept:
            top = int(between(rng, 0, 0.3) * len(ink)) if rng.random() < 0.5 else 0
            bottom = len(ink) - 1 - (int(between(rng, 0, 0.3) * len(ink)) if rng.random() < 0.5 else 0)
            cv2.line(ink, (middle, top), (middle + lean, bottom), int(rng.integers(120, 256)), pen, cv2.LINE_AA)
    return ink


def make_strip_shard(path: Path, count: int, seed: int, sources: dict[str, LineSource] | None = None) -> None:
    """Draw `count` strips and store them whole or not at all."""
    columns, widths, texts = [], np.zeros(count, np.int32), []
    synthesis = iter(StripSynthesis(sources or open_line_sources(), seed))
    for number in range(count):
        strip, text = next(synthesis)
        columns.append(strip.T)
        widths[number] = strip.shape[1]
        texts.append(text)
    unfinished = path.with_suffix(".partial")
    with unfinished.open("wb") as file:
        np.savez(file, columns=np.concatenate(columns), widths=widths, texts=np.array(texts))
    os.replace(unfinished, path)


def load_strip_shard(path: Path) -> Strips:
    """Read what `make_strip_shard` stored."""
    with np.load(path) as arrays:
        return Strips(arrays["columns"], arrays["widths"], arrays["texts"])


def separate(strips: Strips) -> list[Gray]:
    """Each strip of a shard by itself, (HEIGHT, width) uint8."""
    ends = np.cumsum(strips.widths)
    return [strips.columns[end - width : end].T for end, width in zip(ends, strips.widths, strict=True)]


def strip_shard_path(folder: Path, number: int) -> Path:
    return folder / f"strips-{number:03}.npz"


def make_strip_shards(folder: Path, shards: int, count: int, workers: int = 2) -> None:
    """Make the missing ones of `shards` shards of `count` strips in worker processes, with a progress bar."""
    make_in_workers(folder, shards, count, workers, strip_shard_path, make_strip_shard, open_line_sources)
