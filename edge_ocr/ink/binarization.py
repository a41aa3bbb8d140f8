"""Frame -> Ink: pen separated from paper under shadows, on ruled paper and on dark boards.

The paper is estimated by a grey-scale closing, which fills strokes but keeps the edges of shadows and sheets where they
are (Serra, 1982); what is darker than it, relative to it, is pen. The threshold follows the local strength of the pen
between a floor set by the paper's own noise and the page's strongest strokes.
"""

from collections.abc import Callable

import cv2
import numpy as np

from edge_ocr.ink.rulings import remove_rulings
from edge_ocr.page import Frame, Gray, Ink

WORKING_SIDE = 1920
"""Longer side in pixels to which larger pictures are reduced: enough for a page of 40 lines, bounded in time."""

SMALL_SIDE = 96
"""Pictures whose longer side is shorter are doubled: a crop of one character has few pixels a stroke."""

PAPER_SIDE = 256
"""Longer side in pixels at which the paper's brightness is estimated; it changes slowly."""

LEAST_DISC = 25
"""Smallest width in pixels of the disc that closes strokes."""

INK_LEVEL = 96
"""Strength (0 to 255) from which a pixel belongs to the mask."""

DARKEST_PAPER = 48
"""Darkest grey level assumed for paper, so that the noise of black areas is not amplified."""

LEAST_CONTRAST = 14
"""Least contrast of pencil (0 to 255, relative to the paper); paper grain is about 5."""


def closed_paper(small: Gray, least: int) -> Gray:
    """Brightness of what is written on: a closing by a disc, which leaves straight edges alone.

    At an edge the darker side's brightness counts for both; else the edge itself would look like a stroke.

    Args:
        small: (height, width) the picture reduced, dark strokes on light paper.
        least: width of the disc in pixels, at least.
    """
    # Wider than any stroke, narrower than a shadow or a sheet.
    side = max(least, min(small.shape) // 10)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side | 1, side | 1))
    # Continued beyond the border, a strip of dark desk beside the sheet is wide and no stroke.
    reach = side + 1
    wide = cv2.copyMakeBorder(small, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, disc)
    darker: Gray = cv2.erode(closed, np.ones((3, 3), np.uint8))[reach:-reach, reach:-reach]
    return darker


def page_strength(contrast: Gray) -> Gray:
    """Contrast scaled by the local strength of the pen, so that pencil and marker both reach 255."""
    height, width = contrast.shape
    block = max(32, min(height, width) // 24)
    small = (-(-width // block), -(-height // block))
    sample = np.ascontiguousarray(contrast[:: block // 4, :: block // 4])
    # A window of two blocks: even a marker fills less than half of it, so that its median is the paper's grain.
    noise = cv2.resize(cv2.medianBlur(sample, 9), small, interpolation=cv2.INTER_AREA).astype(np.float32)
    floor = np.maximum(LEAST_CONTRAST, 3 * np.maximum(noise, float(np.median(sample))))
    strongest = float(np.percentile(sample[sample > LEAST_CONTRAST], 90)) if (sample > LEAST_CONTRAST).any() else 255.0
    # Peaks of cells of an eighth of a block are found first; the rest is done on few pixels.
    cell = max(4, block // 8)
    peaks = np.ascontiguousarray(cv2.dilate(contrast, np.ones((cell, cell), np.uint8))[::cell, ::cell])
    peaks = cv2.resize(cv2.dilate(peaks, np.ones((9, 9), np.uint8)), small, interpolation=cv2.INTER_AREA)
    peak = cv2.blur(cv2.dilate(peaks, np.ones((3, 3), np.uint8)), (3, 3)).astype(np.float32)
    top = np.maximum(0.7 * peak, np.maximum(1.5 * floor, 0.25 * strongest))
    foot = np.maximum(0.3 * top, 0.6 * floor)
    span = np.clip(top - foot, 1, 255).astype(np.uint8)
    foot = np.clip(foot, 0, 255).astype(np.uint8)
    foot, span = (cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR) for field in (foot, span))
    strength: Gray = cv2.divide(cv2.subtract(contrast, foot), span, scale=255)
    return strength


def find_ink(
    frame: Frame,
    side: int = WORKING_SIDE,
    light: bool = False,
    strength_of: Callable[[Gray], Gray] = page_strength,
    paper_of: Callable[[Gray, int], Gray] = closed_paper,
) -> Ink:
    """Separate the pen from the paper.

    Args:
        frame: any size; grey or BGR.
        side: longer side in pixels to which a larger picture is reduced.
        light: whether strokes are lighter than what they are written on.
        strength_of: contrast to the paper, 0 to 255 -> how surely and strongly each pixel is pen, 0 to 255.
        paper_of: brightness of the paper; arguments and result as of `closed_paper`.

    Returns:
        Ink at the working resolution; an unwritten frame gives an empty mask.
    """
    gray, scale = working_gray(frame.image, side)
    shrink = -(-max(gray.shape) // PAPER_SIDE)
    small = _shrunk(gray, shrink)
    if light:
        gray, small = cv2.bitwise_not(gray), cv2.bitwise_not(small)
    paper = paper_of(small, LEAST_DISC // shrink)
    strength = strength_of(_contrast(gray, paper))
    mask = cv2.compare(strength, INK_LEVEL, cv2.CMP_GT)
    mask = remove_rulings(mask)
    # Soft edges of the strokes that remain are kept; everything else becomes paper.
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    return Ink(cv2.bitwise_and(strength, near), mask, scale)


def working_gray(image: Gray, side: int) -> tuple[Gray, float]:
    """Grey, at most `side` pixels long; and how many frame pixels one of its pixels is."""
    height, width = image.shape[:2]
    scale = max(1.0, max(height, width) / side) if max(height, width) >= SMALL_SIDE else 0.5
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    if scale != 1:
        # Average over whole pixels first: averaging over parts of pixels takes ten times as long.
        gray = _shrunk(gray, int(scale)) if scale >= 2 else gray
        how = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_CUBIC
        gray = cv2.resize(gray, (max(1, round(width / scale)), max(1, round(height / scale))), interpolation=how)
    return gray, scale


def _shrunk(gray: Gray, factor: int) -> Gray:
    """Reduced by a whole factor; up to `factor` - 1 pixels at the right and lower border are cut off."""
    height, width = (max(1, length // factor) for length in gray.shape)
    whole = gray[: height * factor, : width * factor]
    small: Gray = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    return small


def _contrast(gray: Gray, paper: Gray) -> Gray:
    """How much darker than the paper around it each pixel is: 0 (paper) to 255 (black on white)."""
    smooth = cv2.GaussianBlur(gray, (3, 3), 0)
    paper = cv2.max(cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR), DARKEST_PAPER)
    contrast: Gray = cv2.divide(cv2.subtract(paper, smooth), paper, scale=255)
    return contrast
