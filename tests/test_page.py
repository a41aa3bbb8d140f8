"""The records that every stage hands on: boxes, texts and confidences of what stands on a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.page import Box, Line, Page, around
from tests.conftest import make_word

EDGES = st.integers(-300, 300)
BOXES = st.builds(
    lambda left, top, width, height: Box(left, top, left + width, top + height),
    EDGES, EDGES, st.integers(1, 200), st.integers(1, 200),
)  # fmt: skip


@given(BOXES, st.integers(1, 200), st.integers(1, 200))
def test_a_box_within_a_picture_can_be_cut_out(box: Box, width: int, height: int) -> None:
    """Slicing a picture with a box gives nothing, or pixels from its other side."""
    inside = box.within(width, height)
    assert 0 <= inside.left < inside.right <= width and 0 <= inside.top < inside.bottom <= height
    assert inside.within(width, height) == inside
    if box.left >= 0 and box.top >= 0 and box.right <= width and box.bottom <= height:
        assert inside == box


@given(st.lists(BOXES, min_size=1, max_size=6))
def test_the_box_around_boxes_holds_them_all(boxes: list[Box]) -> None:
    """A word's or a line's box cuts off one of its characters."""
    whole = around(boxes)
    assert whole.width > 0 and whole.height > 0
    for box in boxes:
        assert whole.union(box) == whole == box.union(whole)
    assert whole.left in [box.left for box in boxes] and whole.bottom in [box.bottom for box in boxes]


def test_texts_are_joined_by_spaces_and_line_breaks(page: Page) -> None:
    """Words run together, or every word stands on a line of its own."""
    assert page.text == "HI YOU\n42"
    assert page.lines[0].text == "HI YOU" and page.lines[0].words[1].box == Box(60, 40, 92, 60)
    assert Page((), 10, 10).text == ""


def test_one_doubtful_character_makes_its_word_doubtful() -> None:
    """A word looks surer than its characters, or a line than its words."""
    sure, doubtful = make_word("AB", 0, 0, 0.9), make_word("CD", 40, 0, 0.1)
    assert sure.confidence == pytest.approx(0.9) and doubtful.confidence == pytest.approx(0.1)
    assert Line((sure, doubtful)).confidence == pytest.approx(0.5)
