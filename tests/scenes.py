"""Drawn writing whose every stroke and box is known, on drawn paper: what the stages of the reader are tested on.

Characters are straight pens' polylines, so that a scene looks the same with every version of OpenCV. A, B, O, 1 and the
full stop are the shapes that the tiny model of `tests/tiny_model` knows.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Box, Frame, Gray

Field = NDArray[np.float32]
"""(height, width), a factor for every pixel."""


def _ring(x: float, y: float, wide: float, high: float) -> list[tuple[float, float]]:
    """A closed oval about (x, y)."""
    angles = np.linspace(0, 2 * np.pi, 25)
    return [(x + wide / 2 * float(np.sin(a)), y + high / 2 * float(np.cos(a))) for a in angles]


SHAPES: dict[str, list[list[tuple[float, float]]]] = {
    "A": [[(0, 0), (0.5, 1), (1, 0)], [(0.2, 0.4), (0.8, 0.4)]],
    "B": [[(0, 1), (0, 0)], [(0, 1), (0.6, 0.96), (0.62, 0.58), (0, 0.52), (0.75, 0.42), (0.7, 0.04), (0, 0)]],
    "O": [_ring(0.48, 0.5, 0.96, 1)],
    "1": [[(0, 0.8), (0.25, 1), (0.25, 0)]],
    "E": [[(0.55, 1), (0, 1), (0, 0), (0.55, 0)], [(0, 0.5), (0.45, 0.5)]],
    "H": [[(0, 0), (0, 1)], [(0.6, 0), (0.6, 1)], [(0, 0.5), (0.6, 0.5)]],
    "I": [[(0, 0), (0, 1)]],
    "L": [[(0, 1), (0, 0), (0.5, 0)]],
    "N": [[(0, 0), (0, 1), (0.6, 0), (0.6, 1)]],
    "T": [[(0, 1), (0.6, 1)], [(0.3, 1), (0.3, 0)]],
    "X": [[(0, 0), (0.6, 1)], [(0, 1), (0.6, 0)]],
    "4": [[(0.45, 0), (0.45, 1), (0, 0.3), (0.6, 0.3)]],
    "7": [[(0, 1), (0.55, 1), (0.2, 0)]],
    "i": [[(0, 0), (0, 0.55)], [(0, 0.83), (0, 0.86)]],
    "j": [[(0.25, 0.55), (0.25, -0.25), (0, -0.35)], [(0.25, 0.83), (0.25, 0.86)]],
    "l": [[(0, 0), (0, 1)]],
    "n": [[(0, 0), (0, 0.55)], [(0, 0.4), (0.22, 0.55), (0.42, 0.4), (0.42, 0)]],
    "o": [_ring(0.25, 0.28, 0.5, 0.56)],
    "p": [[(0, -0.4), (0, 0.55)], _ring(0.22, 0.28, 0.44, 0.54)],
    ".": [[(0, 0), (0, 0.03)]],
    ",": [[(0.08, 0.08), (0, -0.15)]],
    ":": [[(0, 0.03), (0, 0.06)], [(0, 0.45), (0, 0.48)]],
    ";": [[(0.08, 0.08), (0, -0.15)], [(0.08, 0.45), (0.08, 0.48)]],
    "!": [[(0, 1), (0, 0.35)], [(0, 0), (0, 0.03)]],
    "?": [[(0, 0.8), (0.1, 1), (0.35, 1), (0.45, 0.8), (0.2, 0.5), (0.2, 0.35)], [(0.2, 0), (0.2, 0.03)]],
    "=": [[(0, 0.25), (0.5, 0.25)], [(0, 0.55), (0.5, 0.55)]],
    "%": [[(0.6, 1), (0, 0)], _ring(0.08, 0.8, 0.3, 0.34), _ring(0.56, 0.2, 0.3, 0.34)],
    "-": [[(0, 0.42), (0.4, 0.42)]],
    "'": [[(0, 1), (0, 0.75)]],
    '"': [[(0, 1.1), (0, 0.65)], [(0.2, 1.1), (0.2, 0.65)]],
}
"""Strokes as points (x to the right, y up from the baseline), in heights of a capital."""


@dataclass(frozen=True, slots=True)
class Writing:
    """Ink, and where each character is."""

    ink: Gray
    """(height, width) uint8, 0 paper to 255 pen."""
    boxes: tuple[tuple[tuple[str, Box], ...], ...]
    """Characters with their boxes, line by line; spaces left out."""

    def all_boxes(self) -> list[tuple[str, Box]]:
        return [entry for line in self.boxes for entry in line]


def write(
    *lines: str,
    size: tuple[int, int] = (640, 360),
    capital: float = 40,
    pen: int = 5,
    gap: float = 0.25,
    corner: tuple[float, float] = (60, 110),
    pitch: float = 2.2,
    lean: float = 0.0,
    slope: float = 0.0,
    bend: float = 0.0,
) -> Writing:
    """Write lines of text.

    Args:
        lines: of characters of SHAPES and spaces, which are 0.7 capitals wide.
        size: width and height of the page, in pixels.
        capital, pen: height of a capital and width of the stroke, in pixels.
        gap: between the pens' paths of neighbours, in capitals.
        corner: x of the margin and y of the first baseline, in pixels.
        pitch: from baseline to baseline, in capitals.
        lean: pixels to the right a pixel up.
        slope: pixels down a pixel to the right.
        bend: how far the baseline's middle hangs below its ends, in pixels.
    """
    ink, boxes = np.zeros(size[::-1], np.uint8), []
    for number, line in enumerate(lines):
        x, row = corner[0], []
        for char in line:
            if char == " ":
                x += 0.7 * capital
                continue
            along = (x - corner[0]) / max(1, size[0] - 2 * corner[0])
            baseline = corner[1] + number * pitch * capital + slope * (x - corner[0]) + 4 * bend * along * (1 - along)
            shape = [np.array(stroke, np.float64) * capital for stroke in SHAPES[char]]
            strokes = [np.stack([x + s[:, 0] + lean * s[:, 1], baseline - s[:, 1]], axis=1) for s in shape]
            row.append((char, _draw(ink, strokes, pen)))
            x += max(float(s[:, 0].max()) for s in shape) + gap * capital
        boxes.append(tuple(row))
    return Writing(ink, tuple(boxes))


def _draw(ink: Gray, strokes: list[NDArray[np.float64]], pen: int) -> Box:
    """Draw one character; returns its box."""
    own = np.zeros_like(ink)
    cv2.polylines(own, [np.round(16 * s).astype(np.int32) for s in strokes], False, 255, pen, cv2.LINE_AA, 4)
    np.maximum(ink, own, out=ink)
    left, top, width, height = cv2.boundingRect((own > 96).astype(np.uint8))
    return Box(left, top, left + width, top + height)


def photograph(
    ink: Gray, paper: float = 200, pen: float = 50, light: Field | float = 1.0, noise: float = 2.0, seed: int = 0
) -> Frame:
    """Ink on paper as a grey picture: levels 0 to 255 in full light, a little defocus, noise of the sensor."""
    cover = ink.astype(np.float32) / 255
    levels = (paper + (pen - paper) * cover) * light
    levels = cv2.GaussianBlur(levels, (0, 0), 0.7)
    levels = levels + noise * np.random.default_rng(seed).standard_normal(ink.shape, dtype=np.float32)
    return Frame(np.clip(levels, 0, 255).astype(np.uint8), "scene")


def half_shadow(shape: tuple[int, int], depth: float, width: float = 1.0) -> Field:
    """A shadow over the left half, its edge slanted and `width` pixels wide."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    inside = np.clip((x - 0.5 * shape[1] + 0.3 * (y - shape[0] / 2)) / width + 0.5, 0, 1)
    return np.asarray(1 - depth * (1 - inside), np.float32)


def ruled(shape: tuple[int, int], pitch: int, strength: float, *, squared: bool = False) -> Field:
    """Printed lines two pixels thick every `pitch` pixels, across or both ways."""
    lines = np.ones(shape, np.float32)
    lines[pitch // 2 :: pitch] = lines[pitch // 2 + 1 :: pitch] = 1 - strength
    if squared:
        lines[:, pitch // 2 :: pitch] = lines[:, pitch // 2 + 1 :: pitch] = 1 - strength
    return lines
