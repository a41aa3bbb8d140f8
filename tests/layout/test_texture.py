"""Textures and pages of writing: the ones are left alone at once, the others lose nothing."""

import cv2
import numpy as np
import pytest

from edge_ocr.ink.components import Components, find_components, pen_width, typical_height
from edge_ocr.ink.finder import Finder
from edge_ocr.ink.resolution import find_legible_ink
from edge_ocr.ink.views import open_finder, see
from edge_ocr.layout.grouping import group_lines
from edge_ocr.layout.texture import FEWEST, MOST, Signs, find_signs, without_texture
from edge_ocr.page import Frame, Gray
from tests.scenes import photograph, write
from tests.textures import TEXTURES, Texture, newsprint, noise, rings

SIZES = {"small": (640, 480), "large": (2048, 1536)}
LINE = "HOTEL TAXI ALTO 741 NOBLE LION BATON ANT 1147 TEXT NO TILE HI"


def lines_of(picture: Gray) -> tuple[list[list[int]], Components]:
    ink, parts = find_legible_ink(Frame(picture))
    return group_lines(parts, typical_height(parts), pen_width(ink.mask)), parts


def dense() -> Gray:
    """A page of 40 lines with 60 characters each."""
    ink = write(*[LINE] * 40, size=(1800, 1740), capital=20, pen=2, gap=0.4, corner=(100, 130), pitch=1.9).ink
    return photograph(ink).image


@pytest.fixture(scope="module")
def finder() -> Finder | None:
    return open_finder()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", sorted(TEXTURES.keys() - {"newsprint"}))
def test_textures_are_left_alone(name: str, size: str, finder: Finder) -> None:
    """Thousands of marks are cut, classified and searched where nobody wrote, for many seconds."""
    view = see(Frame(TEXTURES[name](*SIZES[size])), finder, turn=0.0)
    lines = group_lines(view.parts, typical_height(view.parts), pen_width(view.ink.mask))
    assert sum(map(len, lines)) <= max(FEWEST, 0.2 * len(view.parts))


@pytest.mark.slow
def test_a_dense_page_keeps_all_lines() -> None:
    """Small writing, as much as stands on a sheet, is taken for a texture."""
    lines, _ = lines_of(dense())
    assert len(lines) == 40
    assert min(map(len, lines)) >= 40


def test_what_looks_like_writing_is_kept() -> None:
    """Rows of different thin marks are judged by more than their number."""
    lines, _ = lines_of(newsprint(1280, 720))
    assert len(lines) >= 40


@pytest.mark.parametrize("texture", [noise, rings])
def test_a_note_before_a_texture_is_read(texture: Texture) -> None:
    """A sheet that is held up before a hedge or a wall of tiles gives nothing."""
    note = write("HOTEL TAXI", "NOBLE 741", size=(420, 200), capital=34, pen=4, corner=(40, 80))
    scene = texture(1000, 700)
    scene[250:450, 300:720] = photograph(note.ink).image
    lines, parts = lines_of(scene)
    scale = 1000 / parts.labels.shape[1]
    middles = [(float(np.mean(parts.left[line])) * scale, float(np.mean(parts.top[line])) * scale) for line in lines]
    written = [line for line, (x, y) in zip(lines, middles, strict=True) if 300 < x < 720 and 250 < y < 450]
    assert sum(map(len, written)) >= 15


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        (Signs(loose=0.22, scatter=0.09, solid=0.31, alike=0.06), False),
        (Signs(loose=0.34, scatter=0.14, solid=0.13, alike=0.01), False),
        (Signs(loose=1.0, scatter=0.06, solid=0.12, alike=0.5), False),
        (Signs(loose=0.68, scatter=0.17, solid=0.28, alike=0.01), True),
        (Signs(loose=0.0, scatter=0.0, solid=0.53, alike=0.3), True),
        (Signs(loose=0.0, scatter=0.0, solid=0.13, alike=0.94), True),
    ],
    ids=["cursive page", "hasty list", "table of numbers", "grass", "filled squares", "rings"],
)
def test_signs_decide_together(signs: Signs, expected: bool) -> None:
    """One sign alone condemns a page, as wide gaps a table, or a clear texture passes."""
    assert signs.is_texture() is expected


def test_more_marks_than_a_page_holds_are_no_page() -> None:
    """A screen of dots on a large picture takes seconds in which nobody can interrupt."""
    mask = np.zeros((1400, 1900), np.uint8)
    rng = np.random.default_rng(1)
    for top in range(20, 1380, 14):
        for left in range(20, 1880, 16):
            cv2.line(mask, (left, top), (left + int(rng.integers(2, 9)), top + 8), 255, 1)
    parts = find_components(mask)
    assert len(parts) > MOST
    assert group_lines(parts, 9.0, 2.0) == []


@pytest.mark.parametrize(("unit", "kept"), [(7.0, 0), (28.0, 1)])
def test_dust_is_no_small_print(unit: float, kept: int) -> None:
    """What is left of a ruling is read for seconds; or small print beside large letters is taken for dust."""
    mask = np.zeros((300, 3300), np.uint8)
    high = unit / 7
    for number in range(160):
        left, top = round(20 + 20 * number), 100
        width, height = (3 + number % 5, round((7 if number % 4 == 0 else 4) * high))
        cv2.rectangle(mask, (left, top - height + 1), (left + width, top), 255, 1)
    line = list(range(1, 161))
    parts = find_components(mask)
    assert len(parts) == 161
    order = sorted(line, key=lambda part: int(parts.left[part]))
    assert len(without_texture([order], parts, unit, 2.0)) == kept


def test_few_marks_are_never_a_texture() -> None:
    """A note of some words is judged by statistics that it is too short for."""
    mask = np.zeros((300, 900), np.uint8)
    for number in range(40):
        cv2.rectangle(mask, (20 + 20 * number, 100), (31 + 20 * number, 111), 255, -1)
    parts = find_components(mask)
    line = list(range(1, 41))
    assert find_signs([line], parts, 12.0, pen_width(mask)).is_texture()
    assert without_texture([line], parts, 12.0, pen_width(mask)) == [line]
