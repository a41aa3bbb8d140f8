"""Which way text runs, from the finder's maps."""

import cv2
import numpy as np
import pytest

from edge_ocr.ink.looking import Sight
from edge_ocr.ink.turn import text_turn


@pytest.mark.parametrize(("way", "degrees"), [(0, 0), (1, 90), (2, 180), (3, 270)])
def test_the_way_turns_the_page_by_quarters(way: int, degrees: int) -> None:
    """Fails when a page on its side is left there, or turned the wrong way."""
    scores = np.zeros(5, np.float32)
    scores[1 + way] = 4
    core = np.zeros((100, 100), np.uint8)
    core[50:53, 10:90] = 255
    core = core if way % 2 == 0 else core.T.copy()
    pen = cv2.resize(core, None, fx=4, fy=4)
    assert text_turn(Sight(pen, pen, core, scores, 1.0, 12.0)).degrees == degrees


@pytest.mark.parametrize("tilt", [-30, -12, 0, 3, 12, 30])
def test_slanting_lines_turn_the_page(tilt: float) -> None:
    """Fails when a card that lies askew is read across its lines; nearly level ones are left to the strips."""
    core = np.zeros((200, 200), np.uint8)
    for row in (60, 90, 120):
        box = cv2.boxPoints(((100.0, float(row)), (120.0, 5.0), float(tilt)))
        cv2.fillConvexPoly(core, box.astype(np.int32), 255)
    pen = cv2.resize(core, None, fx=4, fy=4)
    found = text_turn(Sight(pen, pen, core, np.array([0, 5, 0, 0, 0], np.float32), 1.0, 12.0)).degrees
    assert abs((found - (tilt if abs(tilt) > 6 else 0) + 180) % 360 - 180) < 2.5


def test_one_word_that_lies_askew_is_turned_by_its_core_zone() -> None:
    """Fails when a single short word stays askew because its few rows of pen say nothing of a slope."""
    core = np.zeros((200, 200), np.uint8)
    box = cv2.boxPoints(((100.0, 100.0), (40.0, 9.0), -25.0))
    cv2.fillConvexPoly(core, box.astype(np.int32), 255)
    pen = np.zeros((800, 800), np.uint8)
    cv2.circle(pen, (400, 400), 60, 255, -1)
    found = text_turn(Sight(pen, pen, core, np.array([0, 5, 0, 0, 0], np.float32), 1.0, 36.0)).degrees
    assert abs((found + 25 + 180) % 360 - 180) < 4


@pytest.mark.parametrize("sure", [False, True])
def test_columns_of_single_letters_are_no_lines_on_their_side(sure: bool) -> None:
    """Fails when the zones of digits that stand below each other in a table outvote a network sure of their way."""
    core = np.zeros((100, 100), np.uint8)
    core[20:80, 30:33] = core[20:80, 40:43] = 255
    core[10:13, 60:75] = 255
    pen = cv2.resize(core, None, fx=4, fy=4)
    scores = np.array([0, 5, 0, 4, 0] if sure else np.zeros(5), np.float32)
    assert text_turn(Sight(pen, pen, core, scores, 1.0, 12.0)).degrees == (0 if sure else 90)


@pytest.mark.parametrize("sure", [False, True])
def test_only_a_doubtful_axis_is_tried_again(sure: bool) -> None:
    """Fails when pages are read on their side for nothing, or digits that stand apart keep a wrong axis."""
    core = np.zeros((100, 100), np.uint8)
    core[50:53, 10:90] = 255
    pen = cv2.resize(core, None, fx=4, fy=4)
    scores = np.array([0, 6, 1, 6, 1] if sure else np.zeros(5), np.float32)
    turn = text_turn(Sight(pen, pen, core[:, : 100 if sure else 20], scores, 1.0, 12.0))
    assert turn.degrees == 0 and turn.is_axis_sure is sure


def test_the_other_axis_is_levelled_too() -> None:
    """A sloping word that is taken for one down the page is never tried the right way."""
    core = np.zeros((100, 100), np.uint8)
    cv2.line(core, (20, 35), (80, 65), 255, 3)
    pen = np.zeros((400, 400), np.uint8)
    turn = text_turn(Sight(pen, pen, core, np.array([0, 0, 9, 0, 9], np.float32), 1.0, 12.0))
    assert turn.degrees == 90 and turn.across == pytest.approx(207, abs=4)
