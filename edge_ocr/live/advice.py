"""What a person can do when nothing certain is read: more light, a steadier hand, a nearer camera."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.binarization import WORKING_SIDE
from edge_ocr.page import Gray, Page

DARK = 60
"""Grey level that one pixel in a hundred exceeds in any picture that can be read."""

STRUCTURE = 12
"""Grey levels by which writing, however blurred, differs from the paper around it."""

AROUND = 31
"""Pixels of the square that counts as around, on a picture of MEASURED_SIDE."""

BLURRED = 0.36
"""Steepness of the steepest edges, as part of that difference for each pixel, below which nothing is in focus."""

MEASURED_SIDE = 640
"""Longer side of the measured picture, in pixels; its pixels are picked, not averaged, which keeps edges sharp."""

SMALL = 12
"""Height of letters, in pixels of a picture that is read at full size, below which they are read badly."""

TURNED = 45
"""Degrees from which the page is called turned, and not held askew."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Why a camera's picture gives no certain text, or less than it could."""

    kind: str
    """ "dark", "blurred", "far", "turned", "empty" or "unsure", for programs."""
    sentence: str
    """What is wrong and what to do."""


DARK_ADVICE = Advice("dark", "It is too dark. Switch on a lamp, or let the camera expose for longer.")
BLURRED_ADVICE = Advice("blurred", "The picture is blurred. Hold still, or focus the camera on the writing.")
FAR_ADVICE = Advice("far", "The writing is too small. Move the camera nearer, or ask it for a larger picture.")
EMPTY_ADVICE = Advice("empty", "No writing in view. Hold a note before the camera.")
UNSURE_ADVICE = Advice("unsure", "The writing is too doubtful to give out. Print larger letters, with more light.")


def advise(image: NDArray[np.uint8], voted: Page | None) -> Advice | None:
    """What would help the reading of a picture; None if its text is certain and upright.

    Args:
        image: grey or BGR.
        voted: what the recent readings agree on.
    """
    if voted is not None and abs((voted.turn + 180) % 360 - 180) >= TURNED and (voted.lines or voted.rejected):
        degrees = round(voted.turn) % 360
        return Advice("turned", f"The page looks turned by {degrees} degrees. It is read best when it is upright.")
    if voted is not None and voted.lines:
        return None
    gray = _reduced(image)
    if np.percentile(gray[::4, ::4], 99) < DARK:
        return DARK_ADVICE
    if _is_blurred(gray):
        return BLURRED_ADVICE
    if voted is None or not voted.rejected:
        return EMPTY_ADVICE
    return FAR_ADVICE if _letter_height(voted) < SMALL else UNSURE_ADVICE


def _letter_height(page: Page) -> float:
    """Median height of the doubtful letters, in pixels of the picture as it is read."""
    heights = [glyph.box.height for line in page.rejected for word in line.words for glyph in word.glyphs]
    return float(np.median(heights)) * min(1.0, WORKING_SIDE / max(page.width, page.height))


def _reduced(image: NDArray[np.uint8]) -> Gray:
    step = max(1, round(max(image.shape[:2]) / MEASURED_SIDE))
    part = image[::step, ::step]
    return np.ascontiguousarray(part if part.ndim == 2 else part[:, :, 1])


def _is_blurred(gray: Gray) -> bool:
    """Whether there is something on the picture, and nothing of it has a sharp edge."""
    differences = cv2.absdiff(gray, cv2.blur(gray, (AROUND, AROUND)))
    structure = float(np.percentile(differences, 99.5))
    if structure < STRUCTURE:
        return False
    # Sobel's kernel adds up to eight times the slope.
    slopes = np.hypot(cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)) / 8
    return float(np.percentile(slopes, 99.5)) < BLURRED * structure
