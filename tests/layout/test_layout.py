"""A page's ink becomes lines in reading order, upright, with every character on offer where it stands."""

from dataclasses import replace

import numpy as np
import pytest

from edge_ocr.ink.binarization import find_ink
from edge_ocr.layout import layout as layout_module
from edge_ocr.layout.layout import Layout, TextLine, find_layout
from edge_ocr.page import Box, Frame, Ink
from tests.scenes import Writing, half_shadow, photograph, ruled, write

SLOPE = float(np.tan(np.deg2rad(6)))
TEXT = ("HELLO TAX 471", "pin jo: 4=7; no!", "LOT AB? 4% oil")


def layout_of(writing: Writing, **scene: object) -> Layout:
    return find_layout(find_ink(photograph(writing.ink, **scene)))  # type: ignore[arg-type]


def offered(line: TextLine) -> np.ndarray:
    """(segments, 4) boxes in frame pixels."""
    boxes = [line.to_frame(s.left, s.top, s.right, s.bottom) for s in line.segments]
    return np.array([[b.left, b.top, b.right, b.bottom] for b in boxes])


def missing(layout: Layout, writing: Writing, slack: float = 4) -> list[str]:
    """Characters for which no segment of their line has their box, give or take `slack` pixels a side."""
    assert len(layout.lines) == len(writing.boxes)
    lost = []
    for line, row in zip(layout.lines, writing.boxes, strict=True):
        boxes = offered(line)
        for char, box in row:
            off = np.abs(boxes - [box.left, box.top, box.right, box.bottom]).max(axis=1)
            lost += [char] if off.min() > slack else []
    return lost


SCENES = {
    "straight": write(*TEXT),
    "6 degrees": write(*TEXT, size=(760, 420), slope=SLOPE),
    "curved": write(*(2 * text for text in TEXT), size=(1200, 420), bend=30),
    "leaning": write(*TEXT, lean=0.3, size=(700, 360)),
    "small": write(*TEXT, capital=20, pen=2, gap=0.4, size=(380, 220), corner=(30, 60)),
    "large": write(*TEXT, capital=170, pen=18, size=(2600, 1500), corner=(260, 420)),
}


@pytest.mark.parametrize("name", SCENES)
def test_every_character_is_offered_where_it_stands(name: str) -> None:
    """Dots and bars are lost, lines are mixed up, or boxes lie beside the writing."""
    writing = SCENES[name]
    # A box that was upright in the line leans in the picture: the box around it is wider by its height times the slant.
    slack = {"6 degrees": 8, "leaning": 16, "large": 10}.get(name, 4)
    assert missing(layout_of(writing), writing, slack) == []


def test_a_shadow_changes_nothing() -> None:
    """Letters that lie on a shadow's edge are lost."""
    writing = SCENES["straight"]
    assert missing(layout_of(writing, light=half_shadow(writing.ink.shape, 0.6)), writing) == []


@pytest.mark.parametrize(("squared", "most_extra"), [(False, 2), (True, 8)])
@pytest.mark.parametrize(("strength", "most_missing"), [(0.12, 0), (0.25, 0), (0.4, 4)])
def test_ruled_paper_changes_little(strength: float, most_missing: int, squared: bool, most_extra: int) -> None:
    """Rulings tie letters together, or what is left of them is read as characters."""
    writing = write(*TEXT, size=(1200, 800), capital=52, pen=6, corner=(110, 190))
    layout = layout_of(writing, light=ruled((800, 1200), 37 if squared else 92, strength, squared=squared))
    assert len(missing(layout, writing, 6)) <= most_missing
    pieces = sum(segment.first == segment.last for line in layout.lines for segment in line.segments)
    assert pieces <= len(writing.all_boxes()) + most_extra


def test_an_underline_is_left_out() -> None:
    """An underlined heading ends in signs that nobody wrote."""
    writing = write("HELLO TAX", "pin no")
    writing.ink[124:128, 60:330] = 255
    layout = layout_of(writing)
    assert missing(layout, writing) == []
    assert all((offered(line)[:, 2] - offered(line)[:, 0] < 120).all() for line in layout.lines)


def test_words_are_farther_apart_than_letters() -> None:
    """Words run together, or letters of a word are taken for words."""
    layout = layout_of(write("HELLO THE TALE", "no pin on noon", gap=0.3))
    for line, spaces in zip(layout.lines, (2, 3), strict=True):
        assert (line.gaps > layout.space).sum() == spaces
        assert line.gaps.shape == (max(s.last for s in line.segments) + 1,)


@pytest.mark.parametrize(("text", "ratio"), [("Hollo no pill on", 0.56), ("HELLO NEXT TALE", 1.0)])
def test_heights_of_letters_are_measured(text: str, ratio: float) -> None:
    """The case of o, s, c and their like is judged by wrong heights."""
    (line,) = layout_of(write(text, size=(900, 200))).lines
    assert line.capital == pytest.approx(44, abs=5)
    assert line.x_height / line.capital == pytest.approx(ratio, abs=0.12)


def test_columns_of_a_line_keep_their_order() -> None:
    """Text is read from right to left."""
    for line in layout_of(SCENES["curved"]).lines:
        lefts = [s.left for s in line.segments if s.first == s.last]
        assert lefts == sorted(lefts)


def test_boxes_stay_on_the_page() -> None:
    """Boxes of a slanted, sloping line at the page's corner reach beyond the picture."""
    writing = write("HELLO TAX", "pin jo", corner=(20, 60), slope=-0.05, lean=0.3, size=(420, 200))
    for line in layout_of(writing).lines:
        boxes = offered(line)
        assert (boxes[:, 0] <= boxes[:, 2]).all() and (boxes[:, 1] <= boxes[:, 3]).all()
        assert boxes.min() >= -3 and (boxes[:, 2] <= 423).all() and (boxes[:, 3] <= 203).all()


def test_a_scaled_picture_gives_boxes_in_its_own_pixels() -> None:
    """Boxes are in the pixels of the reduced picture."""
    ink = find_ink(photograph(write("TAX", size=(200, 120), corner=(40, 80)).ink))
    plain = find_layout(ink).lines[0]
    scaled = find_layout(replace(ink, scale=3.0)).lines[0]
    one, other = (line.to_frame(3, 4, 20, 30) for line in (plain, scaled))
    assert abs(other.left - 3 * one.left) <= 3 and abs(other.bottom - 3 * one.bottom) <= 3
    assert isinstance(one, Box)


@pytest.mark.parametrize("char", "ATX")
def test_a_character_that_fills_its_picture_is_a_line(char: str) -> None:
    """A crop of one character, or of one joined word, is taken for the desk beside a sheet."""
    writing = write(char, size=(120, 120), capital=84, pen=7, corner=(20, 102))
    assert missing(layout_of(writing), writing) == []


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("size", [(1, 1), (40, 40), (300, 500)])
def test_an_even_picture_is_an_empty_page(value: int, size: tuple[int, int]) -> None:
    """Blank paper or a covered lens stops the reader."""
    assert find_layout(find_ink(Frame(np.full(size, value, np.uint8)))).lines == ()


@pytest.mark.parametrize("shape", [(1, 4), (4, 1), (2, 2), (1, 1)])
def test_a_line_of_a_few_pixels_was_seen_too(shape: tuple[int, int]) -> None:
    """OpenCV's comparison takes an array of four for a number a channel, and fails."""
    own = np.full(shape, 255, np.uint8)
    ink = Ink(own, own, 1.0, own, seen=np.full(shape, 51, np.uint8))
    assert layout_module._seen(ink, own, 0, 0) == pytest.approx(0.2)
