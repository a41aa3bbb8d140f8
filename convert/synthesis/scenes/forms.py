"""Forms and tables on a sheet: printed labels, lines, boxes, combs and grids, a part of them filled in."""

import cv2
import numpy as np

from convert.synthesis.augmentation import Rng, between
from convert.synthesis.line_sources import Written
from convert.synthesis.scenes import marks
from convert.synthesis.scenes.hands import CELL_CHARACTERS, Hand, Hands
from convert.synthesis.scenes.sheets import Area, Sheet, mark_core, paste, put, stain_with


def cells(
    sheet: Sheet, hand: Hand, rng: Rng, area: tuple[float, float], cell: tuple[float, float], count: int, filled: int
) -> None:
    """A comb: `count` cells of (width, height) from (left, top) on, the first `filled` with a character each."""
    (left, top), (wide, tall) = area, cell
    mask = np.zeros_like(sheet.ink)
    thick = between(rng, 0.6, max(1.0, 0.07 * tall))
    bottom = top + tall
    kind = int(rng.integers(4))
    for number in range(count + 1):
        x = left + number * wide
        foot = top + (between(rng, 0.5, 0.7) * tall if kind == 1 else 0)
        if kind == 2 and number < count:
            gap = 0.08 * wide
            corners = np.array([(x + gap, top), (x + wide - gap, top), (x + wide - gap, bottom), (x + gap, bottom)])
            marks.curve(mask, corners, thick, closed=True)
        elif kind != 2:
            marks.segment(mask, (x, foot), (x, bottom), thick)
    for y in (top, bottom) if kind in (0, 3) else (bottom,) if kind == 1 else ():
        marks.segment(mask, (left, y), (left + count * wide, y), thick)
    stain_with(sheet, mask, between(rng, 0.2, 0.9))
    _fill(sheet, hand, rng, area, cell, filled)


def _fill(
    sheet: Sheet, hand: Hand, rng: Rng, area: tuple[float, float], cell: tuple[float, float], filled: int
) -> None:
    (left, top), (wide, tall) = area, cell
    chars = "0123456789" if rng.random() < 0.5 else CELL_CHARACTERS
    size = between(rng, 0.45, 0.95) * min(tall, 1.5 * wide)
    ends: list[float] = []
    text = ""
    for number in range(filled):
        if rng.random() < 0.06:
            text += " "
            continue
        char = chars[int(rng.integers(len(chars)))]
        ink = hand.char(rng, char, size * np.exp(rng.normal(0, 0.06)))
        if ink.shape[1] > 1.1 * wide:
            ink = cv2.resize(ink, (max(1, int(1.05 * wide)), ink.shape[0]), interpolation=cv2.INTER_AREA)
        x = left + (number + 0.5) * wide - ink.shape[1] / 2 + rng.normal(0, 0.06) * wide
        y = top + tall / 2 - ink.shape[0] / 2 + rng.normal(0, 0.05) * tall
        if paste(sheet, ink, x, y):
            ends += [x, x + ink.shape[1]]
            text += char
    if ends:
        middle = top + tall / 2
        corners = [(min(ends), middle - size / 2), (max(ends), middle - size / 2),
                   (max(ends), middle + size / 2), (min(ends), middle + size / 2)]  # fmt: skip
        mark_core(sheet, np.array(corners))
        sheet.boxes.append((round(min(ends)), round(top), round(max(ends)), round(top + tall)))
        sheet.texts.append(" ".join(text.split()))


def form(sheet: Sheet, hands: Hands, rng: Rng, x_height: float, written: bool, labelled: bool) -> None:
    """Rows of printed labels with a line, a box or a comb behind each, a part of them filled in."""
    width, height = sheet.size
    printer, hand = hands.printer(rng), hands.some(rng)
    row = x_height * between(rng, 3.0, 5.0)
    printed = between(rng, 0.4, 0.95)
    y = between(rng, 0.2, 1.5) * row
    while y < height - row:
        x = between(rng, 0.02, 0.12) * width
        while x < 0.85 * width:
            if labelled:
                label = printer.line(rng, x_height * between(rng, 0.45, 0.9), round(0.35 * width))
                if label is not None:
                    above = rng.random() < 0.3
                    put(sheet, label, x, y - 0.1 * row if above else y + 0.75 * row - label.ink.shape[0], printed)
                    x += 0 if above else label.ink.shape[1] + 0.5 * x_height
            room = min(width - x - 4, between(rng, 0.2, 0.9) * width)
            if room > 3 * x_height:
                _entry(sheet, hand, rng, (x, y, x + room, y + row), x_height, written and rng.random() < 0.8)
            x += room + 2 * x_height
        y += row * between(rng, 1.05, 1.8)


def _entry(sheet: Sheet, hand: Hand, rng: Rng, area: Area, x_height: float, written: bool) -> None:
    """One field of a form."""
    left, top, right, bottom = area
    kind = rng.random()
    if kind < 0.5:
        tall = between(rng, 0.55, 0.85) * (bottom - top)
        wide = tall * between(rng, 0.55, 1.1)
        count = max(1, int((right - left) / wide))
        cells(sheet, hand, rng, (left, bottom - tall), (wide, tall), count, int(rng.integers(1, count + 1)) * written)
        return
    mask = np.zeros_like(sheet.ink)
    thick = between(rng, 0.6, 2.5)
    if kind < 0.62:
        side = 1.3 * x_height
        box = np.array([(left, bottom - side), (left + side, bottom - side), (left + side, bottom), (left, bottom)])
        marks.curve(mask, box, thick, closed=True)
        if rng.random() < 0.5:
            marks.tick(sheet.ink, rng, (left + side / 2, bottom - side / 2), 1.2 * side, 0.15 * x_height)
        left += 2 * side
    elif kind < 0.8:
        marks.curve(mask, np.array([(left, top), (right, top), (right, bottom), (left, bottom)]), thick, closed=True)
    else:
        marks.segment(mask, (left, bottom), (right, bottom), thick)
    stain_with(sheet, mask, between(rng, 0.2, 0.9))
    line = hand.line(rng, x_height, round(right - left)) if written else None
    if line is not None:
        y = bottom - between(rng, 0.05, 0.3) * x_height - line.ink.shape[0]
        put(sheet, line, left + between(rng, 0, 1) * x_height, y)


def table(sheet: Sheet, hands: Hands, rng: Rng, x_height: float, written: bool) -> None:
    """A grid with words, numbers or single characters in a part of its cells."""
    width, height = sheet.size
    hand: Hand = hands.some(rng) if rng.random() < 0.7 else hands.printer(rng)
    row = x_height * between(rng, 2.2, 4.5)
    single = rng.random() < 0.5
    column = row * between(rng, 0.9, 1.3) if single else max(row, between(rng, 0.12, 0.5) * width)
    left, top = between(rng, 0, 0.1) * width + 2, between(rng, 0, 0.1) * height + 2
    columns, rows = max(1, int((width - left) / column)), max(1, int((height - top) / row))
    mask = np.zeros_like(sheet.ink)
    thick = between(rng, 0.6, 0.09 * row + 0.7)
    every = 3 if single and rng.random() < 0.4 else 0
    for number in range(rows + 1):
        extra = 1.8 if every and number % every == 0 else 1.0
        y = top + number * row
        marks.segment(mask, (left, y), (left + columns * column, y), extra * thick)
    for number in range(columns + 1):
        extra = 1.8 if every and number % every == 0 else 1.0
        x = left + number * column
        marks.segment(mask, (x, top), (x, top + rows * row), extra * thick)
    stain_with(sheet, mask, between(rng, 0.15, 0.95))
    share = between(rng, 0.2, 1.0) if written else 0.0
    for number in range(rows * columns):
        if rng.random() < share:
            corner = left + number % columns * column, top + number // columns * row
            _cell(sheet, hand, rng, corner, (column, row), x_height, single)


def _cell(
    sheet: Sheet,
    hand: Hand,
    rng: Rng,
    corner: tuple[float, float],
    cell: tuple[float, float],
    size: float,
    single: bool,
) -> None:
    if single:
        char = CELL_CHARACTERS[int(rng.integers(10 if rng.random() < 0.7 else len(CELL_CHARACTERS)))]
        line: Written | None = Written(hand.char(rng, char, min(1.6 * size, 0.85 * cell[1])), char)
    else:
        line = hand.line(rng, size, round(0.92 * cell[0]))
    if line is not None and line.ink.shape[0] < 1.3 * cell[1]:
        spare_x, spare_y = cell[0] - line.ink.shape[1], cell[1] - line.ink.shape[0]
        put(sheet, line, corner[0] + between(rng, 0.1, 0.9) * spare_x, corner[1] + between(rng, 0.3, 0.7) * spare_y)
