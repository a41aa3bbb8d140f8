"""Rulings go, strokes stay, whole where a ruling crossed them."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edge_ocr.ink.rulings import remove_rulings
from tests.scenes import write

PAGE = write("HELLO TAX", "pin jo: 4=7", "LOLX AB", size=(900, 500), capital=46, pen=6, corner=(80, 130))
STROKES = np.where(PAGE.ink > 127, 255, 0).astype(np.uint8)


def with_lines(pitch: int, *, squared: bool = False, tilt: float = 0.0, thick: int = 2) -> np.ndarray:
    """The strokes' mask with printed lines over it, `tilt` pixels down a pixel to the right."""
    mask = STROKES.copy()
    height, width = mask.shape
    for row in range(-height, 2 * height, pitch):
        cv2.line(mask, (0, row), (width, round(row + tilt * width)), 255, thick)
    for column in range(-width, 2 * width, pitch) if squared else ():
        cv2.line(mask, (column, 0), (round(column - tilt * height), height), 255, thick)
    return mask


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("tilt", [0.0, 0.02, -0.03])
def test_lines_go_and_strokes_stay(squared: bool, tilt: float) -> None:
    """What is left of ruled paper is read as dashes, or letters lose the parts that a line runs through."""
    kept = remove_rulings(with_lines(38 if squared else 70, squared=squared, tilt=tilt)) > 0
    near = cv2.dilate(STROKES, np.ones((7, 7), np.uint8)) > 0
    assert kept[STROKES > 0].mean() > (0.87 if squared else 0.95)
    assert kept[~near].mean() < 0.002


def test_a_stroke_that_a_line_crosses_stays_one_piece() -> None:
    """Letters on ruled paper fall into halves."""
    mask = np.zeros((400, 600), np.uint8)
    for x in range(60, 560, 40):
        cv2.line(mask, (x, 120), (x + 6, 180), 255, 5)
    strokes = mask.copy()
    cv2.line(mask, (0, 150), (599, 150), 255, 2)
    assert cv2.connectedComponents(remove_rulings(mask))[0] == cv2.connectedComponents(strokes)[0]


@pytest.mark.parametrize("word", ["EEEEEEEE", "TTTTTTTT", "HHHHHHHH", "LLLLLLLL", "=-=-=-=-"])
def test_bars_of_letters_are_no_ruling(word: str) -> None:
    """A row of letters whose bars stand at one height loses them."""
    page = write(word, size=(700, 260), capital=60, pen=7, corner=(50, 150))
    mask = np.where(page.ink > 127, 255, 0).astype(np.uint8)
    assert (remove_rulings(mask)[mask > 0] > 0).mean() > 0.98


def test_a_page_without_lines_stays_as_it_is() -> None:
    """Every page pays for ruled ones with changed strokes."""
    assert np.count_nonzero(remove_rulings(STROKES) != STROKES) < 0.001 * np.count_nonzero(STROKES)


@pytest.mark.parametrize("share", [0.1, 0.15, 0.2, 0.25])
def test_large_letters_are_no_rulings(share: float) -> None:
    """The stems of a word that fills the picture are erased."""
    capital = share * 640
    page = write("HLTE", size=(640, 300), capital=capital, pen=round(capital / 10), corner=(20, 250), gap=0.1)
    mask = np.where(page.ink > 127, 255, 0).astype(np.uint8)
    assert (remove_rulings(mask)[mask > 0] > 0).mean() > 0.95


@settings(max_examples=25)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 200), st.integers(1, 200)), elements=st.sampled_from([0, 255])))
def test_any_mask_gives_a_mask(mask: np.ndarray) -> None:
    """Some size or some scatter of pixels stops the reader, or ink appears where there was none."""
    kept = remove_rulings(mask)
    assert kept.shape == mask.shape and kept.dtype == np.uint8 and set(np.unique(kept)) <= {0, 255}
    assert not (kept > mask).any()
