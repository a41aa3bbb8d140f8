"""Frame -> Ink through the finder: a coarse look at all of it, a close one where small writing is.

The coarse look shows where writing is and how large; only those parts are looked at again, so that a note in a large
photograph costs little, and a scene without writing costs one look.
"""

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.binarization import INK_LEVEL, WORKING_SIDE, working_gray
from edge_ocr.ink.finder import BLOCK, CORE_LEVEL, Finder, above
from edge_ocr.ink.quantile import weighted_quantile
from edge_ocr.page import Frame, Gray, Ink
from edge_ocr.stopwatch import FINDING_SHARE, Stopwatch

GLANCE_SIDE = 512
"""Longer side in pixels of the coarse look."""

LEGIBLE = 11.0
"""x-height in pixels from which letters are read as well as larger ones."""

WANTED = 15.0
"""x-height in pixels at which smaller letters are looked at again, if the picture has it."""

LARGE = 40.0
"""x-height in pixels above which a coarser look sees the strokes better."""

LEAST_STEP = 1.2
"""Factor by which the closer look is larger at least."""

REACH = 2.5
"""What is looked at again around a line, in its x-heights: ascenders, descenders and words that were missed."""

LEAST_CELLS = 3
"""Cells of a core zone below which it is not believed."""

TILE, HALO = 576, 48
"""Side of the parts in pixels that are looked at closely at a time, and how far each sees into its neighbours."""

FAINT = 40
"""Value of the pen map, 0 to 255, that counts as perhaps pen in the coarse look."""

NEAR = 70
"""Value of the pen map from which a pixel, and its neighbours, may be a stroke."""

FOOT, TOP = 0.3, 0.85
"""Parts of the strokes' usual contrast at which ink begins and is full."""

LEAST_CONTRAST = 6.0
"""Grey levels by which strokes differ from their paper at least."""

Part = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the looks found, at the resolution of the last one."""

    gray: Gray
    """(height, width) the picture."""
    pen: Gray
    """(height, width) pen of writing, 0 to 255."""
    core: Gray
    """(height / 4, width / 4) core zones, 0 to 255."""
    ways: NDArray[np.float32]
    """(5,) scores as in `Maps`, of the coarse look."""
    scale: float
    """Frame pixels to one pixel of `pen`."""
    x_height: float
    """Of the usual line in pixels; 0 where there is no writing."""


def glance(frame: Frame, finder: Finder) -> Sight:
    """The coarse look at all of a frame, any size, grey or BGR."""
    longest = min(max(frame.image.shape[:2]), WORKING_SIDE)
    gray, scale = working_gray(frame.image, min(GLANCE_SIDE, longest))
    maps = finder(gray)
    return Sight(gray, maps.pen, maps.core, maps.ways, scale, usual_x_height(maps.core))


def look_closer(frame: Frame, finder: Finder, coarse: Sight, watch: Stopwatch | None = None) -> Sight:
    """A look at the size that the letters need, where there are any and there is time; else what the coarse one saw."""
    longest, seen = min(max(frame.image.shape[:2]), WORKING_SIDE), max(coarse.gray.shape)
    if coarse.x_height == 0 or coarse.x_height >= LEGIBLE:
        return coarse
    side = min(longest, round(seen * WANTED / coarse.x_height))
    return _close(frame, finder, coarse, side, watch or Stopwatch()) if side >= LEAST_STEP * seen else coarse


def _close(frame: Frame, finder: Finder, coarse: Sight, side: int, watch: Stopwatch) -> Sight:
    """The same at a longer side of `side` pixels, looked at only where the coarse look saw writing.

    A look that time does not let end shows nothing: the coarse one does.
    """
    gray, scale = working_gray(frame.image, side)
    larger = coarse.scale / scale
    pen = np.zeros_like(gray)
    core = np.zeros((-(-gray.shape[0] // BLOCK), -(-gray.shape[1] // BLOCK)), np.uint8)
    for left, top, right, bottom in written_parts(coarse):
        box = [round(larger * value) for value in (left, top, right, bottom)]
        for tile in tiles((box[0], box[1], min(box[2], gray.shape[1]), min(box[3], gray.shape[0]))):
            if watch.is_over(FINDING_SHARE):
                return coarse
            _look_at(tile, gray, finder, pen, core)
    return Sight(gray, pen, core, coarse.ways, scale, larger * coarse.x_height)


def _look_at(tile: Part, gray: Gray, finder: Finder, pen: Gray, core: Gray) -> None:
    """Look at one tile with its surroundings and keep what lies inside."""
    left, top, right, bottom = tile
    x, y = max(0, left - HALO), max(0, top - HALO)
    maps = finder(gray[y : bottom + HALO, x : right + HALO])
    pen[top:bottom, left:right] = maps.pen[top - y : bottom - y, left - x : right - x]
    rows, columns = slice(top // BLOCK, -(-bottom // BLOCK)), slice(left // BLOCK, -(-right // BLOCK))
    seen = maps.core[(top - y) // BLOCK :, (left - x) // BLOCK :]
    area = core[rows, columns]
    area[:] = seen[: area.shape[0], : area.shape[1]]


def tiles(part: Part) -> list[Part]:
    """A part cut into tiles of at most TILE pixels each way, their corners on multiples of BLOCK."""
    left, top, right, bottom = part
    left, top = left // BLOCK * BLOCK, top // BLOCK * BLOCK
    across, down = max(1, -(-(right - left) // TILE)), max(1, -(-(bottom - top) // TILE))
    wide, tall = (-(-size // (BLOCK * count)) * BLOCK for size, count in ((right - left, across), (bottom - top, down)))
    corners = product(range(top, bottom, tall), range(left, right, wide))
    return [(x, y, min(x + wide, right), min(y + tall, bottom)) for y, x in corners]


def written_parts(sight: Sight) -> list[Part]:
    """Boxes in pixels, none within another's reach, that hold all writing with its surroundings."""
    height, width = sight.pen.shape
    cells = cv2.resize(sight.pen, sight.core.shape[::-1], interpolation=cv2.INTER_AREA)
    there = cv2.bitwise_or(above(sight.core, CORE_LEVEL), above(cells, FAINT))
    reach = max(1, round(REACH * sight.x_height / BLOCK))
    wide = cv2.dilate(there, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(wide)
    boxes = [(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:].tolist()]
    found = [tuple(BLOCK * value for value in box) for box in _merged(boxes)]
    return [(left, top, min(right, width), min(bottom, height)) for left, top, right, bottom in found]


def _merged(boxes: list[Part]) -> list[Part]:
    """Boxes that overlap become the one around them."""
    merged: list[Part] = []
    for box in boxes:
        touching = [other for other in merged if _overlap(box, other)]
        while touching:
            for other in touching:
                merged.remove(other)
                box = (min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3]))
            touching = [other for other in merged if _overlap(box, other)]
        merged.append(box)
    return merged


def _overlap(box: Part, other: Part) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def usual_x_height(core: Gray) -> float:
    """Height of the usual core zone in pixels, each weighted by its length; 0 where there is none."""
    mask = above(core, CORE_LEVEL)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    zones = []
    for outline in outlines:
        (_, (wide, tall), _) = cv2.minAreaRect(outline)
        if len(outline) < LEAST_CELLS:
            continue
        long, short = max(wide, tall) + 1, min(wide, tall) + 1
        # A curved or stepped zone's rectangle is higher than the zone.
        area = cv2.contourArea(outline) + len(outline) / 2 + 1
        zones.append((min(short, area / long), long))
    if not zones:
        return 0.0
    heights, lengths = np.array(zones).T
    return BLOCK * weighted_quantile(heights, lengths)


def ink_within(sight: Sight) -> Ink:
    """What stands out from the paper within the pen map, whether darker or lighter, as strong as strokes around it.

    The map says where pen is; the picture itself says how strokes run, more finely than the map.
    """
    near = cv2.dilate(above(sight.pen, NEAR), np.ones((3, 3), np.uint8))
    if not near.any():
        return _ink(sight, near, near)
    gray = cv2.GaussianBlur(sight.gray, (3, 3), 0).astype(np.float32)
    reach = max(5, round(1.5 * sight.x_height)) | 1
    free = cv2.dilate(near, np.ones((3, 3), np.uint8)) == 0
    paper = weighted_mean(gray, free.astype(np.float32), reach)
    pen = sight.pen.astype(np.float32) * (1 / 255)
    darker = paper - gray
    side = np.where(cv2.blur(darker * pen, (2 * reach + 1, 2 * reach + 1)) < 0, np.float32(-1), np.float32(1))
    contrast = np.maximum(darker * side, 0)
    usual = np.maximum(weighted_mean(contrast, pen * pen, 2 * reach + 1), LEAST_CONTRAST)
    strength = cv2.bitwise_and(ramp(contrast, usual, FOOT, TOP), near)
    return _ink(sight, strength, above(strength, INK_LEVEL))


def ramp(contrast: Gray | NDArray[np.float32], usual: NDArray[np.float32], foot: float, top: float) -> Gray:
    """Contrast as strength: 0 up to the part `foot` of the usual one around each pixel, 255 from the part `top` on."""
    share = (contrast / usual - foot) * (255 / (top - foot))
    strength: Gray = np.clip(share, 0, 255).astype(np.uint8)
    return strength


def weighted_mean(values: NDArray[np.float32], weights: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Weighted mean around every pixel, from a wider window where the near one has no weight."""
    window = (2 * reach + 1, 2 * reach + 1)
    total, weight = cv2.blur(values * weights, window), cv2.blur(weights, window)
    everywhere = float((values * weights).sum() / max(float(weights.sum()), 1e-6))
    result: NDArray[np.float32] = (total + 1e-3 * everywhere) / (weight + 1e-3)
    return result


def _ink(sight: Sight, strength: Gray, mask: Gray) -> Ink:
    return Ink(strength, mask, sight.scale, sight.core, sight.pen)
