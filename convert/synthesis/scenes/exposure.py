"""A scene in light -> the picture that a camera takes of it: daylight, glare, lens, sensor, compression."""

import cv2
import numpy as np

from convert.synthesis.augmentation import Rng, between
from convert.synthesis.photograph import Field, daylight, defocus, shadow, shake
from convert.synthesis.scenes.shards import NOTHING, UNSURE, UP_CELL, Scene
from convert.synthesis.scenes.views import View
from edge_ocr.page import Gray


def expose(view: View, rng: Rng) -> Scene:
    """Light, glare, lens, sensor and compression; labels are reduced to their grids."""
    shape = view.light.shape
    light = view.light
    clean = rng.random() < 0.15  # A scan, or a drawing on a screen.
    if not clean:
        light = light * daylight(shape, between(rng, 0, 0.5), rng)
        if rng.random() < 0.4:
            light = light * shadow(shape, between(rng, 0.1, 0.65), between(rng, 0.002, 0.15), rng)
        if rng.random() < 0.12:
            light = light + _glare(shape, rng)
        if rng.random() < 0.7:
            light = defocus(light, between(rng, 0.2, min(2.5, 0.35 + 0.09 * view.sharp)))
        if rng.random() < 0.2:
            light = shake(light, between(rng, 0, min(5.0, 0.5 + 0.18 * view.sharp)), rng)
    gain = between(rng, 0.15, 0.5) if rng.random() < 0.1 else between(rng, 0.7, 1.25)
    levels = 255 * np.clip(light * gain, 0, 1) ** between(rng, 0.7, 1.4)
    noise = 0.0 if clean else between(rng, 0.5, 5.5) if rng.random() < 0.8 else between(rng, 5, 11)
    levels += noise * np.sqrt(levels / 128 + 0.2) * rng.standard_normal(shape, dtype=np.float32)
    picture = np.clip(levels, 0, 255).astype(np.uint8)
    if not clean or rng.random() < 0.3:
        data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(between(rng, 40, 95))])[1]
        picture = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    # Where glare has left nothing to be seen, nothing is asked for.
    view.text[cv2.erode(picture, np.ones((7, 7), np.uint8)) >= 252] = 0
    return _labelled(picture, view)


def _glare(shape: tuple[int, int], rng: Rng) -> Field:
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    size = between(rng, 0.05, 0.3) * max(shape)
    away = ((x - between(rng, 0, width)) / size) ** 2 + (
        (y - between(rng, 0, height)) / (size * between(rng, 0.3, 1))
    ) ** 2
    return between(rng, 0.2, 0.9) * np.exp(-away)


def _labelled(picture: Gray, view: View) -> Scene:
    """Cut to multiples of UP_CELL by continuing the border, and labels on their grids."""
    height, width = (-(-length // UP_CELL) * UP_CELL for length in picture.shape)
    below, right = height - picture.shape[0], width - picture.shape[1]
    picture = cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE)
    text, core, up = (
        cv2.copyMakeBorder(label, 0, below, 0, right, cv2.BORDER_CONSTANT) for label in (view.text, view.core, view.up)
    )
    small = cv2.resize(core, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    cells = (width // UP_CELL, height // UP_CELL)
    covered = cv2.resize(text, cells, interpolation=cv2.INTER_AREA)
    inside = cv2.resize(core, cells, interpolation=cv2.INTER_AREA)
    way = up[UP_CELL // 2 :: UP_CELL, UP_CELL // 2 :: UP_CELL]
    way = np.where((covered > 5) | (inside > 40), way, np.where(covered > 0, UNSURE, NOTHING)).astype(np.uint8)
    return Scene(picture, text, small, way)
