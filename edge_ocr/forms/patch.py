"""A field's handwriting alone: its part of the photograph, laid flat, without the form's print."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.forms.form import Area
from edge_ocr.forms.placement import Homography
from edge_ocr.page import Gray

MARGIN = 0.15
"""Part of a field's height around it that is looked at, too: hands do not stay in boxes."""

LARGEST_SIDE = 2400
"""Pixels of a patch."""

LEAST_DARK = 0.12
"""Part of the paper's brightness that ink takes away at least; noise and shadows' edges take less."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A field and a margin around it, upright, at about the photograph's own resolution."""

    picture: NDArray[np.uint8]
    """(height, width) or (height, width, 3) BGR."""
    margin: int
    """Pixels around the field."""
    to_form: Homography
    """From pixels of the patch to the form in parts of its width and height."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the field itself, in pixels."""
        height, width = self.picture.shape[:2]
        return width - 2 * self.margin, height - 2 * self.margin


def corners(area: Area, to_photo: Homography) -> NDArray[np.float64]:
    """(4, 2) where the area's corners lie on the photograph: top left, top right, bottom right, bottom left."""
    right, bottom = area.left + area.width, area.top + area.height
    parts = np.array([(area.left, area.top), (right, area.top), (right, bottom), (area.left, bottom)])
    placed: NDArray[np.float64] = cv2.perspectiveTransform(parts.reshape(-1, 1, 2), to_photo).reshape(-1, 2)
    return placed


def cut_patch(photo: NDArray[np.uint8], area: Area, to_photo: Homography) -> Patch:
    """The part of a photograph that shows an area, laid flat.

    Args:
        photo: grey or BGR.
        area: of the form.
        to_photo: from the form in parts to pixels of the photograph.
    """
    around = corners(area, to_photo)
    sides = np.linalg.norm(around - np.roll(around, -1, axis=0), axis=1)
    wide, high = max(8.0, (sides[0] + sides[2]) / 2), max(8.0, (sides[1] + sides[3]) / 2)
    factor = min(1.0, LARGEST_SIDE / max(wide, high))
    wide, high = round(factor * wide), round(factor * high)
    margin = round(MARGIN * high)
    size = wide + 2 * margin, high + 2 * margin
    to_parts = _to_area(area, wide, high, margin)
    flags = cv2.INTER_AREA if factor < 0.7 else cv2.INTER_LINEAR
    flat = cv2.warpPerspective(
        photo, to_photo @ to_parts, size, flags=flags | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return Patch(np.asarray(flat, np.uint8), margin, to_parts)


def _to_area(area: Area, wide: float, high: float, margin: int) -> Homography:
    """From pixels of a patch to the form in parts."""
    across, down = area.width / wide, area.height / high
    return np.array([[across, 0, area.left - margin * across], [0, down, area.top - margin * down], [0, 0, 1.0]])


def handwriting(patch: Patch, print_: Gray) -> Gray:
    """How much pen each pixel of a patch holds, 0 to 255.

    Args:
        patch: of a photograph.
        print_: (height, width) 255 where the form has print there, see `printed.print_of`.
    """
    ink = strength(patch.picture)
    kept = cv2.subtract(ink, print_)
    # Strokes that cross a line of print were cut: close them there, across it.
    gap = 2 * _thickness(print_) + 3
    mended = cv2.bitwise_or(
        cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((gap, 1), np.uint8)),
        cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8)),
    )
    whole: Gray = cv2.max(kept, cv2.min(cv2.bitwise_and(mended, print_), ink))
    return whole


def strength(picture: NDArray[np.uint8]) -> Gray:
    """How much pen each pixel of a picture, grey or BGR, holds: 0 to 255, which the darkest fiftieth of ink has."""
    dark = darkness(picture)
    ink = dark[dark > LEAST_DARK]
    full = max(2 * LEAST_DARK, float(np.percentile(ink, 98))) if ink.size else 1.0
    return np.asarray(np.clip(255 * (dark - LEAST_DARK / 2) / (full - LEAST_DARK / 2), 0, 255), np.uint8)


def darkness(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(height, width) part of the light of the paper around it that each pixel of a picture, grey or BGR, lacks."""
    grey = cv2.GaussianBlur(picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (0, 0), 0.8)
    side = max(9, min(grey.shape) // 3) | 1
    # A closing follows the edge of a shadow, where a mean would not.
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), 1.5).astype(np.float32)
    return np.asarray((paper - grey) / np.maximum(1, paper), np.float32)


def _thickness(print_: Gray) -> int:
    """Pixels across most of the print's lines; 1 where there is none."""
    depth = cv2.distanceTransform(print_, cv2.DIST_L1, 3)
    middles = depth[depth > 0]
    return max(1, round(float(np.percentile(middles, 75)))) if middles.size else 1
