"""Pictures that somebody brings to calibrate on, and what stands on each, where they say so.

A folder of pictures; a folder of folders, one for each label; MNIST's idx files, gzipped or not; an array in a .npy.
"""

import gzip
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from convert.data.arrays import BadDataset, DataNotFound
from convert.data.emnist import parse_idx
from convert.evaluation.character_sets import lone_character
from convert.quantization.cuts import reader_strips, reader_tiles
from edge_ocr.errors import ImageNotFound
from edge_ocr.ink.binarization import find_ink
from edge_ocr.layout.strip import HEIGHT, cut_strip
from edge_ocr.layout.tile import SIDE, cut_tile
from edge_ocr.page import Frame, Gray
from edge_ocr.picture.folder import find_images
from edge_ocr.picture.load import load_image

LARGEST_SCAN = 64
"""Height and width in pixels up to which a picture of one character is ink on even ground, as data sets have it."""

INK = 40
"""Level of grey above which there is ink in such a picture."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Tiles or strips, as the reader would cut them."""

    images: Sequence[Gray]
    names: Sequence[str | int | None]
    """What stands on each: its folder's name, or the number of its class; None where nothing says so."""


def read_pictures(place: Path, kind: str, most: int, seed: int) -> Pictures:
    """At most `most` pictures of a folder or file, by chance.

    Args:
        place: see the module.
        kind: of the model, "characters" or "lines".

    Raises:
        DataNotFound: there is nothing, or no writing in it.
        BadDataset: the file is damaged or of another kind.
    """
    if place.is_file():
        found = _from_array(place, kind, most, seed)
    elif place.is_dir():
        classes = [folder for folder in sorted(place.iterdir()) if folder.is_dir() and not folder.name.startswith(".")]
        found = _from_classes(classes, most, seed) if classes and kind == "characters" else _from_folder(place, kind)
    else:
        raise DataNotFound(
            f"There is no folder {place} to calibrate on: name one with pictures of writing, or an idx or .npy file"
        )
    if not len(found.images):
        raise DataNotFound(f"The pictures in {place} show no writing: name others")
    chosen = sorted(np.random.default_rng(seed).permutation(len(found.images))[:most].tolist())
    return Pictures([found.images[number] for number in chosen], [found.names[number] for number in chosen])


def _from_folder(folder: Path, kind: str) -> Pictures:
    """Pictures of a tile's size (a strip's height) as they are, and what the reader cuts from others."""
    cut, size = (reader_tiles, (SIDE, SIDE)) if kind == "characters" else (reader_strips, (HEIGHT,))
    images: list[Gray] = []
    pages: list[Path] = []
    for path in find_images([folder]):
        image = grey(load_image(path).image)
        if image.shape[: len(size)] == size:
            images.append(image)
        else:
            pages.append(path)
    images.extend(cut(pages))
    return Pictures(images, [None] * len(images))


def _from_classes(folders: Sequence[Path], most: int, seed: int) -> Pictures:
    """A folder for each label, of pictures of one character each."""
    named: list[tuple[Path, str]] = []
    for folder in folders:
        with suppress(ImageNotFound):
            named += [(path, folder.name) for path in find_images([folder])]
    chosen = np.random.default_rng(seed).permutation(len(named))[:most].tolist()
    images = [single(grey(load_image(named[number][0]).image)) for number in chosen]
    return Pictures(images, [named[number][1] for number in chosen])


def _from_array(path: Path, kind: str, most: int, seed: int) -> Pictures:
    """An idx file, whose labels lie beside it, or a .npy: (n, height, width) or (n, height, width, 1)."""
    try:
        array, labels = _load_npy(path) if path.suffix == ".npy" else _load_idx(path)
    except (OSError, EOFError, ValueError) as error:
        raise BadDataset(
            f"{path} cannot be read ({error}): expected an idx file of images or a .npy, (n, height, width)"
        ) from error
    chosen = np.random.default_rng(seed).permutation(len(array))[:most].tolist()
    images = [single(array[number]) if kind == "characters" else _line(array[number]) for number in chosen]
    return Pictures(images, [int(labels[number]) if number < len(labels) else None for number in chosen])


def _load_npy(path: Path) -> tuple[np.ndarray, Sequence[int]]:
    array = np.load(path, allow_pickle=False)
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim != 3:
        raise ValueError(f"its shape is {array.shape}")
    if array.dtype.kind == "f":
        array = array * (255 if array.max(initial=0) <= 1 else 1)
    return np.clip(np.round(array), 0, 255).astype(np.uint8), ()


def _load_idx(path: Path) -> tuple[np.ndarray, Sequence[int]]:
    beside = path.with_name(path.name.replace("images-idx3", "labels-idx1").replace("images.idx3", "labels.idx1"))
    labels = parse_idx(_unzipped(beside), 1) if beside != path and beside.is_file() else np.zeros(0, np.uint8)
    return parse_idx(_unzipped(path), 3), labels.tolist()


def _unzipped(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def grey(image: Gray) -> Gray:
    """A picture without colours."""
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def single(image: Gray) -> Gray:
    """The tile of a picture of one character: of a scan by its levels of grey, of a photograph by its ink."""
    if image.shape == (SIDE, SIDE):
        return image
    if max(image.shape) > LARGEST_SCAN:
        return cut_tile(lone_character(find_ink(Frame(image))))
    ink = _bright(image)
    left, top, width, height = cv2.boundingRect((ink > INK).astype(np.uint8))
    return cut_tile(ink[top : top + height, left : left + width])


def _line(image: Gray) -> Gray:
    return image if image.shape[0] == HEIGHT else cut_strip(_bright(image)).image


def _bright(image: Gray) -> Gray:
    """Ink bright on black: most of a picture is paper."""
    return 255 - image if np.median(image) > 127 else image
