"""Sheets laid into a picture, with their labels moved by the same map."""

from dataclasses import dataclass

import cv2
import numpy as np

from convert.synthesis.augmentation import Rng, between
from convert.synthesis.photograph import Field
from convert.synthesis.scenes import marks
from convert.synthesis.scenes.shards import UNSURE
from convert.synthesis.scenes.sheets import Sheet
from edge_ocr.page import Gray


@dataclass
class View:
    """A scene while it is being built, in light: (height, width) each."""

    light: Field
    text: Gray
    core: Gray
    up: Gray
    sharp: float
    """Height of its smallest small letters in pixels: what blur may take is measured by it."""


def empty_view(light: Field, sharp: float) -> View:
    text, core, up = (np.zeros(light.shape, np.uint8) for _ in range(3))
    return View(light.astype(np.float32), text, core, up, sharp)


@dataclass(frozen=True)
class Pose:
    """How a sheet lies in the picture."""

    to_picture: np.ndarray
    """(3, 3) homography."""
    turn: float
    """Degrees clockwise."""


def pose(size: tuple[int, int], picture: tuple[int, int], rng: Rng, spread: float = 0.3, upright: bool = False) -> Pose:
    """Place, turn and perspective; two thirds nearly upright, the others at any angle."""
    chance = rng.random()
    if upright or chance < 0.62:
        turn = 5 * rng.normal()
    elif chance < 0.75:
        turn = between(rng, -45, 45)
    elif chance < 0.9:
        turn = 90 * int(rng.integers(1, 4)) + 5 * rng.normal()
    else:
        turn = between(rng, 0, 360)
    width, height = size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    angle = np.deg2rad(turn)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array(picture) * (0.5 + rng.uniform(-spread, spread, 2))
    placed = middle + (corners - np.array(size) / 2) @ matrix
    placed += max(size) * between(rng, 0, 0.05) * rng.uniform(-1, 1, (4, 2))
    return Pose(cv2.getPerspectiveTransform(corners, placed.astype(np.float32)), turn % 360)


def lay(view: View, sheet: Sheet, place: Pose, rng: Rng) -> None:
    """Lay a sheet into the picture: curled, torn or folded at times, its shadow around it, hiding what is below."""
    height, width = view.light.shape
    sheet_x, sheet_y = _curled(place, (height, width), max(sheet.size), rng)

    def seen(image: np.ndarray, border: int) -> np.ndarray:
        return cv2.remap(image, sheet_x, sheet_y, cv2.INTER_LINEAR, borderMode=border)

    inside = seen(_outline(sheet.size, rng), cv2.BORDER_CONSTANT)
    surface = seen(sheet.surface, cv2.BORDER_REPLICATE)
    if rng.random() < 0.25:
        surface *= _fold(sheet.size, sheet_x, sheet_y, rng)
    rim = cv2.blur(inside, (0x1F, 0x1F)) if rng.random() < 0.7 else np.zeros_like(inside)
    ground = view.light * (1 - between(rng, 0, 0.6) * rim)
    view.light = inside * surface + (1 - inside) * ground
    for label, own in ((view.text, sheet.text), (view.core, sheet.core)):
        label[:] = (label * (1 - inside)).astype(np.uint8)
        np.maximum(label, (seen(own, cv2.BORDER_CONSTANT) * inside).astype(np.uint8), out=label)
    quarter = round(place.turn / 90) % 4
    off = abs(place.turn - 90 * round(place.turn / 90))
    view.up[inside > 0.5] = 1 + quarter if off < 38 else UNSURE


def _curled(place: Pose, shape: tuple[int, int], longest: int, rng: Rng) -> tuple[Field, Field]:
    """Sheet coordinates of every pixel of the picture, waved a little on some sheets."""
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    h = np.linalg.inv(place.to_picture).astype(np.float32)
    below = h[2, 0] * x + h[2, 1] * y + h[2, 2]
    sheet_x, sheet_y = (h[0, 0] * x + h[0, 1] * y + h[0, 2]) / below, (h[1, 0] * x + h[1, 1] * y + h[1, 2]) / below
    if rng.random() < 0.4:
        wave, reach = between(rng, 2, 9) / longest, between(rng, 0, 0.02) * longest
        sheet_y = sheet_y + np.float32(reach) * np.sin(np.float32(wave) * sheet_x + np.float32(between(rng, 0, 6)))
    return sheet_x.astype(np.float32), sheet_y.astype(np.float32)


def _outline(size: tuple[int, int], rng: Rng) -> Field:
    """(height, width) 1 on the sheet: its edge, or a torn one."""
    width, height = size
    outline = np.ones((height, width), np.float32)
    if rng.random() < 0.15 and height > 60:
        torn = 0.03 * height + rng.normal(0, 0.004 * height, width).cumsum() + rng.normal(0, 1, width)
        rows = np.arange(height, dtype=np.float32)[:, None]
        outline = (rows > torn[None]).astype(np.float32)
        outline = outline[::-1].copy() if rng.random() < 0.5 else outline
    return outline


def _fold(size: tuple[int, int], x: Field, y: Field, rng: Rng) -> Field:
    """Light on a folded sheet: its two sides lie at different angles to it, with a crease between."""
    angle = between(rng, 0, 3.14) if rng.random() < 0.3 else 1.57 * int(rng.integers(2))
    across = np.cos(angle) * (x - between(rng, 0.3, 0.7) * size[0]) + np.sin(angle) * (
        y - between(rng, 0.3, 0.7) * size[1]
    )
    step = between(rng, -0.12, 0.12) / (1 + np.exp(-np.clip(across / between(rng, 0.5, 8), -30, 30)))
    crease = between(rng, -0.25, 0.15) * np.exp(-((across / between(rng, 0.7, 3)) ** 2))
    return (1 + step + crease).astype(np.float32)


def fingers(view: View, rng: Rng) -> None:
    """One to four fingertips that reach in from an edge and hide what is below."""
    height, width = view.light.shape
    side = int(rng.integers(4))
    at, thick, shade = between(rng, 0.15, 0.85), between(rng, 0.04, 0.1) * width, between(rng, 0.25, 0.8)
    for number in range(int(rng.integers(1, 5))):
        mask = np.zeros((height, width), np.uint8)
        place, reach = at * width + 1.15 * number * thick, between(rng, 0.08, 0.3) * width
        ends = np.array([(place, -thick), (place + rng.normal(0, 0.3) * thick, reach)])
        if side % 2:
            ends = ends[:, ::-1]
        if side > 1:
            ends = np.array([width, height]) - ends
        marks.curve(mask, ends, thick)
        cv2.circle(mask, tuple(int(value) for value in ends[1]), round(thick / 2), 255, -1, cv2.LINE_AA)
        cover = mask.astype(np.float32) / 255
        light = shade * (0.55 + 0.45 * cv2.GaussianBlur(cover, (0, 0), thick / 4))
        view.light = view.light * (1 - cover) + cover * light
        for label in (view.text, view.core):
            label[mask > 100] = 0
