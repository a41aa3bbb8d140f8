"""Made scenes as they are kept: pictures and their labels, compressed, some hundreds to a file."""

import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge_ocr.page import Gray

UP_CELL = 16
"""Pixels to one cell of the map of directions."""

NOTHING, UNSURE = 0, 255
"""Classes of that map beside 1 to 4 (up is up, right, down, left: turned clockwise by 0, 90, 180, 270 degrees)."""


HELD = "held.npz"
"""Shard of scenes with backgrounds, textures, hands and fonts that training never sees."""


@dataclass
class Scene:
    """A picture with its labels."""

    picture: Gray
    """(height, width) uint8."""
    text: Gray
    """(height, width) uint8: pen of text, 0 to 255."""
    core: Gray
    """(height / 4, width / 4) uint8: part of each cell in a line's core zone, 0 to 255."""
    up: Gray
    """(height / 16, width / 16) uint8: which way text is turned there."""


def scene_shard_path(folder: Path, number: int) -> Path:
    return folder / f"scenes-{number:03}.npz"


def save_scenes(path: Path, scenes: list[Scene]) -> None:
    """Pictures and labels as PNG or JPEG in one array of bytes."""
    blobs: list[np.ndarray] = []
    for scene in scenes:
        jpeg = cv2.imencode(".jpg", scene.picture, [cv2.IMWRITE_JPEG_QUALITY, 96])[1]
        blobs += [jpeg, *(cv2.imencode(".png", label)[1] for label in (scene.text, scene.core, scene.up))]
    unfinished = path.with_suffix(".partial")
    with unfinished.open("wb") as file:
        np.savez(
            file, data=np.concatenate([blob.ravel() for blob in blobs]), sizes=np.array([blob.size for blob in blobs])
        )
    os.replace(unfinished, path)


def load_scenes(path: Path) -> list[Scene]:
    """What `save_scenes` stored."""
    with np.load(path) as arrays:
        parts = np.split(arrays["data"], np.cumsum(arrays["sizes"])[:-1])
    images = [np.asarray(cv2.imdecode(part, cv2.IMREAD_GRAYSCALE), np.uint8) for part in parts]
    return [Scene(*images[start : start + 4]) for start in range(0, len(images), 4)]
