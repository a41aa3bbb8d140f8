"""Recorded strokes become ink of the right place, width and smoothness."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convert.synthesis.pen import bounds, draw, smooth, transform

POINTS = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), min_size=1, max_size=8)


def stroke(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, np.float32)


@given(st.lists(POINTS, min_size=1, max_size=4), st.floats(2, 12), st.integers(0, 5))
@example([[(0, 0), (0, 0), (0, 0)]], 2.0, 1)
@example([[(0, 0)], [(0, 0)]], 2.0, 1)
def test_all_ink_lies_inside_its_margin(strokes: list[list[tuple[int, int]]], width: float, margin: int) -> None:
    """Strokes are cut off at the picture's border, or a dot leaves no ink at all."""
    ink = draw([stroke(*points) for points in strokes], width, margin)
    assert ink.dtype == np.uint8 and ink.max() >= 140
    if margin:
        frame = np.ones(ink.shape, bool)
        frame[1:-1, 1:-1] = False
        # The soft edge of one stroke; edges of strokes over each other add up.
        assert ink[frame].max() <= 255 * (1 - (1 - 140 / 255) ** len(strokes)) + 1


@pytest.mark.parametrize("width", [1, 3, 6, 10])
def test_a_stroke_is_as_wide_as_its_pen(width: int) -> None:
    """Characters are drawn bolder or finer than asked for."""
    ink = draw([stroke((0, 0), (60, 0))], width, 4)
    # OpenCV's smooth lines are up to two pixels wider than their thickness.
    assert width - 0.5 < ink[:, ink.shape[1] // 2].astype(float).sum() / 255 < width + 2.6


def test_a_fine_pen_is_paler_but_not_thinner_than_a_pixel() -> None:
    """Fine pens vanish, or all look like a pen of one pixel."""
    fine, plain = (draw([stroke((0, 0), (60, 0))], width, 2) for width in (0.4, 1.0))
    assert 140 < fine.max() < 200 < plain.max()


def test_strokes_stay_where_they_are_to_each_other() -> None:
    """The dot of an i lands beside it: every stroke must be shifted alike."""
    ink = draw([stroke((10, 20), (10, 60)), stroke((30, 20), (30, 60))], 1, 3)
    columns = np.flatnonzero((ink > 100).any(axis=0))
    assert columns[-1] - columns[0] == 20


def test_smoothing_turns_a_staircase_into_a_slope() -> None:
    """Coarse tablets' characters keep steps that no pen makes."""
    steps = stroke(*[(x, x // 4 * 4) for x in range(40)])
    straight = smooth(steps)
    turns = [np.abs(np.diff(np.arctan2(*np.diff(s, axis=0).T))).max() for s in (steps, straight)]
    assert turns[1] < 0.6 * turns[0]
    assert np.array_equal(straight[0], steps[0]) and np.array_equal(straight[-1], steps[-1])


@given(POINTS)
def test_smoothing_stays_within_the_stroke(points: list[tuple[int, int]]) -> None:
    """Smoothed characters grow, or short strokes stop the drawing."""
    before = stroke(*points)
    after = smooth(before)
    assert after.dtype == np.float32 and len(after) >= min(len(before), 2)
    for one, other in zip(bounds([before]), bounds([after]), strict=True):
        assert np.abs(np.clip(other, *bounds([before])) - other).max() < 1e-3 and one.shape == (2,)


def test_transform_moves_every_point() -> None:
    """Slant and size are applied to the wrong axis."""
    matrix = np.array([[2, 0.5, 3], [0, 1, -1]], np.float32)
    (moved,) = transform([stroke((1, 2), (4, 6))], matrix)
    np.testing.assert_allclose(moved, [(6, 1), (14, 5)])
