"""What a person reads when nothing is read."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge_ocr.live.advice import advise
from edge_ocr.page import Box, Glyph, Line, Page, Word
from tests.live.test_steady import page
from tests.scenes import photograph, write

NOTE = photograph(write("HELLO TAX", size=(640, 480), capital=40, pen=4, corner=(60, 200)).ink).image
EMPTY = Page((), 640, 480)


def doubtful(height: int, size: int = 640) -> Page:
    """A line of letters of this height, in a picture of this width, which nothing is sure about."""
    glyphs = tuple(Glyph("A", Box(20 * k, 50, 20 * k + 10, 50 + height), 0.3) for k in range(4))
    return Page((), size, size * 3 // 4, rejected=(Line((Word(glyphs),)),))


def kind(image: np.ndarray, voted: Page | None) -> str | None:
    advice = advise(image, voted)
    return advice.kind if advice else None


def test_a_text_that_is_sure_needs_no_advice() -> None:
    assert kind(NOTE, page("HELLO")) is None and kind(np.zeros_like(NOTE), page("HELLO")) is None


@pytest.mark.parametrize("voted", [None, EMPTY])
def test_an_empty_desk_is_called_empty(voted: Page | None) -> None:
    """The user of a camera that works is asked to repair it."""
    desk = np.random.default_rng(1).normal(120, 4, NOTE.shape).clip(0, 255).astype(np.uint8)
    assert kind(desk, voted) == kind(NOTE, voted) == "empty"
    assert kind(np.full_like(NOTE, 240), voted) == "empty"


def test_the_dark_and_the_blurred_are_told_apart() -> None:
    """A lamp is moved about for a lens that is out of focus."""
    blurred = cv2.GaussianBlur(NOTE, (0, 0), 5)
    assert kind(blurred, EMPTY) == "blurred"
    assert kind((NOTE * 0.15).astype(np.uint8), EMPTY) == "dark"


def test_chalk_on_a_blackboard_is_not_dark() -> None:
    assert kind(255 - NOTE, EMPTY) == "empty"


def test_doubtful_writing_is_too_small_or_only_doubtful() -> None:
    """Everybody is asked to go nearer, also who is near."""
    assert kind(NOTE, doubtful(9)) == "far" and kind(NOTE, doubtful(40)) == "unsure"
    assert kind(NOTE, doubtful(20, size=3840)) == "far", "large pictures are reduced before they are read"


@pytest.mark.parametrize(
    ("turn", "is_told"), [(0, False), (12, False), (350, False), (90, True), (180, True), (270, True)]
)
def test_a_turned_page_is_told_even_where_it_is_read(turn: float, is_told: bool) -> None:
    turned = advise(NOTE, replace(page("HELLO"), turn=turn))
    assert (turned is not None) == is_told
    assert turned is None or f"{turn} degrees" in turned.sentence
