"""Drawn surfaces that look like pages of letters to whoever looks at their marks one by one: hard cases of time.

Each is a function of a size and gives (height, width) uint8, the same at every run. Pitches are in pixels, so that a
larger picture has more marks, as a finer camera sees more of the same wall.
"""

from collections.abc import Callable

import cv2
import numpy as np

from edge_ocr.page import Gray

Texture = Callable[[int, int], Gray]
"""Of a width and a height in pixels."""


def _grid(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return x, y


def _levels(dark: np.ndarray, paper: int = 205, ink: int = 60) -> Gray:
    """A mask of dark places as a slightly blurred picture with a little noise, as cameras give it."""
    level = np.where(dark, ink, paper).astype(np.float32)
    noise = np.random.default_rng(3).standard_normal(level.shape, np.float32)
    return np.clip(cv2.GaussianBlur(level, (0, 0), 0.8) + 2 * noise, 0, 255).astype(np.uint8)


def chequerboard(width: int, height: int, cell: int = 24) -> Gray:
    """Squares that touch at their corners."""
    x, y = _grid(width, height)
    return _levels((x // cell + y // cell) % 2 == 0)


def tiles(width: int, height: int, pitch: int = 24) -> Gray:
    """Squares apart from each other, as mosaic and keyboards have them."""
    x, y = _grid(width, height)
    return _levels((x % pitch < 0.6 * pitch) & (y % pitch < 0.6 * pitch))


def rings(width: int, height: int, pitch: int = 26) -> Gray:
    """Small rings side by side: chain mail, bubbles, lace."""
    x, y = _grid(width, height)
    away = np.hypot(x % pitch - pitch / 2, y % pitch - pitch / 2)
    return _levels(abs(away - 0.32 * pitch) < 0.09 * pitch)


def halftone(width: int, height: int, pitch: int = 14) -> Gray:
    """Dots whose size follows a slow wave, on a screen turned by 30 degrees."""
    x, y = _grid(width, height)
    u, v = 0.866 * x + 0.5 * y, 0.866 * y - 0.5 * x
    radius = pitch * (0.3 + 0.14 * np.sin(x / 90) * np.cos(y / 70))
    return _levels(np.hypot(u % pitch - pitch / 2, v % pitch - pitch / 2) < radius)


def grille(width: int, height: int, pitch: int = 18) -> Gray:
    """Short upright slots in rows: louvres, radiators, speakers."""
    x, y = _grid(width, height)
    return _levels((x % pitch < 0.35 * pitch) & (y % (3 * pitch) < 2.3 * pitch))


def knit(width: int, height: int, pitch: int = 22) -> Gray:
    """Rows of V-shaped stitches."""
    x, y = _grid(width, height)
    lean = abs(x % pitch - pitch / 2)
    return _levels((y + 0.9 * lean) % pitch < 0.35 * pitch)


def brick(width: int, height: int, pitch: int = 20) -> Gray:
    """Bricks with dark mortar left out at the joints, every other course shifted by half."""
    x, y = _grid(width, height)
    shift = (y // pitch % 2) * pitch
    return _levels(((x + shift) % (2 * pitch) < 1.7 * pitch) & (y % pitch < 0.75 * pitch))


def newsprint(width: int, height: int, pitch: int = 16) -> Gray:
    """Rows of small random marks in columns: a newspaper from too far away to be read."""
    rng = np.random.default_rng(5)
    dark = np.zeros((height, width), np.uint8)
    for top in range(4, height - pitch, pitch):
        left = 4
        while left < width - pitch:
            for _ in range(int(rng.integers(2, 9))):
                points = np.array([left, top]) + rng.integers(0, int(0.6 * pitch), (4, 2))
                cv2.polylines(dark, [points.astype(np.int32)], False, 1, 2)
                left += int(0.62 * pitch)
            left += int(0.5 * pitch)
    return _levels(dark > 0)


def noise(width: int, height: int, grain: float = 3.0) -> Gray:
    """Blobs of no shape: plaster, gravel, foliage."""
    field = np.random.default_rng(9).standard_normal((height, width), np.float32)
    field = cv2.GaussianBlur(field, (0, 0), grain)
    return _levels(field > 0.6 * float(field.std()))


TEXTURES: dict[str, Texture] = {
    name.__name__: name for name in (chequerboard, tiles, rings, halftone, grille, knit, brick, newsprint, noise)
}
