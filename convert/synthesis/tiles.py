"""Sources -> labelled tiles as the reader will cut them, through `edge_ocr.layout.tile`; kept as shards on disk."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from convert.data.arrays import load_fonts, load_images, load_strokes
from convert.data.classes import CLASS_OF, JUNK, class_pair
from convert.paths import FINDER
from convert.synthesis.augmentation import Rng, between, wear
from convert.synthesis.character_sources import (
    Drawn,
    FontSource,
    ImageSource,
    Source,
    StrokeSource,
    writer_capital_heights,
)
from convert.synthesis.pages import HELD_OUT_FONTS
from convert.synthesis.seen_characters import ink_box, seen_characters
from edge_ocr.ink.finder import Finder
from edge_ocr.layout.tile import cut_tile
from edge_ocr.model.bundle import load_bundle
from edge_ocr.page import Gray

SCRIPT_FONTS = (
    "allura", "corinthia", "great-vibes", "herr-von-muellerhoff", "licorice", "mr-de-haviland", "ms-madi",
    "parisienne", "pinyon-script", "sacramento", "whisper", "oooh-baby", "zhi-mang-xing", "liu-jian-mao-cao",
)  # fmt: skip
"""Fonts whose single letters people would not recognise; they are for joined writing."""

SMALL_CAPITAL_FONTS = ("permanent-marker", "rock-salt", "covered-by-your-grace", "delicious-handrawn")
"""Fonts that draw capitals where small letters should be, which would teach the wrong case."""

MIXTURE = {"emnist": 0.42, "1a": 0.10, "1b": 0.11, "1c": 0.15, "1d": 0.06, "3": 0.06, "fonts": 0.05, "junk": 0.05}
"""Which part of the tiles comes from where."""

PHOTOGRAPHED = 0.2
"""Part of the tiles that are cut from a photographed page."""

CUTTABLE = [CLASS_OF[char] for char in "ABDEFGKMNPQRabegkmnpqs2345689&@#%"]
"""Classes whose half is no other character, so that a half can be shown as 'not a character'."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Labelled tiles."""

    tiles: Gray
    """(n, 32, 32) uint8."""
    classes: np.ndarray
    """(n, 2) uint8: the class, and the one it may as well be (the same when the label is sure)."""


def open_sources() -> dict[str, Source]:
    """All training sources; loads some 100 MB of arrays."""
    strokes = {category: load_strokes(category, "train") for category in ("1a", "1b", "1c", "1d", "3")}
    capitals = writer_capital_heights([strokes["1a"], strokes["1b"]])
    sources: dict[str, Source] = {name: StrokeSource(group, capitals) for name, group in strokes.items()}
    sources["emnist"] = ImageSource(load_images("train"))
    usable = [path for path in load_fonts() if path.stem not in (*HELD_OUT_FONTS, *SCRIPT_FONTS)]
    sources["fonts"] = FontSource(usable, lambda stem: stem not in SMALL_CAPITAL_FONTS)
    return sources


LEAST_KEPT = 0.6
"""A character that wear has shrunk below this part of its longer side is no longer legible, and not shown."""


def worn_tile(clean: Gray, capital_height: float, rng: Rng) -> Gray | None:
    """Wear ink, crop it to its box and cut the tile; None when too little is left of it."""
    worn = wear(clean, rng)
    x, y, width, height = ink_box(worn)
    if max(width, height, 1) < LEAST_KEPT * max(ink_box(clean)[2:]):
        return None
    return cut_tile(worn[y : y + height, x : x + width], capital_height)


def beside(left: Gray, right: Gray, gap: int) -> Gray:
    """Two inks on one canvas, centred on one height, `gap` pixels between them (negative: overlapping)."""
    height = max(left.shape[0], right.shape[0])
    gap = max(gap, -min(left.shape[1], right.shape[1]) + 1)
    canvas = np.zeros((height, left.shape[1] + right.shape[1] + gap), np.uint8)
    for ink, x in ((left, 0), (right, left.shape[1] + gap)):
        y = (height - ink.shape[0]) // 2
        area = canvas[y : y + ink.shape[0], x : x + ink.shape[1]]
        np.maximum(area, ink, out=area)
    return canvas


class Synthesis:
    """Draws labelled tiles without end, the same ones for the same seed."""

    def __init__(self, sources: dict[str, Source], seed: int) -> None:
        self._sources = sources
        self._rng = np.random.default_rng(seed)
        self._names = list(MIXTURE)
        self._chances = np.cumsum(list(MIXTURE.values())) / sum(MIXTURE.values())
        self._finder = Finder(load_bundle(FINDER))

    def __iter__(self) -> Iterator[tuple[Gray, int, int]]:
        while True:
            photographed = 0
            for drawn in seen_characters(self._of_mixture, self._finder, self._rng):
                photographed += 1
                yield cut_tile(drawn.ink, drawn.capital_height), *class_pair(drawn.char, drawn.case_known)
            for _ in range(round(photographed * (1 / PHOTOGRAPHED - 1))):
                yield self._worn()

    def _worn(self) -> tuple[Gray, int, int]:
        """A tile that is worn directly, which is many times as fast and varies more."""
        while True:
            name = self._name()
            ink, capital, classes = self._junk() if name == "junk" else self._character(self._sources[name])
            tile = worn_tile(ink, capital, self._rng)
            if tile is not None:
                return tile, *classes

    def _name(self) -> str:
        return self._names[int(np.searchsorted(self._chances, self._rng.random()))]

    def _of_mixture(self, rng: Rng) -> Drawn:
        """A character of any source."""
        while (name := self._name()) == "junk":
            pass
        return self._sources[name].draw(rng)

    def _character(self, source: Source) -> tuple[Gray, float, tuple[int, int]]:
        drawn = source.draw(self._rng)
        ink = drawn.ink
        if self._rng.random() < 0.1:
            ink = self._intruded(ink)
        return ink, drawn.capital_height, class_pair(drawn.char, drawn.case_known)

    def _any(self) -> Drawn:
        names = ("emnist", "1b", "1c", "3")
        return self._sources[names[int(self._rng.integers(len(names)))]].draw(self._rng)

    def _intruded(self, ink: Gray) -> Gray:
        """A sliver of a neighbour at the left or right edge, as a cut between touching characters leaves it."""
        other = self._any().ink
        sliver = other[:, : max(6, int(other.shape[1] * between(self._rng, 0.1, 0.22)))]
        sliver = sliver if self._rng.random() < 0.5 else sliver[:, ::-1]
        gap = -int(between(self._rng, 2, 8))
        return beside(ink, sliver, gap) if self._rng.random() < 0.5 else beside(sliver, ink, gap)

    def _junk(self) -> tuple[Gray, float, tuple[int, int]]:
        """Not a character: two at once, a wrong cut, or a speck."""
        rng, kind = self._rng, self._rng.random()
        first = self._any()
        if kind < 0.6:
            ink = beside(first.ink, self._any().ink, int(between(rng, -12, 2)))
        elif kind < 0.85:
            while CLASS_OF[first.char] not in CUTTABLE:
                first = self._any()
            at = int(first.ink.shape[1] * between(rng, 0.4, 0.6))
            ink = first.ink[:, :at] if rng.random() < 0.5 else first.ink[:, at:]
        else:
            ink = self._speck()
        return np.ascontiguousarray(ink), first.capital_height, (JUNK, JUNK)

    def _speck(self) -> Gray:
        """A few random dabs, larger than a full stop would be."""
        canvas = np.zeros((48, 48), np.uint8)
        for _ in range(int(self._rng.integers(2, 6))):
            start, end = self._rng.integers(8, 40, (2, 2))
            end = start + (end - start) // 3
            cv2.line(canvas, start.tolist(), end.tolist(), 255, int(self._rng.integers(1, 6)), cv2.LINE_AA)
        return canvas


def make_shard(path: Path, count: int, seed: int, sources: dict[str, Source] | None = None) -> None:
    """Draw `count` tiles and store them whole or not at all."""
    tiles = np.empty((count, 32, 32), np.uint8)
    classes = np.empty((count, 2), np.uint8)
    synthesis = iter(Synthesis(sources or open_sources(), seed))
    for number in range(count):
        tiles[number], *classes[number] = next(synthesis)
    unfinished = path.with_suffix(".partial")
    with unfinished.open("wb") as file:
        np.savez(file, tiles=tiles, classes=classes)
    os.replace(unfinished, path)


def load_shard(path: Path) -> Tiles:
    """Read what `make_shard` stored."""
    with np.load(path) as arrays:
        return Tiles(arrays["tiles"], arrays["classes"])


def shard_path(folder: Path, number: int) -> Path:
    return folder / f"tiles-{number:03}.npz"


def make_shards(folder: Path, shards: int, count: int, workers: int = 2) -> None:
    """Make the missing ones of `shards` shards of `count` tiles in worker processes, with a progress bar."""
    make_in_workers(folder, shards, count, workers, shard_path, make_shard, open_sources)


def make_in_workers(
    folder: Path,
    shards: int,
    count: int,
    workers: int,
    name: Callable[[Path, int], Path],
    make: Callable[..., None],
    sources: Callable[[], Any],
) -> None:
    """Make the missing shards in worker processes, each with its own sources, with a progress bar.

    What a worker raises is raised here, and Ctrl-C ends them all; shards that are finished stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(shards) if not name(folder, number).exists()]
    if not missing:
        return
    work = partial(_make_one, folder, count, name, make, sources)
    with multiprocessing.Pool(min(workers, len(missing)), _start_worker) as pool:
        for _ in tqdm(pool.imap_unordered(work, missing), desc="shards", unit="shard", total=len(missing)):
            pass


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


_opened = cache(lambda sources: sources())
"""Sources are opened once in each worker."""


def _make_one(
    folder: Path,
    count: int,
    name: Callable[[Path, int], Path],
    make: Callable[..., None],
    sources: Callable[[], Any],
    number: int,
) -> None:
    make(name(folder, number), count, number, _opened(sources))
