"""What lies around and under the sheets: photographs without writing, and textures drawn by code."""

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from convert.synthesis.augmentation import Rng, between
from convert.synthesis.photograph import Field, clouds
from edge_ocr.page import Gray


@lru_cache(maxsize=64)
def _load(path: Path) -> Gray:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


def photographed(files: list[Path], shape: tuple[int, int], rng: Rng) -> Field:
    """(height, width) part of a photograph at some scale, turned and flipped at random, 0 to 1."""
    image = _load(files[int(rng.integers(len(files)))])
    height, width = shape
    scale = np.exp(between(rng, np.log(0.5), np.log(2.2)))
    scale = max(scale, height / image.shape[0], width / image.shape[1])
    tall, wide = round(height / scale), round(width / scale)
    top, left = (int(rng.integers(image.shape[k] - (tall, wide)[k] + 1)) for k in (0, 1))
    part = cv2.resize(image[top : top + tall, left : left + wide], (width, height), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        part = part[:, ::-1]
    if height == width and rng.random() < 0.25:
        part = np.rot90(part, int(rng.integers(1, 4)))
    contrast, middle = between(rng, 0.5, 1.2), between(rng, 0.35, 0.65)
    return np.clip((part.astype(np.float32) / 255 - 0.5) * contrast + middle, 0.01, 1.0)


def textured(shape: tuple[int, int], rng: Rng, held_out: bool = False) -> Field:
    """A drawn texture: wood, cloth, blades of grass, gravel, halftone, noise, tiles; `held_out` has its own kinds."""
    kinds = (_scales, _weave) if held_out else (_wood, _cloth, _blades, _gravel, _halftone, _noise, _tiles, _plain)
    field = kinds[int(rng.integers(len(kinds)))](shape, rng)
    return np.clip(field, 0.01, 1.0)


def _plain(shape: tuple[int, int], rng: Rng) -> Field:
    return between(rng, 0.05, 0.95) + between(rng, 0, 0.06) * clouds(shape, int(rng.integers(8, 90)), rng)


def _wood(shape: tuple[int, int], rng: Rng) -> Field:
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle, pitch = between(rng, 0, 3.14), between(rng, 4, 40)
    along, across = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    rings = across + between(rng, 2, 20) * clouds(shape, 80, rng) + 6 * np.sin(along / between(rng, 60, 300))
    grain = np.sin(rings * 6.28 / pitch) + 0.6 * np.sin(rings * 6.28 / pitch * 2.7)
    return between(rng, 0.2, 0.75) * (
        1 + between(rng, 0.04, 0.22) * np.sign(grain) * np.abs(grain) ** between(rng, 0.6, 3)
    )


def _cloth(shape: tuple[int, int], rng: Rng) -> Field:
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x + 3 * clouds(shape, 90, rng), y + 3 * clouds(shape, 90, rng)
    pitch = between(rng, 2.2, 14)
    weave = np.sin(6.28 * x / pitch) * np.sin(6.28 * y / pitch)
    return between(rng, 0.08, 0.85) * (1 + between(rng, 0.05, 0.3) * weave) * (1 + 0.1 * clouds(shape, 60, rng))


def _blades(shape: tuple[int, int], rng: Rng) -> Field:
    """Many short bent strokes of all shades, as grass, straw, hair or needles."""
    height, width = shape
    canvas = np.full(shape, int(between(rng, 30, 160)), np.uint8)
    length, main, spread = between(rng, 8, 70), between(rng, 0, 6.28), between(rng, 0.1, 1.6)
    bend, wide = between(rng, 0, 0.8), between(rng, 0.8, 4)
    count = int(min(2500, 2.5 * height * width / (length * wide)))
    for _ in range(count):
        angle = main + spread * rng.normal()
        start = rng.uniform(0, 1, 2) * (width, height)
        middle = start + 0.5 * length * np.array([np.cos(angle), np.sin(angle)])
        angle += bend * rng.normal()
        tip = middle + 0.5 * length * np.array([np.cos(angle), np.sin(angle)])
        points = np.round(16 * np.stack([start, middle, tip])).astype(np.int32)
        cv2.polylines(canvas, [points], False, int(rng.integers(10, 250)), max(1, round(wide)), cv2.LINE_AA, 4)
    return np.asarray(canvas / 255, np.float32)


def _gravel(shape: tuple[int, int], rng: Rng) -> Field:
    """Pebbles: the cells of random points, each with its own shade and a dark rim (Worley, 1996)."""
    height, width = shape
    pitch = between(rng, 4, 40)
    seeds = np.full(shape, 255, np.uint8)
    count = max(4, int(height * width / pitch**2))
    seeds[rng.integers(0, height, count), rng.integers(0, width, count)] = 0
    distance, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    shades = rng.uniform(0.15, 0.95, labels.max() + 1).astype(np.float32)
    return shades[labels] * (1 - np.clip(distance / (between(rng, 0.5, 1.0) * pitch), 0, 0.8))


def _halftone(shape: tuple[int, int], rng: Rng) -> Field:
    """Dots of a printer's screen, larger where the picture is darker."""
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle, pitch = between(rng, 0, 1.57), between(rng, 3, 14)
    u, v = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    screen = 0.5 + 0.25 * (np.cos(6.28 * u / pitch) + np.cos(6.28 * v / pitch))
    tone = 0.5 + 0.25 * clouds(shape, 90, rng)
    return np.asarray(0.1 + 0.8 / (1 + np.exp(-between(rng, 4, 14) * (screen - tone))), np.float32)


def _noise(shape: tuple[int, int], rng: Rng) -> Field:
    octaves = np.zeros(shape, np.float32)
    for grain in (2, 4, 9, 20, 50):
        octaves += clouds(shape, grain, rng) * grain ** between(rng, 0.1, 0.8)
    return 0.5 + between(rng, 0.05, 0.25) * octaves / max(1e-3, float(octaves.std()))


def _tiles(shape: tuple[int, int], rng: Rng) -> Field:
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    tall, wide = between(rng, 10, 90), between(rng, 10, 160)
    row = np.floor(y / tall)
    column = np.floor((x + (row % 2) * wide / 2) / wide)
    joint = ((y % tall) < 0.1 * tall) | (((x + (row % 2) * wide / 2) % wide) < 0.1 * tall)
    shades = rng.uniform(0.3, 0.8, 997).astype(np.float32)
    wall = shades[(row * 131 + column * 17).astype(np.int64) % 997]
    return np.where(joint, between(rng, 0.1, 0.9), wall) * (1 + 0.05 * clouds(shape, 6, rng))


def _scales(shape: tuple[int, int], rng: Rng) -> Field:
    """Rings about points of a slanted grid, as fish have them; kept for validation."""
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    pitch = between(rng, 8, 40)
    x = x + (np.floor(y / pitch) % 2) * pitch / 2
    radius = np.hypot(x % pitch - pitch / 2, y % pitch)
    return 0.5 + 0.3 * np.cos(radius * between(rng, 0.4, 1.2)) + 0.05 * clouds(shape, 9, rng)


def _weave(shape: tuple[int, int], rng: Rng) -> Field:
    """Basketwork; kept for validation."""
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    pitch = between(rng, 6, 30)
    over = (np.floor(x / pitch) + np.floor(y / pitch)) % 2
    strand = np.where(over > 0, np.abs(np.sin(3.14 * y / pitch)), np.abs(np.sin(3.14 * x / pitch)))
    return between(rng, 0.3, 0.9) * (0.3 + 0.7 * strand)
