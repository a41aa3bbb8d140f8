"""Looking for writing: coarse first, closely only where something is, upright, and ink as the picture shows it."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.ink.finder import Maps
from edge_ocr.ink.looking import (
    BLOCK,
    TILE,
    Sight,
    glance,
    ink_within,
    look_closer,
    tiles,
    usual_x_height,
    written_parts,
)
from edge_ocr.ink.resolution import find_legible_ink
from edge_ocr.page import Frame
from edge_ocr.stopwatch import Stopwatch

PAPER, PEN = 200, 60


class DarkFinder:
    """Takes what is darker than 110 for pen, and boxes around close dark pixels for core zones; notes what it saw."""

    def __init__(self, ways: tuple[float, ...] = (0, 9, 0, 0, 0)) -> None:
        self.seen: list[tuple[int, int]] = []
        self.ways = np.array(ways, np.float32)

    def __call__(self, gray: np.ndarray) -> Maps:
        self.seen.append(gray.shape)
        pen = cv2.compare(gray, 110, cv2.CMP_LT)
        wide = cv2.morphologyEx(pen, cv2.MORPH_CLOSE, np.ones((1, 41), np.uint8))
        size = (-(-gray.shape[1] // BLOCK), -(-gray.shape[0] // BLOCK))
        return Maps(pen, cv2.resize(wide, size, interpolation=cv2.INTER_AREA), self.ways)


def written(height: int, width: int, left: int, top: int, x_height: int, letters: int = 8) -> np.ndarray:
    """A grey picture with a row of letter-like boxes."""
    gray = np.full((height, width), PAPER, np.uint8)
    for number in range(letters):
        x = left + number * 2 * x_height
        cv2.rectangle(gray, (x, top), (x + x_height, top + x_height), PEN, max(1, x_height // 5))
    return gray


def look(frame: Frame, finder: DarkFinder) -> Sight:
    """Both looks at a frame that is the right way up."""
    return look_closer(frame, finder, glance(frame, finder))  # type: ignore[arg-type]


def pixels(shapes: list[tuple[int, int]]) -> int:
    return sum(height * width for height, width in shapes)


def test_a_scene_without_writing_costs_one_look() -> None:
    """Fails when a room is searched twice, or found to hold writing."""
    finder = DarkFinder()
    sight = look(Frame(np.full((1080, 1920), PAPER, np.uint8)), finder)
    assert len(finder.seen) == 1 and max(finder.seen[0]) == 512
    assert sight.x_height == 0 and not ink_within(sight).mask.any()


def test_a_small_note_in_a_large_picture_is_looked_at_alone() -> None:
    """Fails when the whole picture is looked at closely for a few words."""
    finder = DarkFinder()
    frame = Frame(written(1080, 1920, 1000, 500, 18, 8))
    sight = look(frame, finder)
    assert sight.x_height > 9
    assert pixels(finder.seen[1:]) < 0.3 * sight.gray.size
    assert (sight.pen > 0).any()


def spent() -> Stopwatch:
    """A watch whose time was over as soon as it began."""
    watch = Stopwatch(1e-9)
    with watch("ink"):
        return watch


def test_no_closer_look_is_begun_when_time_is_over() -> None:
    """Fails when a picture full of marks is looked at on and on, past its deadline, or does not say that it was not."""
    finder, frame, watch = DarkFinder(), Frame(written(1080, 1920, 1000, 500, 18, 8)), spent()
    coarse = glance(frame, finder)  # type: ignore[arg-type]
    assert look_closer(frame, finder, coarse, watch) is coarse  # type: ignore[arg-type]
    assert len(finder.seen) == 1 and watch.was_over


def test_paper_gives_what_its_first_look_shows_when_time_is_over() -> None:
    """Fails when a picture of small marks has no deadline without a finder, or gives nothing at it."""
    frame, watch = Frame(written(1080, 1920, 1000, 500, 18, 8)), spent()
    ink, parts = find_legible_ink(frame, watch=watch)
    assert max(ink.mask.shape) == 512 and len(parts) > 8 and watch.was_over
    assert max(find_legible_ink(frame)[0].mask.shape) == 1920


def test_close_looks_are_put_where_they_belong() -> None:
    """Fails when tiles of the close look are shifted against the picture."""
    frame = Frame(written(1500, 1900, 300, 900, 14, 20))
    sight = look(frame, DarkFinder())
    there = sight.gray < 110
    assert np.array_equal(sight.pen > 0, there)


def test_large_letters_are_not_looked_at_again() -> None:
    """Fails when a crop or a clear note costs two looks."""
    finder = DarkFinder()
    coarse = glance(Frame(written(400, 600, 40, 150, 40, 5)), finder)  # type: ignore[arg-type]
    assert look_closer(Frame(written(400, 600, 40, 150, 40, 5)), finder, coarse) is coarse  # type: ignore[arg-type]


@given(st.integers(0, 900), st.integers(0, 900), st.integers(1, 2000), st.integers(1, 2000))
def test_tiles_cover_a_part_once(left: int, top: int, width: int, height: int) -> None:
    """Fails when a strip between two tiles is never looked at, or a tile is larger than memory was planned for."""
    right, bottom = left + width, top + height
    found = tiles((left, top, right, bottom))
    area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in found)
    assert area == (right - left // BLOCK * BLOCK) * (bottom - top // BLOCK * BLOCK)
    assert all(0 < x1 - x0 <= TILE + BLOCK and 0 < y1 - y0 <= TILE + BLOCK for x0, y0, x1, y1 in found)
    assert all(x0 % BLOCK == 0 and y0 % BLOCK == 0 for x0, y0, _, _ in found)


def test_parts_that_touch_are_one() -> None:
    """Fails when the same pixels are looked at twice."""
    pen, core = np.zeros((400, 400), np.uint8), np.zeros((100, 100), np.uint8)
    core[20:23, 10:40] = core[25:28, 30:60] = core[80:83, 5:20] = 255
    parts = written_parts(Sight(pen, pen, core, np.zeros(5, np.float32), 1.0, 12.0))
    assert len(parts) == 2
    assert any(left <= 40 and right >= 240 for left, _, right, _ in parts)


@pytest.mark.parametrize(("paper", "pen"), [(PAPER, PEN), (50, 210), (120, 95)])
def test_ink_is_what_stands_out_within_the_map(paper: int, pen: int) -> None:
    """Fails when chalk or pencil is lost, or a ruling beside the letters comes through."""
    gray, mask = np.full((120, 300), paper, np.uint8), np.zeros((120, 300), np.uint8)
    for number in range(7):
        cv2.circle(mask, (40 + 35 * number, 60), 12, 255, 3)
    gray[mask > 0] = pen
    gray[100:102] = pen
    core = np.zeros((30, 75), np.uint8)
    core[12:18, 6:66] = 255
    ink = ink_within(Sight(gray, cv2.GaussianBlur(mask, (5, 5), 0), core, np.zeros(5, np.float32), 1.0, 24.0))
    overlap = ((ink.mask > 0) & (mask > 0)).sum() / ((ink.mask > 0) | (mask > 0)).sum()
    assert overlap > 0.7 and not ink.mask[95:].any()


def test_the_usual_x_height_is_that_of_most_of_the_writing() -> None:
    """Fails when a heading decides how closely the text is looked at."""
    core = np.zeros((100, 200), np.uint8)
    core[5:15, 20:60] = 255
    for row in (30, 40, 50, 60):
        core[row : row + 3, 10:190] = 255
    assert abs(usual_x_height(core) - 12) <= 4
    assert usual_x_height(np.zeros((10, 10), np.uint8)) == 0
