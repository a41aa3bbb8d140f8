"""A named part of the camera's picture, and what may stand there; areas that are not looked at."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadRegions, RegionOutside
from edge_ocr.live.rules import NO_RULES, Rules
from edge_ocr.live.steady import MIN_CONFIDENCE
from edge_ocr.page import Box

NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
"""Names of regions: they stand in file names, topics of MQTT and names of metrics."""

TEXTS = ("name", "charset", "pattern", "pattern_in")
"""The fields of a region that are texts."""

BORDER = 4
"""Pixels around an ignored area whose median it is painted with."""


@dataclass(frozen=True, slots=True)
class Region:
    """What to read, where. All of the picture without a name, unless the user draws regions."""

    name: str = ""
    """Unique among the regions; "" where there is only one, which nobody named."""
    box: Box | None = None
    """In pixels of the picture as it is shown, turned and mirrored; None for all of it."""
    charset: str | None = None
    pattern: str | None = None
    pattern_in: str | None = None
    min_confidence: float = MIN_CONFIDENCE
    """Lines less certain than this, 0 to 1, are left out."""
    rules: Rules = NO_RULES
    """Of the meter that stands there, if one does."""

    @property
    def reading(self) -> dict[str, Any]:
        """Its keywords for `Reader.load`. A number of digits is a pattern where nothing else is asked for."""
        asked = {name: getattr(self, name) for name in ("charset", "pattern", "pattern_in", "min_confidence")}
        if self.rules.digits and not (self.charset or self.pattern or self.pattern_in):
            asked["pattern"] = rf"\d{{{self.rules.digits}}}"
        return asked

    def on(self, width: int, height: int) -> Box:
        """The part of the region on a picture of this size. Raises RegionOutside if there is none."""
        box = self.box
        if box is None:
            return Box(0, 0, width, height)
        if box.left >= width or box.top >= height:
            of = f" {self.name}" if self.name else ""
            raise RegionOutside(
                f"the region{of} that begins at {box.left},{box.top} is outside the picture, which is "
                f"{width}x{height}: choose one inside"
            )
        return box.within(width, height)


def check_regions(regions: Sequence[Region]) -> None:
    """Raises BadRegions unless there is a region, and every one of several has a name of its own."""
    names = [region.name for region in regions]
    if not names:
        raise BadRegions("there is no region to read: expected at least one")
    for name in names if len(names) > 1 else filter(None, names):
        if not NAME.fullmatch(name):
            raise BadRegions(f"{name!r} is no name for a region: expected 1 to 32 letters a-z, digits, - or _")
        if sum(name.lower() == other.lower() for other in names) > 1:
            raise BadRegions(f"two regions are called {name}: give each a name of its own")


def painted_over(image: NDArray[np.uint8], areas: Sequence[Box]) -> NDArray[np.uint8]:
    """The picture, grey or BGR, with each area painted in the colour around it; itself if there are no areas."""
    height, width = image.shape[:2]
    there = [area.within(width, height) for area in areas if area.left < width and area.top < height]
    if not there:
        return image
    painted = image.copy()
    for area in there:
        rows = slice(max(0, area.top - BORDER), area.bottom + BORDER)
        columns = slice(max(0, area.left - BORDER), area.right + BORDER)
        ring = [image[rows, columns][:BORDER], image[rows, columns][-BORDER:]]
        sides = [image[rows, columns][:, :BORDER], image[rows, columns][:, -BORDER:]]
        pixels = np.concatenate([part.reshape(-1, *image.shape[2:]) for part in (*ring, *sides)])
        painted[area.top : area.bottom, area.left : area.right] = np.median(pixels, axis=0).astype(np.uint8)
    return painted
