"""Turning frames upright and boxes back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.page import Box, Frame, Glyph, Line, Page, Word
from edge_ocr.picture.turning import turned_back, upright

HEIGHT, WIDTH = 60, 100


def marked() -> Frame:
    """Black, with a white bar near its upper right corner."""
    image = np.zeros((HEIGHT, WIDTH), np.uint8)
    image[10:14, 76:90] = 255
    return Frame(image, "bar")


@pytest.mark.parametrize("turn", [0, 90, 180, 270, 30, -17.5])
def test_points_find_their_way_back(turn: float) -> None:
    """Fails when boxes on a turned page would be drawn beside their words."""
    frame, back = upright(marked(), turn)
    rows, columns = np.nonzero(frame.image > 128)
    found = back @ [columns.mean() + 0.5, rows.mean() + 0.5, 1]
    assert np.allclose(found, [83, 12], atol=0.8)


def test_text_turned_clockwise_is_turned_counterclockwise() -> None:
    """Fails when a page on its side would be put on its head: the corner at the upper right goes to the upper left."""
    frame, _ = upright(marked(), 90)
    rows, columns = np.nonzero(frame.image)
    assert frame.image.shape == (WIDTH, HEIGHT)
    assert rows.mean() < WIDTH / 2 and columns.mean() < HEIGHT / 2


@given(st.integers(-360, 720), st.integers(0, 80), st.integers(0, 50))
def test_boxes_come_back_on_the_picture(turn: int, left: int, top: int) -> None:
    """Fails when some angle gives a box outside of the picture, or one that misses its centre."""
    frame, back = upright(marked(), turn)
    middle = np.linalg.inv(np.vstack([back, [0, 0, 1]])) @ [left + 5, top + 4, 1]
    box = Box(int(middle[0]) - 5, int(middle[1]) - 4, int(middle[0]) + 6, int(middle[1]) + 5)
    page = Page((Line((Word((Glyph("a", box, 0.9),)),)),), frame.image.shape[1], frame.image.shape[0])
    found = turned_back(page, back, WIDTH, HEIGHT).lines[0].box
    assert 0 <= found.left < found.right <= WIDTH and 0 <= found.top < found.bottom <= HEIGHT
    assert found.left - 1 <= left + 5 <= found.right + 1 and found.top - 1 <= top + 4 <= found.bottom + 1
