"""What was read is drawn where it stands, in colours that show how certain it is."""

import dataclasses

import numpy as np
import pytest

from edge_ocr.page import Frame, Line, Page
from edge_ocr.picture.overlay import LEVELS, PLATE, confidence_level, draw
from tests.conftest import make_word


def has_colour(image: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((image == colour).all(axis=2).any())


def test_drawing_leaves_the_frame_as_it_is(page: Page, frame: Frame) -> None:
    """A live view would read its own captions in the next stage."""
    before = frame.image.copy()
    drawn = draw(page, frame)
    assert np.array_equal(frame.image, before)
    assert drawn.shape == (120, 200, 3) and drawn.dtype == np.uint8
    colour = Frame(np.dstack([before] * 3), "note.png")
    assert np.array_equal(draw(page, colour), drawn)
    assert np.array_equal(colour.image, np.dstack([before] * 3))


def test_an_empty_page_is_the_picture_itself(frame: Frame) -> None:
    """An unwritten page would get boxes, or end in an error."""
    assert np.array_equal(draw(Page((), 200, 120), frame)[:, :, 0], frame.image)


def test_each_confidence_has_its_colour(page: Page, frame: Frame) -> None:
    """The user could not see which words to check."""
    drawn = draw(page, frame)
    assert all(has_colour(drawn, colour) for _, colour in LEVELS)
    sure = dataclasses.replace(page, lines=(Line(page.lines[0].words[:1]),))
    assert not has_colour(draw(sure, frame), LEVELS[1][1]) and not has_colour(draw(sure, frame), LEVELS[2][1])


def test_what_was_rejected_is_dashed_and_has_no_text(page: Page, frame: Frame) -> None:
    """The user could not see where writing was left out, or would take it for text."""
    drawn = draw(dataclasses.replace(page, lines=(), rejected=page.lines[:1]), frame)
    assert not has_colour(drawn, PLATE)
    box = page.lines[0].words[0].box
    edge = drawn[: box.top, box.left : box.right]
    coloured = (edge == LEVELS[-1][1]).all(axis=2).any(axis=0)
    assert coloured.any() and not coloured.all()


def test_levels_begin_where_they_say() -> None:
    """Sure words would be drawn as doubtful, or a confidence of 0 would find no colour."""
    assert [confidence_level(value) for value in (1.0, 0.9, 0.89, 0.6, 0.59, 0.0)] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("paper", [0, 255])
def test_captions_are_legible_on_any_paper(paper: int, page: Page) -> None:
    """White letters on white paper, or dark ones on a blackboard, could not be read."""
    drawn = draw(page, Frame(np.full((120, 200), paper, np.uint8)))
    line = page.lines[0].box
    above = drawn[line.top - 18 : line.top - 4, line.left + 3 : line.left + 20]
    assert (above == PLATE).all(axis=2).mean() > 0.2 and above.max() > 200


def test_boxes_stay_off_the_writing(page: Page, frame: Frame) -> None:
    """The drawing would cover what it is to be compared with."""
    drawn = draw(page, frame)
    for word in page.lines[0].words:
        box = word.box
        assert (drawn[box.top : box.bottom, box.left : box.right] == 200).all()


@pytest.mark.parametrize(("left", "top"), [(0, 0), (170, 0), (0, 100), (185, 110)])
def test_words_at_the_edges_are_drawn(left: int, top: int, frame: Frame) -> None:
    """A word at the picture's edge would be drawn outside it, or raise."""
    page = Page((Line((make_word("W", left, top),)),), 200, 120)
    assert has_colour(draw(page, frame), LEVELS[0][1])
    assert has_colour(draw(page, frame), PLATE)


def test_long_lines_and_foreign_letters_fit(frame: Frame) -> None:
    """A long line's end would lie outside; a character the font lacks would raise in some versions of OpenCV."""
    page = Page((Line((make_word("Ü" + "m" * 60, 5, 60),)),), 200, 120)
    drawn = draw(page, frame)
    plate = (drawn == PLATE).all(axis=2).any(axis=0)
    assert plate.any() and not plate[-1]


def test_drawing_grows_with_the_picture() -> None:
    """On a 12 megapixel photograph, a box one pixel thin could not be seen."""

    def painted(scale: int) -> float:
        word = make_word("W", 20, 40)
        box = dataclasses.replace(
            word.glyphs[0].box, left=20 * scale, top=40 * scale, right=30 * scale, bottom=60 * scale
        )
        large = dataclasses.replace(word, glyphs=(dataclasses.replace(word.glyphs[0], box=box),))
        drawn = draw(Page((Line((large,)),), 100, 100), Frame(np.full((100 * scale, 100 * scale), 200, np.uint8)))
        return float((drawn == LEVELS[0][1]).all(axis=2).sum()) / scale**2

    assert painted(30) > 0.1 * painted(1)
