"""Lines of forms and tables, seen through the finder: what stands in boxes, and what is left of their walls."""

from collections.abc import Iterator

import numpy as np

from convert.synthesis.augmentation import Rng, between
from convert.synthesis.line_sources import is_learnable
from convert.synthesis.scenes import forms, sheets
from convert.synthesis.scenes.exposure import expose
from convert.synthesis.scenes.hands import Hands
from convert.synthesis.scenes.sheets import Sheet
from convert.synthesis.scenes.views import empty_view, lay, pose
from convert.synthesis.seen_lines import Placed, seen_lines
from edge_ocr.ink.finder import Finder
from edge_ocr.page import Gray

SIDE = 900
"""Height and width of the pictures at most, in pixels."""

X_HEIGHT = (9.0, 26.0)
"""Of the letters, in pixels."""

TABLES = 0.3
"""Part of the pictures that show a table; the others are forms."""

SINGLES = 0.3
"""Part of the single characters, of which tables are full, that is kept."""


def form_lines(hands: Hands, finder: Finder, rng: Rng) -> Iterator[tuple[Gray, str]]:
    """The ink and the text of the fields of one photographed form or table."""
    sheet, x_height = _sheet(hands, rng)
    size = sheet.size
    view = empty_view(np.full(size[::-1], between(rng, 0.2, 0.9), np.float32), x_height)
    place = pose(size, size, rng, spread=0.01, upright=True)
    lay(view, sheet, place, rng)
    placed = [
        Placed(box, text)
        for box, text in zip(sheet.boxes, sheet.texts, strict=True)
        if is_learnable(text) and (len(text) > 1 or rng.random() < SINGLES)
    ]
    for seen in seen_lines(expose(view, rng).picture, place.to_picture, sheet.text, placed, finder):
        yield seen.ink, seen.line.text


def _sheet(hands: Hands, rng: Rng) -> tuple[Sheet, float]:
    x_height = between(rng, *X_HEIGHT)
    sheet = sheets.empty_sheet(SIDE, round(between(rng, 0.4, 1.0) * SIDE), rng, dark=False)
    if rng.random() < TABLES:
        forms.table(sheet, hands, rng, x_height, written=True)
    else:
        forms.form(sheet, hands, rng, x_height, written=True, labelled=rng.random() < 0.6)
    sheets.finish(sheet, rng)
    return sheet, x_height
