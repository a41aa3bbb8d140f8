"""Lines found again by their pixels: there though not read, gone though the paper is the same."""

import cv2
import numpy as np

from edge_ocr.live.patch import Patch
from edge_ocr.page import Box
from tests.scenes import photograph, write

SIZE = (320, 200)
BOX = Box(36, 66, 190, 116)


def scene(text: str, corner: tuple[int, int] = (40, 110)) -> np.ndarray:
    return photograph(write(text, size=SIZE, capital=40, pen=5, corner=corner).ink).image


def noisy(image: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(5).normal(0, 8, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def test_a_line_is_found_where_it_is_now() -> None:
    """A hand shakes, and the note is gone each time that one picture is not read."""
    patch = Patch.of(scene("A1BO"), BOX)
    there = patch.found_in(noisy(scene("A1BO", (52, 118))))
    assert there is not None
    assert abs(there.box.left - BOX.left - 12) <= 3 and abs(there.box.top - BOX.top - 8) <= 3
    assert patch.found_in(cv2.GaussianBlur(scene("A1BO"), (0, 0), 2)) is not None


def test_a_line_that_is_gone_is_not_found() -> None:
    """A note that was pulled away stays on the page for good."""
    patch = Patch.of(scene("A1BO"), BOX)
    assert patch.found_in(noisy(np.full((200, 320), 200, np.uint8))) is None
    assert patch.found_in(noisy(scene("11"))) is None
    assert patch.found_in(np.full((4, 4), 200, np.uint8)) is None


def test_a_box_beyond_the_picture_has_pixels_too() -> None:
    """A line at the edge takes the loop down."""
    image = np.dstack([scene("A1BO")] * 3)
    assert Patch.of(image, Box(-20, -5, 400, 30)).found_in(image) is not None
    assert Patch.of(image, Box(319, 199, 900, 900)).pixels.size > 0
