"""Scenes without end: sheets on desks, pages that fill the picture, tight crops, and pictures without any text."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from convert.synthesis.augmentation import Rng, between
from convert.synthesis.line_sources import Written
from convert.synthesis.photograph import Field
from convert.synthesis.scenes import forms, sheets
from convert.synthesis.scenes.backgrounds import photographed, textured
from convert.synthesis.scenes.exposure import expose
from convert.synthesis.scenes.hands import Hands, background_files, open_hands
from convert.synthesis.scenes.shards import HELD, Scene, save_scenes, scene_shard_path
from convert.synthesis.scenes.sheets import Sheet
from convert.synthesis.scenes.views import View, empty_view, fingers, lay, pose
from convert.synthesis.tiles import make_in_workers

SIDE = 512
"""Height and width of most scenes in pixels."""

HELD_SEED = 99
"""Draws the scenes for validation."""

EMPTY = 0.2
"""Part of the scenes without any text."""


class SceneSynthesis:
    """Makes scenes without end, the same ones for the same seed."""

    def __init__(self, hands: Hands, seed: int, held_out: bool = False) -> None:
        self._hands, self._held_out = hands, held_out
        self._files = background_files(held_out)
        self._rng = np.random.default_rng(seed)

    def __iter__(self) -> Iterator[Scene]:
        while True:
            yield self.one()

    def one(self) -> Scene:
        """The next scene."""
        rng = self._rng
        chance = rng.random()
        if chance < EMPTY:
            view = self._without_text()
        elif chance < EMPTY + 0.12:
            view = self._crop()
        elif chance < EMPTY + 0.22:
            view = self._field()
        elif chance < EMPTY + 0.42:
            view = self._page()
        else:
            view = self._desk()
        return expose(view, rng)

    def _background(self, shape: tuple[int, int]) -> Field:
        rng = self._rng
        if rng.random() < 0.7:
            return photographed(self._files, shape, rng)
        return textured(shape, rng, self._held_out)

    def _without_text(self) -> View:
        rng = self._rng
        view = empty_view(self._background((SIDE, SIDE)), 20.0)
        chance = rng.random()
        if chance < 0.45:
            return view
        for _ in range(int(rng.integers(1, 3))):
            x_height = _letter(rng)
            sheet = self._blank(_side(rng), _side(rng), x_height)
            if rng.random() < 0.35:
                forms.table(sheet, self._hands, rng, x_height, written=False)
            elif rng.random() < 0.5:
                forms.form(sheet, self._hands, rng, x_height, written=False, labelled=False)
            if rng.random() < 0.4:
                sheets.scribble(sheet, rng, x_height)
            sheets.finish(sheet, rng)
            lay(view, sheet, pose(sheet.size, (SIDE, SIDE), rng), rng)
        return view

    def _blank(self, width: int, height: int, x_height: float) -> Sheet:
        rng = self._rng
        sheet = sheets.empty_sheet(width, height, rng, dark=rng.random() < 0.14)
        sheets.furnish(sheet, rng, x_height * between(rng, 1.2, 4.5))
        return sheet

    def _written(self, width: int, height: int, x_height: float) -> Sheet:
        """A sheet with text: notes, a form, a table or scattered words."""
        rng = self._rng
        sheet = self._blank(width, height, x_height)
        chance = rng.random()
        if chance < 0.5:
            self._notes(sheet, x_height)
        elif chance < 0.68:
            forms.form(sheet, self._hands, rng, x_height, written=True, labelled=rng.random() < 0.7)
        elif chance < 0.82:
            forms.table(sheet, self._hands, rng, x_height, written=True)
        else:
            sheets.scatter(sheet, self._hands, rng, x_height)
        if rng.random() < 0.5:
            sheets.scribble(sheet, rng, x_height)
        sheets.finish(sheet, rng)
        return sheet

    def _notes(self, sheet: Sheet, x_height: float) -> None:
        """One or two columns, perhaps under a printed or larger heading."""
        rng = self._rng
        width, height = sheet.size
        top = between(rng, 0, 0.15) * height
        left, right = between(rng, 0.02, 0.2) * width, between(rng, 0.6, 0.98) * width
        if rng.random() < 0.2:
            writer = self._hands.printer(rng) if rng.random() < 0.6 else self._hands.some(rng)
            size = x_height * between(rng, 1.0, 2.5)
            sheets.lines(sheet, writer, rng, size, (left, top, right, top + 2 * size), 2.4 * size,
                         printed=between(rng, 0.4, 0.9) if rng.random() < 0.6 else 0.0)  # fmt: skip
            top += 3.5 * size
        columns = 2 if rng.random() < 0.15 else 1
        wide = (right - left) / columns
        bottom = height * (1.0 if rng.random() < 0.5 else between(rng, 0.4, 1.0))
        printed = between(rng, 0.4, 0.9) if rng.random() < 0.1 else 0.0
        hand = self._hands.printer(rng) if printed else self._hands.some(rng)
        for number in range(columns):
            area = (left + number * wide, top, left + (number + 1) * wide - x_height, bottom)
            sheets.lines(sheet, hand, rng, x_height, area, x_height * between(rng, 2.0, 4.2), printed)

    def _desk(self) -> View:
        """One to three sheets on something."""
        rng = self._rng
        view = empty_view(self._background((SIDE, SIDE)), 99.0)
        count = 1 if rng.random() < 0.7 else int(rng.integers(2, 4))
        if rng.random() < 0.12:
            under = self._blank(SIDE + 60, SIDE + 60, 12.0)
            sheets.finish(under, rng)
            lay(view, under, pose(under.size, (SIDE, SIDE), rng, spread=0.1), rng)
        for _ in range(count):
            x_height = _letter(rng)
            sheet = self._written(_side(rng), _side(rng), x_height)
            lay(view, sheet, pose(sheet.size, (SIDE, SIDE), rng), rng)
            view.sharp = min(view.sharp, x_height)
        if rng.random() < 0.12:
            fingers(view, rng)
        return view

    def _page(self) -> View:
        """A sheet that fills the picture."""
        rng = self._rng
        x_height = _letter(rng)
        sheet = self._written(SIDE + 40, SIDE + 40, x_height)
        view = empty_view(self._background((SIDE, SIDE)), x_height)
        lay(view, sheet, pose(sheet.size, (SIDE, SIDE), rng, spread=0.06), rng)
        return view

    def _crop(self) -> View:
        """A small or large picture that a word or a few letters fill."""
        rng = self._rng
        x_height = float(np.exp(between(rng, np.log(8), np.log(170))))
        dark = rng.random() < 0.15
        while True:
            hand = self._hands.some(rng)
            line = hand.line(rng, x_height, round(between(rng, 2, 14) * x_height))
            if line is not None and min(line.ink.shape) > 5:
                break
        ink = line.ink[: 2 * SIDE, : 2 * SIDE]
        pad = [round(between(rng, 0.0, 1.5) * x_height) + 2 for _ in range(4)]
        height, width = ink.shape[0] + pad[0] + pad[1], ink.shape[1] + pad[2] + pad[3]
        sheet = sheets.empty_sheet(width, height, rng, dark)
        if rng.random() < 0.6:
            sheets.furnish(sheet, rng, x_height * between(rng, 1.2, 5))
        sheets.put(sheet, Written(ink, line.text), pad[2], pad[0])
        if rng.random() < 0.2:
            sheets.scribble(sheet, rng, x_height)
        sheets.finish(sheet, rng)
        shape = (min(height, SIDE), min(width, SIDE))
        view = empty_view(self._background(shape), x_height)
        lay(view, sheet, pose(sheet.size, shape[::-1], rng, spread=0.02, upright=True), rng)
        return view

    def _field(self) -> View:
        """A narrow picture that a row or two of a form fill, cut out of a scan or seen from near."""
        rng = self._rng
        x_height = float(np.exp(between(rng, np.log(5), np.log(45))))
        width, height = round(between(rng, 0.5, 1.0) * SIDE), min(SIDE, round(between(rng, 5, 14) * x_height))
        sheet = sheets.empty_sheet(width, height, rng, dark=False)
        forms.form(sheet, self._hands, rng, x_height, written=True, labelled=rng.random() < 0.6)
        if rng.random() < 0.2:
            sheets.scribble(sheet, rng, x_height)
        sheets.finish(sheet, rng)
        view = empty_view(self._background((height, width)), x_height)
        lay(view, sheet, pose(sheet.size, (width, height), rng, spread=0.02, upright=True), rng)
        return view


def _letter(rng: Rng) -> float:
    """x-height in pixels: mostly of a page's letters, down to 4 and up to 60."""
    return float(np.exp(between(rng, np.log(4.0), np.log(60))))


def _side(rng: Rng) -> int:
    return int(between(rng, 0.35, 1.15) * SIDE)


def make_scene_shard(path: Path, count: int, seed: int, hands: Hands | None = None, held_out: bool = False) -> None:
    """Make `count` scenes and store them whole or not at all, pictures and labels compressed."""
    synthesis = SceneSynthesis(hands or open_hands(held_out), seed, held_out)
    save_scenes(path, [synthesis.one() for _ in range(count)])


def make_scene_shards(folder: Path, shards: int, count: int, workers: int = 2) -> None:
    """Make the missing ones of `shards` shards and the one for validation, with a progress bar."""
    make = partial(open_hands, False)
    make_in_workers(folder, shards, count, workers, scene_shard_path, make_scene_shard, make)
    if not (folder / HELD).exists():
        make_scene_shard(folder / HELD, count, HELD_SEED, held_out=True)
