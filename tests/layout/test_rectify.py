"""Lines become level and upright, and every point of theirs leads back to the picture."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_ocr.layout.rectify import Rectified, find_slant, fit_baseline, rectify
from tests.scenes import write

CURVES = st.tuples(st.floats(-2e-4, 2e-4), st.floats(-0.12, 0.12), st.floats(60, 110))


def dot_at(x: float, y: float, shape: tuple[int, int] = (170, 400)) -> np.ndarray:
    """A soft dot at a place between pixels."""
    ink = np.zeros(shape, np.uint8)
    cv2.circle(ink, (round(16 * x), round(16 * y)), 16 * 3, 255, -1, cv2.LINE_AA, 4)
    return ink


@settings(max_examples=40)
@given(CURVES, st.floats(-0.7, 0.7), st.floats(40, 360), st.floats(-25, 12))
def test_to_source_inverts_the_resampling(
    curve: tuple[float, float, float], slant: float, x: float, off: float
) -> None:
    """Boxes are drawn beside the writing, by as much as the line was turned, bent or slanted."""
    y = float(np.polyval(curve, x)) + off
    line = rectify(dot_at(x, y), curve, slant, 60, 45)
    rows, columns = np.nonzero(line.ink)
    weight = line.ink[rows, columns].astype(float)
    found_x, found_y = line.to_source(
        np.array([np.average(columns, weights=weight)]), np.array([np.average(rows, weights=weight)])
    )
    assert abs(found_x[0] - x) < 0.7 and abs(found_y[0] - y) < 0.7


@settings(max_examples=40)
@given(CURVES, st.floats(-0.7, 0.7))
def test_what_is_asked_for_is_kept(curve: tuple[float, float, float], slant: float) -> None:
    """Ascenders, descenders or the ends of a slanted line are cut off."""
    ink = np.zeros((170, 400), np.uint8)
    x = np.arange(400)
    for off in (-20, 10):
        rows = np.round(np.polyval(curve, x) + off).astype(int)
        inside = (rows >= 1) & (rows < 169)
        ink[rows[inside], x[inside]] = 255
    middle = np.polyval(curve, x)
    line = rectify(ink, curve, slant, float(middle.max()) + 2, float(170 - middle.min()) + 2)
    assert line.ink.sum() > 0.75 * ink.sum()


def test_the_baseline_becomes_level() -> None:
    """Letters of a sloped line have other heights at its end than at its start."""
    curve = (1.5e-4, -0.08, 90.0)
    ink = np.zeros((170, 400), np.uint8)
    points = np.stack([np.arange(400), np.polyval(curve, np.arange(400))], axis=1)
    cv2.polylines(ink, [np.round(16 * points).astype(np.int32)], False, 255, 2, cv2.LINE_AA, 4)
    line = rectify(ink, curve, 0.0, 60, 45)
    rows = [np.average(np.arange(len(column)), weights=column) for column in line.ink.T[5:-5] if column.any()]
    assert np.abs(np.array(rows) - line.baseline).max() < 1.2


@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.1])
def test_descenders_and_quotes_do_not_move_the_baseline(slope: float) -> None:
    """A line with p, g, j or quotes is turned or shifted, and its letters judged by wrong heights."""
    x = np.arange(0.0, 600, 40)
    bottoms = 100 + slope * x
    bottoms[[3, 7, 8]] += 18
    bottoms[[2, 11]] -= 30
    fit = fit_baseline(x, bottoms, 40.0)
    good = np.setdiff1d(np.arange(len(x)), [2, 3, 7, 8, 11])
    assert np.abs(np.polyval(fit, x) - (100 + slope * x))[good].max() < 2


def test_a_curved_line_is_followed() -> None:
    """Letters at the ends of a line on a bulging page are taken for superscripts."""
    x = np.arange(0.0, 900, 30)
    bottoms = 100 + 30 * ((x - 450) / 450) ** 2
    bottoms[5::9] += 16
    assert np.abs(np.polyval(fit_baseline(x, bottoms, 40.0), x) - (100 + 30 * ((x - 450) / 450) ** 2)).max() < 2.5


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_letters_do_not_show_a_slope(count: int) -> None:
    """A short word with a descender is turned on its side."""
    x = np.arange(count) * 20.0
    bottoms = np.array([100.0, 115.0, 100.0])[:count]
    first, second, third = fit_baseline(x, bottoms, 40.0)
    assert first == second == 0 and 95 <= third <= 116


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300)), min_size=1, max_size=40), st.floats(6, 90))
def test_any_bottoms_give_a_baseline(points: list[tuple[int, int]], unit: float) -> None:
    """Some arrangement of letters stops the reader, or sends the baseline off the page."""
    x, bottoms = np.array(sorted(points), float).T
    curve = fit_baseline(x, bottoms, unit)
    assert np.isfinite(curve).all()


@pytest.mark.parametrize("lean", [-0.5, -0.25, 0.3, 0.55])
def test_slant_is_found(lean: float) -> None:
    """Leaning letters overlap in every column, so that no cut between them is straight."""
    page = write("HELLO TILL 1417", size=(800, 200), capital=60, pen=6, corner=(90, 130), lean=lean)
    mask = np.where(page.ink > 96, 255, 0).astype(np.uint8)
    assert find_slant(mask, 0.0, 130.0) == pytest.approx(lean, abs=0.06)


@pytest.mark.parametrize("slope", [-0.08, 0.0, 0.08])
def test_upright_writing_is_left_alone(slope: float) -> None:
    """Upright letters of a sloped line are sheared, or X and A pull a word to one side."""
    page = write("HELLO TAX LIONX 1417", size=(1000, 300), capital=60, pen=6, corner=(90, 160), slope=slope)
    mask = np.where(page.ink > 96, 255, 0).astype(np.uint8)
    assert abs(find_slant(mask, slope, 160 + slope * 410)) <= 0.051


def test_next_to_no_ink_has_no_slant() -> None:
    """A dash alone stops the reader."""
    assert find_slant(np.zeros((40, 60), np.uint8), 0.0, 30.0) == 0.0


def test_upright_ink_is_unchanged() -> None:
    """Resampling blurs lines that need none."""
    page = write("TAX", size=(200, 100), capital=40, corner=(30, 70))
    line = rectify(page.ink, (0.0, 0.0, 70.0), 0.0, 70, 30)
    assert isinstance(line, Rectified)
    left = -line.left
    assert np.array_equal(line.ink[:100, left : left + 200], page.ink)


@pytest.mark.parametrize("slope", [-0.1, 0.1])
def test_a_short_line_may_slope(slope: float) -> None:
    """Two words on a turned label are judged as if they were level."""
    x = np.arange(0.0, 200, 40)
    first, second, _ = fit_baseline(x, 100 + slope * x, 40.0)
    assert first == 0 and second == pytest.approx(slope, abs=0.01)


@pytest.mark.parametrize("slant", [-0.7, -0.3, 0.3, 0.7])
def test_the_ends_of_a_slanted_line_are_kept(slant: float) -> None:
    """The first letter of a leaning line loses its foot, or the last one its head."""
    ink = np.zeros((105, 300), np.uint8)
    for x in (0, 294):
        for y in (2, 94):
            ink[y : y + 6, x : x + 6] = 255
    line = rectify(ink, (0.0, 0.0, 60.0), slant, 60, 45)
    assert int(line.ink.sum()) == pytest.approx(int(ink.sum()), rel=0.02)
