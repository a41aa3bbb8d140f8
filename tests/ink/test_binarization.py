"""Pen is separated from paper whatever the light, the paper and the pen are like."""

import cv2
import numpy as np
import pytest

from edge_ocr.ink.binarization import SMALL_SIDE, WORKING_SIDE, find_ink
from edge_ocr.layout.layout import find_layout
from edge_ocr.page import Frame, Ink
from tests.scenes import Field, Writing, half_shadow, photograph, ruled, write

MARKER_LIMIT = pytest.mark.xfail(reason="a marker as broad as a fifth of a capital is partly taken for grain")

PAGE = write("HELLO TAX 471", "pin jo: 4=7; no!", "LOLX AB?", size=(760, 420), corner=(90, 110))
SHAPE = PAGE.ink.shape


def mask_at_frame_size(ink: Ink, writing: Writing) -> np.ndarray:
    size = writing.ink.shape[::-1]
    return cv2.resize(ink.mask, size, interpolation=cv2.INTER_NEAREST) > 0


def recall(mask: np.ndarray, writing: Writing) -> float:
    """Part of the strokes' pixels that was found."""
    return float(mask[writing.ink > 200].mean())


def strays(mask: np.ndarray, writing: Writing, reach: int = 2) -> float:
    """Pixels farther than `reach` from any stroke, as a part of all that were found."""
    near = cv2.dilate((writing.ink > 60).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    return float((mask & ~near).sum() / max(1, mask.sum()))


def slope_of_light() -> Field:
    """Light that falls to a third from one corner to the opposite one."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float32)
    return np.asarray(0.33 + 0.67 * (x / SHAPE[1] + y / SHAPE[0]) / 2, np.float32)


SCENES = {
    "plain paper": photograph(PAGE.ink),
    "hard shadow": photograph(PAGE.ink, light=half_shadow(SHAPE, 0.6)),
    "soft shadow": photograph(PAGE.ink, light=half_shadow(SHAPE, 0.6, 120)),
    "uneven light": photograph(PAGE.ink, light=slope_of_light()),
    "faint pencil": photograph(PAGE.ink, paper=190, pen=150),
    "noisy": photograph(PAGE.ink, noise=7),
    "chalk on a board": photograph(PAGE.ink, paper=45, pen=210),
    "chalk in uneven light": photograph(PAGE.ink, paper=45, pen=210, light=slope_of_light()),
}


@pytest.mark.parametrize("name", SCENES)
def test_strokes_are_found_and_nothing_else(name: str) -> None:
    """Writing is lost, or shadows and noise become ink, under light that people read in without a thought."""
    mask = mask_at_frame_size(find_ink(SCENES[name], light="chalk" in name), PAGE)
    assert recall(mask, PAGE) > 0.97
    assert strays(mask, PAGE) < 0.002


def test_the_edge_of_a_shadow_is_no_stroke() -> None:
    """The edge becomes a line across the page that is read as letters."""
    light = half_shadow(SHAPE, 0.7)
    assert find_layout(find_ink(photograph(np.zeros(SHAPE, np.uint8), light=light))).lines == ()
    edge = cv2.dilate(cv2.Canny((255 * light).astype(np.uint8), 50, 100), np.ones((9, 9), np.uint8)) > 0
    edge &= cv2.dilate(PAGE.ink, np.ones((7, 7), np.uint8)) == 0
    assert find_ink(SCENES["hard shadow"]).mask[: edge.shape[0]][edge].mean() < 1


@pytest.mark.parametrize(("squared", "most"), [(False, 0.05), (True, 0.25)])
@pytest.mark.parametrize("strength", [0.12, 0.25, 0.4])
def test_little_is_left_of_printed_lines(strength: float, squared: bool, most: float) -> None:
    """Rulings join letters to one blob. Traces, mostly where squares' lines cross, are for the layout to leave out."""
    texts = ("HELLO TAX 471", "pin jo: 4=7; no!", "LOLX AB?")
    page = write(*texts, size=(1200, 800), capital=52, pen=6, corner=(110, 190))
    light = ruled((800, 1200), 37 if squared else 92, strength, squared=squared)
    mask = mask_at_frame_size(find_ink(photograph(page.ink, light=light)), page)
    assert recall(mask, page) > 0.93
    assert strays(mask, page, reach=3) < most


@pytest.mark.parametrize("pen", [9, pytest.param(13, marks=MARKER_LIMIT)])
def test_a_thick_marker_is_filled(pen: int) -> None:
    """Strokes hollow out or vanish where ink covers much of the paper around them."""
    page = write("HELLO TAX", "pin jo:", size=(760, 420), capital=72, pen=pen, corner=(60, 130))
    mask = mask_at_frame_size(find_ink(photograph(page.ink, pen=30)), page)
    assert recall(mask, page) > 0.95
    assert strays(mask, page) < 0.002


def test_a_desk_around_the_sheet_is_no_ink_inside_it() -> None:
    """The sheet's edge grows into the writing beside it."""
    desk = np.full(SHAPE, 0.25, np.float32)
    desk[25:-25, 30:-30] = 1
    mask = find_ink(photograph(PAGE.ink, light=desk)).mask > 0
    inside = (slice(40, -40), slice(45, -45))
    assert recall(mask, PAGE) > 0.97
    assert strays(mask[inside], Writing(PAGE.ink[inside], ())) < 0.002


def test_grey_and_colour_give_the_same_ink() -> None:
    """A page is read otherwise when the camera gives three equal channels."""
    frame = SCENES["hard shadow"]
    colour = find_ink(Frame(np.dstack([frame.image] * 3)))
    gray = find_ink(frame)
    assert np.array_equal(colour.mask, gray.mask) and np.array_equal(colour.strength, gray.strength)


def test_a_coloured_pen_is_found() -> None:
    """Red or blue ink is lost on its way to grey."""
    for colour in ((60, 50, 190), (190, 80, 50)):
        picture = np.full((*SHAPE, 3), 215, np.uint8)
        picture[PAGE.ink > 127] = colour
        assert recall(mask_at_frame_size(find_ink(Frame(picture)), PAGE), PAGE) > 0.97


@pytest.mark.parametrize("size", [(3600, 2700), (1400, 900), (500, 300)])
def test_the_scale_leads_back_to_the_frame(size: tuple[int, int]) -> None:
    """Large pictures take far too long, or boxes land beside the writing."""
    capital = size[0] / 14
    page = write("HELLO", "TAX", size=size, capital=capital, pen=round(capital / 9), corner=(size[0] / 9, size[1] / 3))
    ink = find_ink(photograph(page.ink))
    assert max(ink.mask.shape) == min(WORKING_SIDE, max(size))
    assert ink.scale == pytest.approx(max(size) / max(ink.mask.shape))
    assert recall(mask_at_frame_size(ink, page), page) > 0.97


def test_a_crop_of_one_character_is_doubled() -> None:
    """A character of 25 pixels has strokes too thin to separate from noise."""
    page = write("A", size=(60, 50), capital=28, pen=3, corner=(16, 40))
    ink = find_ink(photograph(page.ink))
    assert max(page.ink.shape) < SMALL_SIDE and ink.scale == 0.5 and ink.mask.shape == (100, 120)
    assert recall(mask_at_frame_size(ink, page), page) > 0.9


@pytest.mark.parametrize("board", [False, True])
@pytest.mark.parametrize("char", "AOL")
def test_one_thick_letter_is_not_taken_for_its_surroundings(char: str, board: bool) -> None:
    """The letter on a sign, or in a crop, is read as the paper around it: as nothing."""
    page = write(char, size=(140, 140), capital=80, pen=10, corner=(28, 112))
    levels = (45, 210) if board else (200, 50)
    mask = mask_at_frame_size(find_ink(photograph(page.ink, *levels), light=board), page)
    assert recall(mask, page) > 0.95
    assert strays(mask, page) < 0.01


def test_strength_keeps_soft_edges_and_nothing_far_from_strokes() -> None:
    """Tiles would be cut from hard pixels, or from the paper's grain."""
    ink = find_ink(SCENES["plain paper"])
    assert ink.strength.dtype == ink.mask.dtype == np.uint8 and set(np.unique(ink.mask)) == {0, 255}
    assert ((ink.strength > 20) & (ink.strength < 235)).mean() > 0.005
    assert not ink.strength[cv2.dilate(ink.mask, np.ones((5, 5), np.uint8)) == 0].any()


def unwritten() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    gradient = np.linspace(60, 230, 300)[None, :] * np.ones((200, 1))
    return {
        "white": np.full((200, 300), 255, np.uint8),
        "black": np.zeros((200, 300), np.uint8),
        "grey, in colour": np.full((200, 300, 3), 120, np.uint8),
        "uneven light": gradient.astype(np.uint8),
        "sensor noise": np.clip(180 + 6 * rng.standard_normal((400, 600)), 0, 255).astype(np.uint8),
        "dark noise": np.clip(4 + 3 * rng.standard_normal((400, 600)), 0, 255).astype(np.uint8),
        "pure noise": rng.integers(0, 256, (400, 600), np.uint8),
        "pure noise, in colour": rng.integers(0, 256, (300, 400, 3), np.uint8),
        "one pixel": np.full((1, 1), 77, np.uint8),
        "one row": np.full((1, 400), 200, np.uint8),
        "one column": np.full((400, 1, 3), 200, np.uint8),
    }


@pytest.mark.parametrize("name", unwritten())
def test_without_writing_there_are_no_lines(name: str) -> None:
    """A camera that looks at nothing shows text."""
    assert find_layout(find_ink(Frame(unwritten()[name]))).lines == ()


@pytest.mark.parametrize("noise", [1, 2, 4])
@pytest.mark.parametrize("depth", [0.0, 0.5])
def test_grain_of_an_unwritten_page_is_no_writing(depth: float, noise: float) -> None:
    """A camera that looks at a blank sheet, in a shadow or not, shows text."""
    shape = (700, 1000)
    light = half_shadow(shape, depth)
    assert find_layout(find_ink(photograph(np.zeros(shape, np.uint8), light=light, noise=noise))).lines == ()
