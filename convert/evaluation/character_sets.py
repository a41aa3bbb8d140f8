"""The test characters, as tiles cut by the runtime's own code, and what counts as right."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from convert.data.arrays import data_folder, load_images, load_strokes
from convert.data.classes import CAPITALS, DIGITS, LABELS, SMALL
from convert.evaluation.metrics import fold
from convert.synthesis.character_sources import StrokeSource
from convert.synthesis.seen_characters import ink_box
from edge_ocr.ink.binarization import find_ink
from edge_ocr.ink.components import find_components
from edge_ocr.layout.tile import cut_tile, stack_tiles
from edge_ocr.page import Frame, Gray, Ink

BYMERGE_FOLDED = "cijklmopsuvwxyz"
"""Small letters that EMNIST ByMerge counts as their capitals."""


@dataclass(frozen=True, slots=True)
class TestSet:
    """Tiles, their truths, and the groups of characters that count as one."""

    __test__ = False
    name: str
    tiles: Gray
    """(n, 32, 32) uint8."""
    truths: tuple[frozenset[str], ...]
    """The right groups of each tile (two if the case is unknown)."""
    group: Callable[[str], str]
    """The group of a character; "" if it is not allowed here."""

    @property
    def groups(self) -> list[str]:
        """All groups, sorted."""
        return sorted({self.group(char) for label in LABELS for char in label} - {""})

    def scores(self, log_probabilities: np.ndarray) -> np.ndarray:
        """(n, classes) log probabilities -> (n, groups): the probability of a group is that of all its classes."""
        columns = []
        for name in self.groups:
            members = [k for k, label in enumerate(LABELS) if any(self.group(char) == name for char in label)]
            columns.append(np.logaddexp.reduce(log_probabilities[:, members], axis=1))
        return np.stack(columns, axis=1)


def own(charset: str) -> Callable[[str], str]:
    """Only these characters are allowed, each a group."""
    return lambda char: char if char in charset else ""


def bymerge(char: str) -> str:
    """EMNIST ByMerge's 47 classes; no punctuation."""
    if not char.isalnum():
        return ""
    return char.upper() if char in BYMERGE_FOLDED else char


def lone_character(ink: Ink) -> Gray:
    """The ink of a crop's one character: its largest component and those that stand over, under or close by it.

    Components that touch the crop's edge are neighbours, unless they are the largest.
    """
    parts = find_components(ink.mask)
    if len(parts) < 2:
        return np.zeros((0, 0), np.uint8)
    height, width = ink.mask.shape
    cut = (parts.left == 0) | (parts.top == 0) | (parts.right == width) | (parts.bottom == height)
    weight = parts.area * np.where(cut, 0.5, 1.0)
    weight[0] = 0
    main = int(weight.argmax())
    size = max(parts.width[main], parts.height[main])
    across = np.maximum(parts.left, parts.left[main]) - np.minimum(parts.right, parts.right[main])
    down = np.maximum(parts.top, parts.top[main]) - np.minimum(parts.bottom, parts.bottom[main])
    kept = ~cut & (across < 0.2 * size) & (down < 0.6 * size) & (parts.area >= 0.02 * parts.area[main])
    kept[0], kept[main] = False, True
    own_mask = kept.astype(np.uint8)[parts.labels]
    x, y, w, h = cv2.boundingRect(own_mask)
    near = cv2.dilate(own_mask, np.ones((3, 3), np.uint8)) * 255
    return cv2.bitwise_and(ink.strength, near)[y : y + h, x : x + w]


def real_crops() -> tuple[Gray, list[str], list[str]]:
    """Tiles, characters and kinds ("cap", "digit", "small") of the photographed single characters."""
    tiles, chars, kinds = [], [], []
    for path in sorted((data_folder() / "real" / "characters").glob("*.png")):
        kind, char, _ = path.stem.split("_")
        picture = np.asarray(cv2.imread(str(path)), np.uint8)
        tiles.append(cut_tile(lone_character(find_ink(Frame(picture)))))
        chars.append(char)
        kinds.append(kind)
    return stack_tiles(tiles), chars, kinds


def real_sets() -> list[TestSet]:
    """The photographed characters, with their own charset and with everything allowed; none if there are none."""
    tiles, chars, kinds = real_crops()
    sets = []
    charsets = {"cap": ("capitals", CAPITALS), "digit": ("digits", DIGITS), "small": ("small letters", SMALL)}
    for kind, (name, charset) in charsets.items():
        which = [k for k, other in enumerate(kinds) if other == kind]
        if not which:
            continue
        exact = tuple(frozenset(chars[k]) for k in which)
        folded = tuple(frozenset(fold(chars[k])) for k in which)
        sets.append(TestSet(f"photographs: {name}, own charset", tiles[which], exact, own(charset)))
        sets.append(TestSet(f"photographs: {name}, all characters, folded", tiles[which], folded, fold))
    return sets


def emnist_set() -> TestSet:
    """EMNIST's test images folded to ByMerge's 47 classes."""
    images = load_images("test")
    tiles = []
    for image in images.images:
        x, y, width, height = ink_box(image)
        tiles.append(cut_tile(image[y : y + height, x : x + width]))
    truths = tuple(
        frozenset({bymerge(char)} if known else {bymerge(char), bymerge(char.swapcase())})
        for char, known in zip(images.chars.tolist(), images.case_known.tolist(), strict=True)
    )
    return TestSet("EMNIST test, ByMerge's 47 classes", stack_tiles(tiles), truths, bymerge)


def unipen_set(category: str, charset: str) -> TestSet:
    """Pen strokes of writers who are in no training data, drawn plainly, read with their own charset."""
    strokes = load_strokes(category, "test")
    source, rng = StrokeSource(strokes, {}), np.random.default_rng(0)
    tiles, truths = [], []
    for number in range(len(strokes)):
        char = str(strokes.labels[number])
        if char in charset:
            ink = source.render(number, rng, plain=True).ink
            x, y, width, height = ink_box(ink)
            tiles.append(cut_tile(ink[y : y + height, x : x + width]))
            truths.append(frozenset(char))
    return TestSet(f"UNIPEN {category}, own charset", stack_tiles(tiles), tuple(truths), own(charset))


def character_sets() -> list[TestSet]:
    """All of them; takes some ten seconds."""
    pens = [unipen_set("1a", DIGITS), unipen_set("1b", CAPITALS), unipen_set("1c", SMALL)]
    return [*real_sets(), emnist_set(), *pens]


def page_truths(folder: Path) -> dict[Path, str]:
    """Pictures of a folder and their texts, from its truth.json (name -> text)."""
    truths = json.loads((folder / "truth.json").read_text())
    return {folder / name: text for name, text in sorted(truths.items()) if (folder / name).exists()}
