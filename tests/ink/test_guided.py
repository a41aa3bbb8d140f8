"""Ink where a finder saw writing."""

import cv2
import numpy as np
import pytest

from edge_ocr.ink.binarization import INK_LEVEL
from edge_ocr.ink.guided import find_guided_ink, is_light, pen_strength
from edge_ocr.ink.looking import Sight
from edge_ocr.page import Frame, Gray

WAYS = np.array([0, 5, 0, 0, 0], np.float32)


def faint_word_beside_a_dark_thing(letter: int = 24) -> tuple[Gray, Gray, Gray]:
    """A picture, its pen and its core zone: a word in pencil, and a thing much darker and larger beside it."""
    picture, pen = np.full((600, 800), 215, np.uint8), np.zeros((600, 800), np.uint8)
    for number in range(8):
        left = 80 + number * letter
        cv2.rectangle(pen, (left, 200), (left + letter // 2, 200 + letter), 255, 2)
    picture[pen > 0] = 180
    cv2.ellipse(picture, (560, 330), (90, 60), 20, 0, 360, 20, 14)
    core = np.zeros((150, 200), np.uint8)
    core[52:56, 20 : 20 + 2 * letter] = 255
    return picture, pen, core


def test_faint_pen_is_ink_whatever_stands_beside_it() -> None:
    """Fails when the darkest thing on the desk sets the threshold, so that pencil beside it is taken for paper."""
    picture, pen, core = faint_word_beside_a_dark_thing()
    ink, parts = find_guided_ink(Frame(picture), Sight(picture, pen, core, WAYS, 1.0, 16.0))
    drawn = cv2.resize(pen, ink.mask.shape[::-1], interpolation=cv2.INTER_AREA) > 127
    assert len(parts) >= 9
    assert (ink.mask[drawn] > 0).mean() > 0.8


def test_large_things_do_not_say_how_large_the_letters_are() -> None:
    """Fails when small letters are read at the resolution that a large thing beside them would need."""
    picture, pen, core = faint_word_beside_a_dark_thing(letter=14)
    for left in (150, 330, 510):  # The map is not quite sure that these are nothing.
        cv2.ellipse(picture, (left, 420), (70, 45), 0, 0, 360, 20, 12)
        cv2.ellipse(pen, (left, 420), (90, 65), 0, 0, 360, 70, -1)
    ink, _ = find_guided_ink(Frame(picture), Sight(picture, pen, core, WAYS, 1.0, 9.0))
    assert ink.scale == 1.0


def test_strength_follows_the_pen_nearby() -> None:
    """Fails when a marker in one corner makes pencil in the other one disappear."""
    contrast, pen = np.zeros((400, 400), np.uint8), np.zeros((400, 400), np.uint8)
    for corner, value in ((40, 30), (300, 200)):
        cv2.line(contrast, (corner, corner), (corner + 60, corner), value, 3)
        cv2.line(pen, (corner, corner), (corner + 60, corner), 255, 3)
    strength = pen_strength(contrast, Sight(contrast, pen, np.zeros((100, 100), np.uint8), WAYS, 1.0, 10.0))
    assert (strength[pen > 0] > INK_LEVEL).mean() > 0.9
    assert not strength[pen == 0].any()


@pytest.mark.parametrize("light", [False, True])
def test_the_map_says_whether_pen_is_dark_or_light(light: bool) -> None:
    """Fails when chalk on a board, or a dark sheet on a white table, is read as the paper between its strokes."""
    picture, pen, core = faint_word_beside_a_dark_thing()
    sight = Sight(cv2.bitwise_not(picture) if light else picture, pen, core, WAYS, 1.0, 16.0)
    assert is_light(sight) is light


def test_pen_that_was_not_seen_is_dark() -> None:
    """Fails when a picture in which the map shows nothing surely is inverted, or stops the reader."""
    blank = np.full((64, 64), 200, np.uint8)
    assert not is_light(Sight(blank, np.zeros_like(blank), np.zeros((16, 16), np.uint8), WAYS, 1.0, 0.0))
