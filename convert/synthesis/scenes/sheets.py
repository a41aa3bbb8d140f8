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
from convert.synthesis.scenes.hands import Hand, Hands
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


def put(sheet: Sheet, line: Written, left: float, top: float, printed: float = 0.0) -> bool:
    """Write a line at a place; with `printed`, the contrast of print, it goes to the surface. False outside."""
    if not paste(sheet, line.ink, left, top, printed):
        return False
    x, y = round(left), round(top)
    mark_core(sheet, core_polygon(line.ink) + np.array([x, y]))
    sheet.boxes.append((x, y, x + line.ink.shape[1], y + line.ink.shape[0]))
    sheet.texts.append(line.text)
    return True


def paste(sheet: Sheet, ink: Gray, left: float, top: float, printed: float = 0.0) -> bool:
    """`put` without a core zone and a text: the caller knows what line it is a part of."""
    width, height = sheet.size
    x, y = round(left), round(top)
    if x + ink.shape[1] < 4 or y + ink.shape[0] < 4 or x > width - 4 or y > height - 4:
        return False
    if printed:
        mask = np.zeros_like(sheet.ink)
        marks.paste(mask, ink, x, y)
        stain_with(sheet, mask, printed)
    else:
        marks.paste(sheet.ink, ink, x, y)
    marks.paste(sheet.text, ink, x, y)
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
