"""The pictures for calibrating activations, and whether they look like what the reader cuts."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from convert.data.arrays import DataNotFound
from convert.paths import CACHE, SAMPLE_PAGES
from convert.quantization.cuts import reader_strips, reader_tiles
from convert.quantization.own_pictures import Pictures, read_pictures
from convert.quantization.recipe import TRAINING, Recipe
from convert.synthesis.scenes.shards import load_scenes, scene_shard_path
from convert.synthesis.strips import load_strip_shard, separate, strip_shard_path
from convert.synthesis.tiles import load_shard, shard_path
from edge_ocr.ink.binarization import working_gray
from edge_ocr.ink.finder import MULTIPLE
from edge_ocr.ink.resolution import GLANCE_SIDE
from edge_ocr.layout.strip import HEIGHT
from edge_ocr.layout.tile import SIDE, stack_tiles
from edge_ocr.page import Gray
from edge_ocr.picture.folder import find_images
from edge_ocr.picture.load import load_image

CALIBRATION_TILES = 1000
"""Tiles of each kind for calibration; more changed no range by more than one step."""

CALIBRATION_STRIPS = 400
"""Strips for calibration, of all widths."""

CALIBRATION_SCENES, SCENE_SIDE = 200, 256
"""Scenes that calibration sees, and their height and width at most."""

ENDS = "ends"
"""The part that holds an empty and a full picture."""

FEWEST = 50
"""Fewer pictures give unreliable ranges."""

GREY_LEVELS = 16
"""Bins of the compared histograms."""

MOST_UNLIKE = 0.12
"""Difference above which there is a warning; our pages, training sets and EMNIST are at 0.01 to 0.08."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Pictures (height, width) uint8 by source."""

    parts: Mapping[str, Sequence[Gray] | Gray]

    @property
    def images(self) -> list[Gray]:
        """All of them, in order."""
        return [image for part in self.parts.values() for image in part]

    def facts(self) -> dict[str, Any]:
        """Their numbers and hashes, as in model.json."""
        parts = {name: {"pictures": len(part), "sha256": digest(part)} for name, part in self.parts.items()}
        return {"pictures": len(self.images), "sha256": digest(self.images), "parts": parts}


def digest(images: Iterable[Gray]) -> str:
    """SHA-256 of pictures: of their sizes and pixels, in order."""
    found = hashlib.sha256()
    for image in images:
        found.update(f"{image.shape[0]}x{image.shape[1]};".encode())
        found.update(np.ascontiguousarray(image).tobytes())
    return found.hexdigest()


def gather(kind: str, recipe: Recipe) -> Calibration:
    """The calibration pictures of a recipe for a model of this kind ("characters" or "lines").

    Raises:
        DataNotFound: the generated training data, the sample pages or the recipe's folder are missing.
    """
    if recipe.calibration != TRAINING:
        return calibration_on(own_pictures(recipe.calibration, kind, recipe.seed), kind)
    makers = {"characters": _tiles, "lines": _strips, "finder": _scenes}
    return makers[kind](recipe.seed)


def _tiles(seed: int) -> Calibration:
    """What the runtime sees: tiles cut from the sample pages, synthetic ones of every class, and both extremes."""
    rng = np.random.default_rng(seed)
    shard = _made(shard_path(CACHE / "tiles", 0), "characters")
    if not any(SAMPLE_PAGES.glob("*.jpg")):
        raise DataNotFound(f"There are no sample pages in {SAMPLE_PAGES}: run it from the checkout")
    sources = {
        str(SAMPLE_PAGES): stack_tiles(reader_tiles(find_images([SAMPLE_PAGES]))),
        str(shard): load_shard(shard).tiles,
    }
    parts = {name: tiles[rng.permutation(len(tiles))[:CALIBRATION_TILES]] for name, tiles in sources.items()}
    return Calibration({**parts, ENDS: _ends()})


def _ends() -> Gray:
    """Empty and full: with them the int8 input is exactly the pixel with its sign bit flipped."""
    return np.stack([np.zeros((SIDE, SIDE), np.uint8), np.full((SIDE, SIDE), 255, np.uint8)])


def _strips(seed: int) -> Calibration:
    """Strips of the training, half of them from photographs, each (HEIGHT, width) uint8."""
    shard = _made(strip_shard_path(CACHE / "strips", 0), "lines")
    strips = separate(load_strip_shard(shard))
    chosen = np.random.default_rng(seed).permutation(len(strips))[:CALIBRATION_STRIPS]
    full = np.full((HEIGHT, 64), 255, np.uint8)
    return Calibration({str(shard): [strips[number] for number in chosen], ENDS: [full]})


def _scenes(seed: int) -> Calibration:
    """Parts of made scenes, (SCENE_SIDE, SCENE_SIDE) uint8, and the ends of the range of grey."""
    shard = _made(scene_shard_path(CACHE / "scenes", 0), "finder")
    rng = np.random.default_rng(seed)
    scenes = load_scenes(shard)
    chosen = [scenes[number].picture for number in rng.permutation(len(scenes))[:CALIBRATION_SCENES]]
    parts = [_whole_cells(picture[:SCENE_SIDE, :SCENE_SIDE]) for picture in chosen]
    ends = [np.full((32, 32), level, np.uint8) for level in (0, 255)]
    return Calibration({str(shard): parts, ENDS: ends})


def _whole_cells(picture: Gray) -> Gray:
    """Continued to whole multiples of what the network divides its input by."""
    below, right = (-length % MULTIPLE for length in picture.shape)
    return cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE)


def _made(path: Path, kind: str) -> Path:
    if not path.exists():
        raise DataNotFound(
            f"There is no {path} to calibrate on: `python -m convert train {kind}` makes it first, from the data that "
            "docs/data.md describes"
        )
    return path


def own_pictures(place: str, kind: str, seed: int) -> Pictures:
    """As many of the pictures that a user brings as calibration needs."""
    return read_pictures(Path(place), kind, CALIBRATION_TILES if kind == "characters" else CALIBRATION_STRIPS, seed)


def calibration_on(pictures: Pictures, kind: str) -> Calibration:
    """Those pictures and both extremes."""
    ends = _ends() if kind == "characters" else [np.full((HEIGHT, 64), 255, np.uint8)]
    return Calibration({"pictures": pictures.images, ENDS: ends})


def _glance(path: Path) -> Gray:
    """A picture at the size of the reader's first look."""
    return _whole_cells(working_gray(load_image(path).image, GLANCE_SIDE)[0])


def seen_by_reader(kind: str, samples: Path | None = None) -> list[Gray]:
    """Tiles or strips of the sample pages: what a calibration set should look like."""
    if kind == "finder":
        return [_glance(path) for path in find_images([samples or SAMPLE_PAGES])]
    cut = reader_tiles if kind == "characters" else reader_strips
    return cut(find_images([samples or SAMPLE_PAGES]))


def unlikeness(images: Iterable[Gray], others: Iterable[Gray]) -> float:
    """How far the grey levels of two sets of pictures differ: total variation of their histograms, 0 (same) to 1."""
    shares = []
    for group in (images, others):
        counts = sum(np.bincount((image.ravel() // (256 // GREY_LEVELS)), minlength=GREY_LEVELS) for image in group)
        shares.append(counts / np.sum(counts))
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def warnings(calibration: Calibration, seen: Sequence[Gray]) -> list[str]:
    """What speaks against a calibration set, one sentence each."""
    images = [image for name, part in calibration.parts.items() if name != ENDS for image in part]
    found = []
    if len(images) < FEWEST:
        found.append(f"calibration has {len(images)} pictures only: use {FEWEST} or more, better hundreds")
    away = unlikeness(images, seen)
    if away > MOST_UNLIKE:
        found.append(
            f"calibration looks unlike what the reader cuts: grey levels differ by {away:.2f} of 1 (up to "
            f"{MOST_UNLIKE} is usual); the reader gives paper 0 and pen up to 255"
        )
    return found
