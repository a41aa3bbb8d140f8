"""Lines seen through the finder: each with its own ink and text, and none that is cut off or grown together."""

import cv2
import numpy as np
import pytest

from convert.paths import FINDER
from convert.synthesis.scenes import forms, sheets
from convert.synthesis.seen_lines import Placed, seen_lines
from edge_ocr.ink.finder import Finder
from edge_ocr.model.bundle import load_bundle

WORDS = {"HOUSE": (60, 120), "garden 7": (60, 220)}
"""Where each begins on its baseline."""


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder(load_bundle(FINDER))


def page() -> tuple[np.ndarray, list[Placed]]:
    """Ink of two lines, and their places."""
    ink = np.zeros((320, 480), np.uint8)
    placed = []
    for text, (left, base) in WORDS.items():
        (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.3, 3)
        cv2.putText(ink, text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 255, 3, cv2.LINE_AA)
        placed.append(Placed((left, base - height, left + width, base + below), text))
    return ink, placed


def seen(placed: list[Placed], ink: np.ndarray, finder: Finder) -> list[tuple[np.ndarray, str]]:
    """What comes of a picture of the page, taken straight from above."""
    lines = seen_lines(235 - ink // 255 * 200, np.eye(3), ink, placed, finder)
    return [(line.ink, line.line.text) for line in lines]


def test_each_line_comes_with_its_own_ink(finder: Finder) -> None:
    """Fails when a line gets its neighbour's ink: the network would learn a text that is not there."""
    ink, placed = page()
    lines = seen(placed, ink, finder)
    assert [text for _, text in lines] == list(WORDS)
    for (own, _), line in zip(lines, placed, strict=True):
        left, _, right, _ = line.box
        assert abs(own.shape[1] - (right - left)) < 24


def test_a_line_that_is_cut_off_is_left_out(finder: Finder) -> None:
    """Fails when a half of a line is shown with the text of the whole."""
    ink, placed = page()
    left, top, right, bottom = placed[0].box
    longer = Placed((left, top, 2 * right - left, bottom), "HOUSE HOUSE")
    assert [text for _, text in seen([longer, placed[1]], ink, finder)] == ["garden 7"]


def test_what_has_grown_together_is_left_out(finder: Finder) -> None:
    """Fails when a line that hangs together with another is shown with one of their texts."""
    ink, placed = page()
    cv2.line(ink, (75, 100), (75, 210), 255, 3)
    assert "HOUSE" not in [text for _, text in seen(placed, ink, finder)]


def test_a_comb_is_one_field_with_its_text() -> None:
    """Fails when each cell of a comb is a line of its own, so that nothing is learnt about fields."""

    class Hand:
        def char(self, rng: np.random.Generator, char: str, height: float) -> np.ndarray:
            return np.full((round(height), 8), 255, np.uint8)

    rng = np.random.default_rng(4)
    sheet = sheets.empty_sheet(400, 120, rng, dark=False)
    forms.cells(sheet, Hand(), rng, (20, 40), (30, 40), count=8, filled=6)  # type: ignore[arg-type]
    assert len(sheet.texts) == len(sheet.boxes) == 1
    left, top, right, bottom = sheet.boxes[0]
    assert len(sheet.texts[0].replace(" ", "")) in (4, 5, 6) and (top, bottom) == (40, 80)
    assert 20 <= left < right <= 20 + 6 * 30
