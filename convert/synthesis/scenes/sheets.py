"""Sheets: what is written, printed and drawn on one piece of paper or board, with labels of the text alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from convert.synthesis.augmentation import Rng, between
from convert.synthesis.line_sources import Written
from convert.synthesis.photograph import Field, clouds, paper
from convert.synthesis.scenes import marks
from convert.synthesis.scenes.hands import CELL_CHARACTERS, Hand, Hands
from edge_ocr.ink.binarization import INK_LEVEL
from edge_ocr.layout.strip import core_zone, find_slope
from edge_ocr.page import Gray

CORE_POINTS = 2000
"""Pixels of ink by which a line's core zone is judged."""

Area = tuple[float, float, float, float]
"""Left, top, right, bottom on a sheet, in pixels."""


@dataclass
class Sheet:
    """One piece of paper while it is being filled."""

    surface: Field
    """(height, width) reflectance, 0 black to 1 white."""
    ink: Gray
    """(height, width) what pens left, text and drawings, 0 to 255."""
    text: Gray
    """(height, width) text alone, by pen or print: the label."""
    core: Gray
    """(height, width) 255 between baseline and x-height of every line of text."""
    dark: bool
    """Whether pens are lighter than the sheet."""
    boxes: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Left, top, right, bottom of what was written, in the order in which it is read."""
    texts: list[str] = field(default_factory=list)
    """What it says."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.ink.shape[1], self.ink.shape[0]


def empty_sheet(width: int, height: int, rng: Rng, dark: bool) -> Sheet:
    """Paper of any shade, from chalk board to white, with its texture."""
    shade = (
        between(rng, 0.06, 0.4) if dark else between(rng, 0.72, 0.96) if rng.random() < 0.75 else between(rng, 0.4, 0.8)
    )
    surface = paper((height, width), (shade,), rng)[..., 0]  # type: ignore[arg-type]
    if dark and rng.random() < 0.6:
        surface += between(rng, 0.0, 0.05) * clouds((height, width), 30, rng)  # Wiped chalk.
    if rng.random() < 0.15:
        surface *= 1 + between(rng, 0.0, 0.06) * clouds((height, width), 12, rng)  # Crumpled.
    ink, text, core = (np.zeros((height, width), np.uint8) for _ in range(3))
    return Sheet(surface, ink, text, core, dark)


def stain_with(sheet: Sheet, mask: Gray, contrast: float) -> None:
    """Print a mask: `contrast` is the part of the way to black (on dark sheets: to white) that full colour goes."""
    cover = mask.astype(np.float32) * (contrast / 255)
    sheet.surface *= 1 - cover
    if sheet.dark:
        sheet.surface += cover


def furnish(sheet: Sheet, rng: Rng, pitch: float) -> None:
    """Rulings, margins, holes, logos, stamps, pictures: all that is there before somebody writes."""
    width, height = sheet.size
    longest = max(width, height)
    if rng.random() < 0.55:
        _printed(sheet, rng, lambda mask: marks.rulings(mask, rng, max(5.0, pitch)), (0.08, 0.65))
    if rng.random() < 0.2:
        _printed(sheet, rng, lambda mask: marks.margins(mask, rng), (0.15, 0.7))
    if rng.random() < 0.12:
        _printed(sheet, rng, lambda mask: marks.holes(mask, rng), (0.3, 0.9))
    for _ in range(int(rng.integers(0, 3)) if rng.random() < 0.25 else 0):
        place = (between(rng, 0, width), between(rng, 0, height))
        size = between(rng, 0.05, 0.3) * longest
        kind = marks.logo if rng.random() < 0.6 else marks.stamp
        _printed(sheet, rng, partial(kind, rng=rng, centre=place, size=size), (0.2, 0.9))


def _printed(sheet: Sheet, rng: Rng, drawn: Callable[[Gray], object], contrast: tuple[float, float]) -> None:
    mask = np.zeros_like(sheet.ink)
    drawn(mask)
    stain_with(sheet, mask, between(rng, *contrast))


def core_polygon(ink: Gray) -> np.ndarray:
    """(4, 2) corners of the core zone of one line's ink, as the reader's strips find it."""
    rows, columns = np.nonzero(ink > INK_LEVEL)
    if not len(columns):
        return np.zeros((4, 2))
    every = len(columns) // CORE_POINTS + 1
    x, y = columns[::every].astype(np.float64), rows[::every].astype(np.float64)
    slope = find_slope(x, y)
    top, base = core_zone(y - slope * x)
    ends = np.array([x.min(), x.max() + 1])
    return np.array([(ends[0], top), (ends[1], top), (ends[1], base), (ends[0], base)]) + np.stack(
        [np.zeros(4), slope * ends[[0, 1, 1, 0]]], axis=1
    )


def mark_core(sheet: Sheet, polygon: np.ndarray) -> None:
    """Add a line's core zone, apart from those that are there."""
    gap = max(3, round(0.25 * float(np.ptp(polygon[[0, 3], 1]))))
    corners = np.round(polygon * 16).astype(np.int32)
    cv2.polylines(sheet.core, [corners], True, 0, 2 * gap, cv2.LINE_8, 4)
    cv2.fillConvexPoly(sheet.core, corners, 255, cv2.LINE_8, 4)


def put(sheet: Sheet, line: Written, left: float, top: float, printed: float = 0.0, core: bool = True) -> bool:
    """Write a line at a place; with `printed`, the contrast of print, it goes to the surface. False outside."""
    width, height = sheet.size
    ink, x, y = line.ink, round(left), round(top)
    if x + ink.shape[1] < 4 or y + ink.shape[0] < 4 or x > width - 4 or y > height - 4:
        return False
    if printed:
        mask = np.zeros_like(sheet.ink)
        marks.paste(mask, ink, x, y)
        stain_with(sheet, mask, printed)
    else:
        marks.paste(sheet.ink, ink, x, y)
    marks.paste(sheet.text, ink, x, y)
    if core:
        mark_core(sheet, core_polygon(ink) + np.array([x, y]))
    sheet.boxes.append((x, y, x + ink.shape[1], y + ink.shape[0]))
    sheet.texts.append(line.text)
    return True


def lines(sheet: Sheet, hand: Hand, rng: Rng, x_height: float, area: Area, pitch: float, printed: float = 0.0) -> None:
    """Lines of writing one under another, each on its baseline; gaps, indents, lists and half-filled lines."""
    left, top, right, bottom = area
    slope = rng.normal(0, 0.02) if not printed else 0.0
    bullets = rng.random() < 0.15
    baseline = top + max(pitch, 2 * x_height)
    while baseline < bottom - 0.3 * pitch:
        start = left + (between(rng, 0, 0.3) * (right - left) if rng.random() < 0.25 else 0)
        line = hand.line(rng, x_height * np.exp(rng.normal(0, 0.04)), round(right - start))
        if line is not None:
            ink = line.ink
            if abs(slope) > 0.008:
                sloped = np.array([[1, 0, 0], [slope, 1, max(0.0, -slope * ink.shape[1])]], np.float32)
                room = (ink.shape[1], round(ink.shape[0] + abs(slope) * ink.shape[1]) + 1)
                ink = cv2.warpAffine(ink, sloped, room)
            zone = core_polygon(ink)
            put(
                sheet,
                Written(ink, line.text),
                start,
                baseline - float(zone[3, 1]) + rng.normal(0, 0.05) * pitch,
                printed,
            )
            if bullets:
                place = (round(start - x_height), round(baseline - x_height / 2))
                filled = -1 if rng.random() < 0.5 else 1
                cv2.circle(sheet.ink, place, max(1, round(0.2 * x_height)), 255, filled, cv2.LINE_AA)
        baseline += pitch * (1 if rng.random() < 0.85 else 2)


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
    for number in range(filled):
        if rng.random() < 0.06:
            continue
        char = chars[int(rng.integers(len(chars)))]
        ink = hand.char(rng, char, size * np.exp(rng.normal(0, 0.06)))
        if ink.shape[1] > 1.1 * wide:
            ink = cv2.resize(ink, (max(1, int(1.05 * wide)), ink.shape[0]), interpolation=cv2.INTER_AREA)
        x = left + (number + 0.5) * wide - ink.shape[1] / 2 + rng.normal(0, 0.06) * wide
        y = top + tall / 2 - ink.shape[0] / 2 + rng.normal(0, 0.05) * tall
        if put(sheet, Written(ink, char), x, y, core=False):
            ends += [x, x + ink.shape[1]]
    if ends:
        middle = top + tall / 2
        corners = [(min(ends), middle - size / 2), (max(ends), middle - size / 2),
                   (max(ends), middle + size / 2), (min(ends), middle + size / 2)]  # fmt: skip
        mark_core(sheet, np.array(corners))


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


def scatter(sheet: Sheet, hands: Hands, rng: Rng, x_height: float) -> None:
    """Words here and there, each at its own angle and size, beside drawings."""
    width, height = sheet.size
    hand = hands.some(rng)
    taken = np.zeros_like(sheet.ink)
    for _ in range(int(rng.integers(2, 12))):
        line = hand.line(rng, x_height * np.exp(rng.normal(0, 0.3)), round(between(rng, 0.15, 0.7) * width))
        if line is None:
            continue
        ink = line.ink
        angle = between(rng, -35, 35) if rng.random() < 0.3 else 3 * rng.normal()
        x, y = between(rng, 0, max(1, width - ink.shape[1])), between(rng, 0, max(1, height - ink.shape[0]))
        turn = cv2.getRotationMatrix2D((ink.shape[1] / 2, ink.shape[0] / 2), angle, 1.0)
        turn[:, 2] += (x, y)
        own = cv2.warpAffine(ink, turn, (width, height), flags=cv2.INTER_LINEAR)
        near = cv2.dilate(own, np.ones((9, 9), np.uint8))
        if (cv2.bitwise_and(near, taken) > 60).any():
            continue
        np.maximum(taken, own, out=taken)
        np.maximum(sheet.ink, own, out=sheet.ink)
        np.maximum(sheet.text, own, out=sheet.text)
        mark_core(sheet, np.concatenate([core_polygon(ink), np.ones((4, 1))], axis=1) @ turn.T)


def scribble(sheet: Sheet, rng: Rng, x_height: float) -> None:
    """Drawings, and lines under, through and around words."""
    width, height = sheet.size
    pen = max(0.8, between(rng, 0.08, 0.3) * x_height)
    for _ in range(int(rng.integers(1, 4)) if rng.random() < 0.3 else 0):
        place = (between(rng, 0, width), between(rng, 0, height))
        marks.drawing(sheet.ink, rng, place, between(rng, 2, 12) * x_height, pen)
    if sheet.boxes and rng.random() < 0.3:
        for _ in range(int(rng.integers(1, 4))):
            marks.underline(sheet.ink, rng, sheet.boxes[int(rng.integers(len(sheet.boxes)))], pen)


def finish(sheet: Sheet, rng: Rng) -> None:
    """Lay the pen's colour on the surface; what stands on the back shines through."""
    if rng.random() < 0.15:
        back = cv2.GaussianBlur(np.ascontiguousarray(sheet.ink[:, ::-1]), (0, 0), between(rng, 0.8, 2.5))
        stain_with(sheet, back, between(rng, 0.03, 0.14))
    height, width = sheet.ink.shape
    cover = sheet.ink.astype(np.float32) / 255
    cover *= 1 + 0.12 * clouds((height, width), 25, rng)
    if rng.random() < 0.35:
        grain = between(rng, 0.1, 0.5)
        cover *= 1 - grain * np.abs(rng.standard_normal((height, width), dtype=np.float32)) * 0.5
    cover = np.clip(cover * between(rng, 0.75, 0.98), 0, 1)
    level = float(np.median(sheet.surface[::7, ::7]))
    if sheet.dark:
        pen = level + (1 - level) * between(rng, 0.35, 0.95)
    else:
        pen = level * (between(rng, 0.04, 0.5) if rng.random() < 0.75 else between(rng, 0.5, 0.8))
    sheet.surface = (sheet.surface * (1 - cover) + cover * pen).astype(np.float32)
