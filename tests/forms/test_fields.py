"""From a field of a photograph to its handwriting: print taken out, combs parted, boxes snapped to their lines."""

import cv2
import numpy as np
import pytest

from edge_ocr.forms.comb import read_cells
from edge_ocr.forms.form import Area, Field, Form
from edge_ocr.forms.marks import cover, is_marked
from edge_ocr.forms.patch import Patch, cut_patch, handwriting
from edge_ocr.forms.printed import print_of
from edge_ocr.forms.shapes import has_unread, has_writing
from edge_ocr.forms.snapping import snapped
from edge_ocr.page import Box, Glyph, Gray, Line, Page, Word

WHOLE = np.eye(3)
COMB = Area(0.1, 0.4, 0.8, 0.2)
BOX = (60, 80, 480, 40)
"""Left, top, width and height in pixels of the comb on the sheet."""


def sheet(cells: int = 8) -> Gray:
    """(200, 600) a comb on white paper."""
    paper, (left, top, width, height) = np.full((200, 600), 255, np.uint8), BOX
    cv2.rectangle(paper, (left, top), (left + width, top + height), 120, 1)
    for number in range(1, cells):
        x = left + round(number * width / cells)
        cv2.line(paper, (x, top), (x, top + height), 120, 1)
    return paper


def form(picture: Gray, field: Field) -> Form:
    return Form("form.toml", picture, (field,))


def writing(picture: Gray, photo: Gray, field: Field) -> tuple[Gray, Patch]:
    height, width = photo.shape
    patch = cut_patch(photo, field.area, np.diag([width, height, 1.0]))
    return handwriting(patch, print_of(form(picture, field), field, patch)), patch


@pytest.mark.parametrize("is_filled", [False, True], ids=["empty form", "filled form"])
def test_walls_go_and_strokes_stay(is_filled: bool) -> None:
    """Walls of a comb are read as 1 and I, or a stroke that is as long as a wall goes with them."""
    photo = sheet()
    cv2.line(photo, (90, 84), (90, 116), 40, 3)  # A 1 in the first cell
    cv2.line(photo, (205, 86), (250, 114), 40, 3)  # A stroke across the wall between the third cell and the fourth
    field = Field("a", "comb", COMB, cells=8)
    ink, patch = writing(photo if is_filled else sheet(), photo, field)
    comb = read_cells(ink, patch.margin, field.spans)
    assert comb.filled[:3] == (True, False, True) and not any(comb.filled[4:])
    assert comb.spaced("1X") == "1 X"


@pytest.mark.parametrize(
    ("height", "is_filled"), [(40, False), (40, True), (12, False)], ids=["walls", "walls, filled form", "ticks"]
)
def test_cells_of_other_widths_are_parted_where_their_walls_are(height: int, is_filled: bool) -> None:
    """A date in groups, or a form that was drawn by hand, loses characters to the cells beside them."""
    paper, (left, top, _, high) = np.full((200, 600), 255, np.uint8), BOX
    cells = ((0, 50), (50, 112), (140, 190), (190, 252), (280, 350), (350, 400), (400, 480))
    for start, end in cells:
        cv2.line(paper, (left + start, top + high), (left + end, top + high), 120, 1)
        for wall in (start, end):
            cv2.line(paper, (left + wall, top + high - height), (left + wall, top + high), 120, 1)
    photo = paper.copy()
    for start, end in cells:
        cv2.line(photo, (left + (start + end) // 2 - 8, 86), (left + (start + end) // 2 + 8, 114), 40, 3)
    drawn = Field("a", "comb", Area(0.09, 0.41, 0.815, 0.19), cells=7)
    field = snapped(form(photo if is_filled else paper, drawn)).fields[0]
    assert 480 * np.array(field.spans) == pytest.approx(np.array(cells), abs=3)
    ink, patch = writing(paper, photo, field)
    comb = read_cells(ink, patch.margin, field.spans)
    assert comb.filled == (True,) * 7
    assert cv2.connectedComponents(cv2.inRange(comb.line, 90, 255))[0] == 8  # 7, and what is around them


def test_an_empty_field_is_empty() -> None:
    """Outlines and shadows are read as writing, in every empty field of every form."""
    field = Field("a", "comb", COMB, cells=8)
    light = np.tile(np.where(np.arange(600) < 300, 1.0, 0.6), (200, 1))
    ink, patch = writing(sheet(), (sheet() * light).astype(np.uint8), field)
    assert not has_writing(ink, patch.size[1]) and not any(read_cells(ink, patch.margin, field.spans).filled)


@pytest.mark.parametrize(("part", "mark"), [(0.0, False), (0.005, False), (0.1, True), (0.5, True)])
def test_marks_are_told_from_dirt(part: float, mark: bool) -> None:
    """A speck checks a box, or a tick does not."""
    value, confidence = is_marked(part, "checkbox")
    assert value is mark and confidence > 0.75


def test_a_mark_that_may_be_dirt_is_doubtful() -> None:
    """Nobody looks at a box of which nobody can say whether it is checked."""
    assert max(is_marked(0.039, "checkbox")[1], is_marked(0.041, "checkbox")[1]) < 0.75


def test_the_outline_of_a_check_box_is_no_mark() -> None:
    """Every box of a form is checked."""
    picture = np.full((200, 200), 255, np.uint8)
    cv2.rectangle(picture, (80, 80), (120, 120), 90, 2)
    field = Field("a", "checkbox", Area(0.39, 0.41, 0.2, 0.2))
    photo = cv2.warpAffine(picture, np.float32([[1, 0, 1], [0, 1, -1]]), (200, 200), borderValue=255)
    own = snapped(form(picture, field)).fields[0]
    ink, patch = writing(picture, photo, own)
    assert cover(ink, patch.margin) < 0.02
    cv2.line(photo, (84, 100), (116, 90), 60, 3)
    ink, patch = writing(picture, photo, own)
    assert cover(ink, patch.margin) > 0.06


def test_boxes_drawn_by_hand_lie_on_their_lines() -> None:
    """Whoever draws a comb a little askew gets characters cut by its walls."""
    drawn = Area(0.085, 0.42, 0.825, 0.19)
    area = snapped(form(sheet(), Field("a", "comb", drawn, cells=8))).fields[0].area
    found = [area.left * 600, area.top * 200, area.width * 600, area.height * 200]
    assert found == pytest.approx(BOX, abs=2.5)
    text = Field("a", "text", drawn)
    assert snapped(form(sheet(), text)).fields[0] == text
    blank = Field("a", "comb", drawn, cells=8)
    assert snapped(form(np.full((200, 600), 255, np.uint8), blank)).fields[0].area.left == pytest.approx(drawn.left)


def test_writing_that_was_not_read_is_noticed() -> None:
    """The last word of a line is lost, and nobody is asked to look."""
    ink = np.zeros((60, 300), np.uint8)
    for left in (20, 50, 200):
        cv2.rectangle(ink, (left, 15), (left + 18, 45), 255, 4)

    def page(*lefts: int) -> Page:
        glyphs = tuple(Glyph("O", Box(left, 13, left + 20, 47), 0.9) for left in lefts)
        return Page((Line((Word(glyphs),)),), 300, 60)

    assert has_unread(ink, page(20, 50)) and not has_unread(ink, page(20, 50, 200))
