"""The one preprocessing of characters: any crop becomes a tile that the network can be fed with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.layout.tile import INK_SIDE, SIDE, SMALLEST, cut_tile, stack_tiles

MARGIN = (SIDE - INK_SIDE) // 2
SIZES = st.integers(0, 90)


def box_of(tile: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is not paper."""
    rows, columns = np.flatnonzero(tile.any(axis=1)), np.flatnonzero(tile.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@given(SIZES, SIZES, st.sampled_from([0.0, 5.0, 40.0, 400.0]), st.integers(0, 2**32))
def test_any_crop_becomes_a_tile(height: int, width: int, capital: float, seed: int) -> None:
    """Some size of a box stops the reader, reaches the tile's edge, or gives a pale tile."""
    ink = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    tile = cut_tile(ink, capital)
    assert (tile.shape, tile.dtype) == ((SIDE, SIDE), np.uint8)
    assert tile.max() == (255 if ink.any() else 0)
    margins = np.ones((SIDE, SIDE), bool)
    margins[MARGIN : SIDE - MARGIN, MARGIN : SIDE - MARGIN] = False
    assert not tile[margins].any()


@pytest.mark.parametrize("shape", [(40, 20), (20, 40), (33, 33), (200, 50), (8, 3)])
def test_proportions_stay_and_the_ink_is_centred(shape: tuple[int, int]) -> None:
    """A narrow character would look like a wide one, or stand where training never saw it."""
    left, top, right, bottom = box_of(cut_tile(np.full(shape, 200, np.uint8)))
    assert max(right - left, bottom - top) == INK_SIDE
    assert (bottom - top) / (right - left) == pytest.approx(shape[0] / shape[1], rel=0.12)
    assert abs(left + right - SIDE) <= 1 and abs(top + bottom - SIDE) <= 1


@given(st.integers(3, 19), st.integers(3, 19))
def test_a_small_sign_stays_small(height: int, width: int) -> None:
    """A full stop would be blown up into a disc that looks like a letter."""
    left, top, right, bottom = box_of(cut_tile(np.full((height, width), 255, np.uint8), 40.0))
    scale = INK_SIDE / (SMALLEST * 40)
    assert abs(right - left - width * scale) <= 1 and abs(bottom - top - height * scale) <= 1


def test_a_letter_of_unknown_size_fills_the_tile() -> None:
    """A lone character would be read from a few pixels in the middle of its tile."""
    dot = np.full((6, 6), 255, np.uint8)
    assert box_of(cut_tile(dot)) == (MARGIN, MARGIN, SIDE - MARGIN, SIDE - MARGIN)


def test_faint_and_dark_pens_give_the_same_tile() -> None:
    """Pencil would be read worse than ballpoint, though the shapes are the same."""
    stroke = np.zeros((40, 30), np.uint8)
    stroke[5:35, 12:16] = 240
    faint, dark = cut_tile(stroke // 4).astype(int), cut_tile(stroke).astype(int)
    assert np.abs(faint - dark).max() <= 3


def test_thin_strokes_survive_shrinking() -> None:
    """A line one pixel wide in a large picture would fall between the pixels that are kept."""
    ink = np.zeros((300, 300), np.uint8)
    ink[:, 151] = 255
    tile = cut_tile(ink)
    assert (tile[MARGIN : SIDE - MARGIN].max(axis=1) > 200).all()


def test_the_crop_is_left_as_it_was() -> None:
    """The page's ink would change under the next segment that is cut from it."""
    ink = np.random.default_rng(0).integers(0, 256, (20, 50), np.uint8)
    before = ink.copy()
    cut_tile(ink[:, 10:30], 20.0)
    assert np.array_equal(ink, before)


def test_batches_keep_their_order_and_may_be_empty() -> None:
    """Characters would get each other's scores, or an empty page would stop the reader."""
    tiles = [np.full((SIDE, SIDE), value, np.uint8) for value in (3, 1, 2)]
    batch = stack_tiles(tiles)
    assert batch.shape == (3, SIDE, SIDE) and list(batch[:, 0, 0]) == [3, 1, 2]
    assert stack_tiles([]).shape == (0, SIDE, SIDE) and stack_tiles([]).dtype == np.uint8
