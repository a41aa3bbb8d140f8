"""Frame -> Ink, guided by the finder's coarse look: where to look for pen, how strong it is, and whether dark or light.

The picture itself shows strokes more finely than a coarse map does; the map says what is no writing at all.
"""

from dataclasses import replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.binarization import closed_paper, find_ink
from edge_ocr.ink.components import Components, find_components
from edge_ocr.ink.finder import BLOCK, above
from edge_ocr.ink.looking import Sight, ramp, weighted_mean
from edge_ocr.ink.quantile import weighted_quantile
from edge_ocr.ink.resolution import find_legible_ink
from edge_ocr.page import Frame, Gray, Ink
from edge_ocr.stopwatch import Stopwatch

SEEN = 60
"""Value of a map, 0 to 255, from which a place may hold writing; low, since the picture is looked at again there."""

REACH = 2.0
"""What belongs to a place around it, in x-heights: ascenders, tails, and letters that the map missed."""

LEAST_REACH = 10
"""The same in pixels of the coarse look, at least."""

MARGIN, LEAST_MARGIN = 3.0, 24.0
"""Paper around the part that is looked at alone, in x-heights, and in pixels of the coarse look at least."""

SMALLER = 0.5
"""Part of the picture's area from which it is looked at whole."""

PEN = 110
"""Value of the pen map from which a pixel votes on whether pen is dark or light."""

CONTRAST_SIDE = 512
"""Longer side in pixels at which the pen's contrast is measured; it changes slowly."""

NEAR, LEAST_NEAR = 4.0, 5
"""Distance within which pen sets the contrast of a place, in x-heights, and in pixels at least."""

STROKE, BETWEEN = 70, 1.5
"""Value of the pen map from which a pixel is no paper, and how far paper is looked for, in x-heights."""

LEAST_CONTRAST = 10.0
"""Contrast of pen at least, 0 to 255, relative to its paper; paper grain is about 5."""

FOOT, TOP = 0.22, 0.85
"""Parts of the pen's usual contrast at which ink begins and is full."""

WRITING = 10.0
"""Mean of the pen map over a component, 0 to 255, from which it is kept."""

IN_LINE = 90.0
"""Mean of the core zones over a component from which it may be a letter of a line."""

FAINTER, FAINTER_IN_LINE = 0.3, 0.2
"""Mean of the pen map over a component, and over one in a line, as parts of the page's usual one, from which it is
kept: where letters are seen clearly, the walls of cells beside them are not."""

USUAL = 0.7
"""Part of the pen, from faint to clear, at which the usual mean is taken."""

LARGE = 4.0
"""Height, or half of the width, in x-heights from which a component is more than a letter or a word."""

CERTAIN, LEAST = 110.0, 6.0
"""Mean from which a large component is kept whole, and below which it is dropped; between them it is cut."""

CUT = 60
"""Value of the pen map from which a pixel of such a component is kept, with its neighbours."""


def find_guided_ink(frame: Frame, coarse: Sight, watch: Stopwatch | None = None) -> tuple[Ink, Components]:
    """Separate the pen from the paper where the coarse look saw writing.

    Args:
        frame: any size, grey or BGR.
        coarse: of the same frame.
        watch: as in `find_legible_ink`.

    Returns:
        Ink at the resolution that the letters need and its components; empty where nothing was seen.
    """
    places = written_places(coarse)
    if not places.any():
        nothing = np.zeros_like(coarse.pen)
        return Ink(nothing, nothing, coarse.scale), find_components(nothing)
    light = is_light(coarse)

    def find(frame: Frame, side: int) -> Ink:
        strength_of, paper_of = partial(pen_strength, sight=coarse), partial(paper_around, sight=coarse)
        ink = find_ink(frame, side, light, strength_of, paper_of)
        here = cv2.resize(places, ink.mask.shape[::-1], interpolation=cv2.INTER_NEAREST)
        return Ink(cv2.bitwise_and(ink.strength, here), cv2.bitwise_and(ink.mask, here), ink.scale)

    return find_legible_ink(frame, find, partial(_letters, sight=coarse), watch)


def paper_around(small: Gray, least: int, sight: Sight) -> Gray:
    """Brightness of the paper: halfway between the closing and what lies between the strokes that the look shows.

    The closing takes the brightest grain for the paper, so that walls of cells and folds become strokes; the look does
    not show every stroke.

    Args:
        small, least: as of `closed_paper`.
        sight: of the same picture.
    """
    height, width = small.shape
    strokes = cv2.dilate(above(sight.pen, STROKE), np.ones((3, 3), np.uint8))
    free = cv2.resize(strokes, (width, height), interpolation=cv2.INTER_LINEAR) == 0
    reach = max(LEAST_NEAR, round(BETWEEN * sight.x_height * width / sight.pen.shape[1]))
    between = weighted_mean(small.astype(np.float32), free.astype(np.float32), reach)
    paper: Gray = cv2.addWeighted(between.clip(0, 255).astype(np.uint8), 0.5, closed_paper(small, least), 0.5, 0)
    return paper


def pen_strength(contrast: Gray, sight: Sight) -> Gray:
    """Contrast scaled by that of the pen nearby, as the coarse look shows it: nothing else on the desk counts.

    Args:
        contrast: (height, width) how much a pixel differs from its paper, 0 to 255; of any resolution.
        sight: of the same picture.
    """
    height, width = contrast.shape
    factor = -(-max(height, width) // CONTRAST_SIDE)
    small = (max(1, width // factor), max(1, height // factor))
    peaks = cv2.resize(cv2.dilate(contrast, np.ones((3, 3), np.uint8)), small, interpolation=cv2.INTER_AREA)
    pen = cv2.resize(sight.pen, small, interpolation=cv2.INTER_LINEAR).astype(np.float32) / 255
    reach = max(LEAST_NEAR, round(NEAR * sight.x_height * small[0] / sight.pen.shape[1]))
    usual = np.maximum(weighted_mean(peaks.astype(np.float32), pen * pen, reach), LEAST_CONTRAST)
    usual = cv2.resize(usual, (width, height), interpolation=cv2.INTER_LINEAR)
    return ramp(contrast, usual, FOOT, TOP)


def around_writing(frame: Frame, sight: Sight) -> tuple[Frame, Sight, tuple[int, int]]:
    """The part of a frame that holds all its writing with some paper around it, if that is much smaller.

    Returns:
        The part, the same part of the look, and the part's left and top in the frame.
    """
    x, y, wide, tall = cv2.boundingRect(written_places(sight))
    rows, columns = sight.core.shape
    margin = round(max(LEAST_MARGIN, MARGIN * sight.x_height) / BLOCK)
    left, right = max(0, x - margin), min(columns, x + wide + margin)
    top, bottom = max(0, y - margin), min(rows, y + tall + margin)
    if wide == 0 or (right - left) * (bottom - top) > SMALLER * rows * columns:
        return frame, sight, (0, 0)
    place = slice(BLOCK * top, BLOCK * bottom), slice(BLOCK * left, BLOCK * right)
    gray, pen = (np.ascontiguousarray(image[place]) for image in (sight.gray, sight.pen))
    core = np.ascontiguousarray(sight.core[top:bottom, left:right])
    x0, y0, x1, y1 = (round(BLOCK * sight.scale * value) for value in (left, top, right, bottom))
    part = Frame(np.ascontiguousarray(frame.image[y0:y1, x0:x1]), frame.name)
    return part, replace(sight, gray=gray, pen=pen, core=core), (x0, y0)


def written_places(sight: Sight) -> Gray:
    """(height / 4, width / 4) 255 where writing is or may be, 0 elsewhere."""
    cells = cv2.resize(sight.pen, sight.core.shape[::-1], interpolation=cv2.INTER_AREA)
    seen = above(cv2.max(sight.core, cells), SEEN)
    reach = max(LEAST_REACH, round(REACH * sight.x_height)) // BLOCK
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    places: Gray = cv2.dilate(seen, kernel)
    return places


def is_light(sight: Sight) -> bool:
    """Whether pen is surely lighter than its surroundings."""
    pen = sight.pen > PEN
    if not pen.any():
        return False
    around = cv2.dilate(pen.astype(np.uint8), np.ones((9, 9), np.uint8)) > cv2.dilate(
        (sight.pen > SEEN).astype(np.uint8), np.ones((3, 3), np.uint8)
    )
    if not around.any():
        return False
    near = cv2.blur(sight.gray, (15, 15)).astype(np.int32)
    return bool((sight.gray[pen].astype(np.int32) - near[pen]).sum() > 0)


def cleared(ink: Ink, parts: Components, close: Sight) -> Ink:
    """Ink without what the closer look takes for no pen of writing.

    Components are kept or dropped whole by the mean of the map over them, so that no stroke is thinned; those larger
    than letters, as a table with its digits or a word on a ruling, are cut pixel by pixel.

    Args:
        ink: of the same frame as `close`.
        parts: its components.
        close: of any resolution.
    """
    if len(parts) < 2:
        return ink
    pen, mean, is_letter, large = _judged(parts, close)
    kept_whole = np.where(large, mean >= CERTAIN, is_letter)
    fate = np.where(kept_whole, np.uint8(255), np.uint8(0))
    cut = large & (mean < CERTAIN) & (mean > LEAST)
    fate[0] = 0
    kept = fate[parts.labels]
    if cut.any():
        near = cv2.dilate(above(pen, CUT), np.ones((3, 3), np.uint8))
        kept = cv2.bitwise_or(kept, cv2.bitwise_and((cut * np.uint8(255)).astype(np.uint8)[parts.labels], near))
    mask = cv2.bitwise_and(ink.mask, kept)
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    return replace(ink, strength=cv2.bitwise_and(ink.strength, near), mask=mask, seen=pen)


def _letters(parts: Components, sight: Sight) -> NDArray[np.bool_]:
    """(components,) which a look takes for letters or words."""
    _, _, is_letter, large = _judged(parts, sight)
    return is_letter & ~large


def _judged(parts: Components, sight: Sight) -> tuple[Gray, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """The pen map at the components' resolution, then of each component, (components,): the map's mean over it, whether
    that is a letter's, and whether it is larger than a word."""
    size = parts.labels.shape[::-1]
    pen, core = (cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in (sight.pen, sight.core))
    x_height = sight.x_height * size[0] / sight.pen.shape[1]
    inked = np.flatnonzero(parts.labels)  # A twentieth of a page.
    numbers, area = parts.labels.ravel()[inked], np.maximum(1, parts.area)
    mean, in_line = (np.bincount(numbers, one.ravel()[inked], len(parts)) / area for one in (pen, core))
    usual = _usual(mean, area)
    least, least_in_line = max(WRITING, FAINTER * usual), FAINTER_IN_LINE * usual
    is_letter = (mean >= least) | ((in_line >= IN_LINE) & (mean >= least_in_line))
    large = np.maximum(parts.height, parts.width / 2) > LARGE * x_height
    return pen, mean, is_letter, large


def _usual(mean: NDArray[np.float64], area: NDArray[np.int32]) -> float:
    """Mean of the map over a usual letter: over components that may be writing, weighted by area; 0 without any."""
    seen = np.flatnonzero(mean[1:] >= WRITING) + 1
    return weighted_quantile(mean[seen], area[seen], USUAL) if seen.size else 0.0
