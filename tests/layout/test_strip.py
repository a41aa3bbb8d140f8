"""Strips: level, upright, of steady height, whatever size and slope the writing had; and the way back to the page."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_ocr.layout.strip import BASELINE, HEIGHT, PAD, WIDEST, core_zone, cut_strip
from tests.scenes import write


def ink_of(text: str, capital: int = 60, pen: int = 5) -> np.ndarray:
    """A text line as ink, cropped with a small margin."""
    page = write(text, size=(260 + 60 * len(text), 260), capital=capital, pen=pen, corner=(60, 160)).ink
    x, y, width, height = cv2.boundingRect((page > 96).astype(np.uint8))
    return np.ascontiguousarray(page[y - 4 : y + height + 4, x - 4 : x + width + 4])


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    """Correlation of two strips, brought to one width and blurred as a network's first layers do."""
    size = (first.shape[1], HEIGHT)
    blurred = [cv2.GaussianBlur(cv2.resize(image, size), (0, 0), 1.5).ravel() for image in (first, second)]
    return float(np.corrcoef(*blurred)[0, 1])


TEXT = "noon in ion pop"


@pytest.mark.parametrize("scale", [0.4, 0.7, 1.6, 3.0])
def test_size_makes_no_difference(scale: float) -> None:
    """The network would have to learn every size of writing."""
    ink = ink_of(TEXT)
    other = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    one, two = cut_strip(ink).image, cut_strip(other).image
    assert abs(one.shape[1] / two.shape[1] - 1) < 0.12
    assert likeness(one, two) > 0.85


@pytest.mark.parametrize("slope", [-0.12, -0.05, 0.06, 0.12])
def test_a_sloping_line_is_made_level(slope: float) -> None:
    """Words run out of the strip."""
    ink = cv2.copyMakeBorder(ink_of(TEXT), 120, 120, 10, 10, cv2.BORDER_CONSTANT)
    matrix = np.array([[1, 0, 0], [slope, 1, -slope * ink.shape[1] / 2]], np.float32)
    sloped = cv2.warpAffine(ink, matrix, ink.shape[::-1])
    assert likeness(cut_strip(ink).image, cut_strip(sloped).image) > 0.8


def test_slant_is_removed() -> None:
    ink = cv2.copyMakeBorder(ink_of(TEXT), 10, 10, 60, 60, cv2.BORDER_CONSTANT)
    matrix = np.array([[1, -0.4, 0.2 * ink.shape[0]], [0, 1, 0]], np.float32)
    slanted = cv2.warpAffine(ink, matrix, ink.shape[::-1])
    assert likeness(cut_strip(ink).image, cut_strip(slanted).image) > 0.75


def test_letters_stand_on_the_baseline_row() -> None:
    """Descenders and ascenders have no place of their own."""
    image = cut_strip(ink_of("noon on no")).image
    rows = np.flatnonzero(image.max(axis=1) > 96)
    assert abs(rows[-1] - BASELINE) <= 3
    assert image[:, :PAD].max() < 96 and image[:, -PAD:].max() < 96


def test_the_core_zone_is_that_of_small_letters() -> None:
    """One ascender doubles the height that the line is scaled by."""
    ink = ink_of("noon LOO noon no")
    rows = np.nonzero(ink > 96)[0].astype(float)
    top, base = core_zone(rows)
    assert base == pytest.approx(rows.max(), abs=5)
    assert 0.45 < (base - top) / np.ptp(rows) < 0.9


@settings(max_examples=30)
@given(st.integers(1, 80), st.integers(1, 400), st.integers(0, 2**31))
def test_any_ink_gives_a_strip(height: int, width: int, seed: int) -> None:
    """A speck, a dash or noise takes the program down."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    for ink in (noise, np.zeros_like(noise), np.full_like(noise, 255)):
        strip = cut_strip(ink)
        assert strip.image.shape[0] == HEIGHT and 2 * PAD <= strip.image.shape[1] <= WIDEST + 2
        assert strip.image.dtype == np.uint8


def test_the_map_leads_back_to_the_ink() -> None:
    """Boxes stand beside their characters."""
    ink = ink_of(TEXT)
    strip = cut_strip(ink)
    y, x = np.nonzero(strip.image > 200)
    back = np.stack([x, y, np.ones_like(x)], axis=1) @ strip.to_source.T
    near = cv2.dilate(ink, np.ones((7, 7), np.uint8))
    columns, rows = np.clip(np.round(back).astype(int), 0, np.array(ink.shape[::-1]) - 1).T
    assert (near[rows, columns] > 96).mean() > 0.97


@pytest.mark.parametrize("factor", [0.8, 1.35])
def test_a_hand_that_writes_wide_makes_no_difference(factor: float) -> None:
    """The network would have to learn every width of writing."""
    ink = ink_of(TEXT)
    other = cv2.resize(ink, None, fx=factor, fy=1, interpolation=cv2.INTER_AREA)
    one, two = cut_strip(ink).image, cut_strip(other).image
    assert abs(one.shape[1] / two.shape[1] - 1) < 0.1 and likeness(one, two) > 0.85


def test_the_longest_line_is_compressed_to_the_widest_strip() -> None:
    """A line across a wide picture takes the time of several, or is made narrower than it need be."""
    strip = cut_strip(np.tile(ink_of("noon in ion pop "), (1, 9)))
    assert WIDEST - 3 <= strip.image.shape[1] <= WIDEST + 2
