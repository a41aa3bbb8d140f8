"""Made pictures with their text, to measure from end to end: forms, tables, and sheets on desks, legibly written."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from convert.synthesis.augmentation import Rng, between
from convert.synthesis.scenes import forms, sheets
from convert.synthesis.scenes.backgrounds import photographed
from convert.synthesis.scenes.exposure import expose
from convert.synthesis.scenes.hands import Hands, background_files, open_hands
from convert.synthesis.scenes.sheets import Sheet
from convert.synthesis.scenes.views import empty_view, lay, pose
from edge_ocr.page import Gray

SIDE = 960
"""Height and width of the pictures in pixels."""

KINDS = ("boxes", "sheets")
"""Combs, boxes and tables; lines on sheets that lie on something."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A picture and what stands in it."""

    picture: Gray
    text: str
    """Line by line or field by field, in reading order."""


def readable_pictures(kind: str, count: int, seed: int) -> Iterator[Readable]:
    """Pictures of one of KINDS, the same ones for the same seed, in fonts and before backgrounds never trained on."""
    hands = replace(open_hands(held_out=True), joined=0.0)
    files = background_files(held_out=True)
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    for _ in range(count):
        yield _picture(kind, hands, files, rng)


def _picture(kind: str, hands: Hands, files: list[Path], rng: Rng) -> Readable:
    x_height = between(rng, 11, 20)
    width, height = round(between(rng, 0.6, 0.85) * SIDE), round(between(rng, 0.4, 0.8) * SIDE)
    sheet = sheets.empty_sheet(width, height, rng, dark=kind == "sheets" and rng.random() < 0.1)
    if kind == "sheets":
        sheets.furnish(sheet, rng, x_height * between(rng, 2.2, 4))
        area = (0.06 * width, 0.05 * height, 0.94 * width, 0.95 * height)
        sheets.lines(sheet, hands.some(rng), rng, x_height, area, x_height * between(rng, 2.8, 4))
    elif rng.random() < 0.5:
        forms.table(sheet, hands, rng, x_height, written=True)
    else:
        forms.form(sheet, hands, rng, x_height, written=True, labelled=rng.random() < 0.6)
    return Readable(_seen(sheet, files, x_height, rng), "\n".join(sheet.texts))


def _seen(sheet: Sheet, files: list[Path], x_height: float, rng: Rng) -> Gray:
    """A picture of the sheet, nearly upright, on a photographed background."""
    sheets.finish(sheet, rng)
    view = empty_view(photographed(files, (SIDE, SIDE), rng), x_height)
    lay(view, sheet, pose(sheet.size, (SIDE, SIDE), rng, spread=0.03, upright=True), rng)
    return expose(view, rng).picture
