"""Frame -> Ink at the resolution its writing needs, so that reading large letters costs no more than small ones.

The picture is looked at small first. Letters that are large enough there are read there; otherwise their height says
how large the picture has to be (the coarse-to-fine use of an image pyramid: Burt and Adelson, 1983).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.binarization import WORKING_SIDE, find_ink
from edge_ocr.ink.components import Components, find_components, typical_height
from edge_ocr.page import Frame, Ink
from edge_ocr.stopwatch import FINDING_SHARE, Stopwatch

GLANCE_SIDE = 512
"""Longer side in pixels of the first look."""

LEGIBLE = 24.0
"""Height in pixels from which letters are read as well as larger ones."""

WANTED = 32.0
"""Height in pixels at which smaller letters are looked at again, if the picture has it."""

LEAST_STEP = 1.25
"""Factor by which another look is larger at least."""

DUST = 8.0
"""Height in pixels below which letters look like dust: then the page is used as it is."""


def find_legible_ink(
    frame: Frame,
    find: Callable[[Frame, int], Ink] = find_ink,
    letters: Callable[[Components], NDArray[np.bool_]] | None = None,
    watch: Stopwatch | None = None,
) -> tuple[Ink, Components]:
    """Separate the pen from the paper, at the least resolution at which the letters are legible.

    Args:
        frame: any size; grey or BGR.
        find: separates the pen at a longer side in pixels.
        letters: which components may be letters; None for all.
        watch: once FINDING_SHARE of its time is spent, the last look has to do.

    Returns:
        Ink whose longer side has GLANCE_SIDE to WORKING_SIDE pixels where the frame has them, and its components.
    """
    watch = watch or Stopwatch()
    longest = min(max(frame.image.shape[:2]), WORKING_SIDE)
    side = min(GLANCE_SIDE, longest)
    while True:
        ink = find(frame, side)
        parts = find_components(ink.mask)
        letter = typical_height(parts, letters(parts) if letters else None)
        if side == longest or letter >= LEGIBLE or watch.is_over(FINDING_SHARE):
            return ink, parts
        side = min(longest, round(side * max(WANTED / letter, LEAST_STEP))) if letter > DUST else longest
