"""The finder's input and output: cells become pixels in their places, whatever the picture's size."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_ocr.errors import BadBundle
from edge_ocr.ink import finder as module
from edge_ocr.ink.finder import BLOCK, MULTIPLE, PEN, Finder
from edge_ocr.model.interpreter import Tensor


class Echo:
    """A model that calls dark pixels pen and cells with any of them core zone, all in a language of int8."""

    input = Tensor((-1, -1, 1), "int8", 1.0, -128)
    output = Tensor((-1, -1, PEN + 6), "int8", 0.1, 3)

    def __init__(self, way: int = 1) -> None:
        self.way = way
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        self.shapes.append(batch.shape)
        dark = batch[0, :, :, 0].view(np.uint8) ^ 128 if batch.dtype == np.int8 else batch[0, :, :, 0]
        dark = dark < 100
        rows, columns = dark.shape[0] // BLOCK, dark.shape[1] // BLOCK
        cells = dark.reshape(rows, BLOCK, columns, BLOCK).transpose(0, 2, 1, 3).reshape(rows, columns, PEN)
        ways = np.zeros((rows, columns, 5), bool)
        ways[..., self.way] = True
        shown = np.concatenate([cells, cells.any(axis=2, keepdims=True), ways], axis=2)
        return np.where(shown, 100, -100).astype(np.int8)[None]


def finder(monkeypatch: pytest.MonkeyPatch, model: Echo, kind: str = "finder") -> Finder:
    monkeypatch.setattr(module, "open_bundle", lambda *_: model)
    return Finder(SimpleNamespace(kind=kind, folder=Path("models/x")))  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 150), st.integers(1, 150), st.integers(0, 2**32))
def test_every_pixel_comes_back_to_its_place(height: int, width: int, seed: int) -> None:
    """Fails when a cell's pixels are put in another order, or a picture of some size is cut off or shifted."""
    model = Echo()
    with pytest.MonkeyPatch.context() as patch:
        look = finder(patch, model)
    gray = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    maps = look(gray)
    assert np.array_equal(maps.pen > 127, gray < 100)
    assert maps.core.shape == (-(-height // BLOCK), -(-width // BLOCK))
    assert all(size % MULTIPLE == 0 for size in model.shapes[0][1:3])


@pytest.mark.parametrize("way", [1, 2, 3, 4])
def test_the_ways_are_those_of_the_core_zones(monkeypatch: pytest.MonkeyPatch, way: int) -> None:
    """Fails when a turned page is taken for an upright one."""
    maps = finder(monkeypatch, Echo(way))(np.zeros((40, 60), np.uint8))
    assert maps.quarters == way - 1


def test_an_empty_picture_has_no_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when white paper gives a warning of NumPy's, or is turned."""
    maps = finder(monkeypatch, Echo(3))(np.full((40, 60), 255, np.uint8))
    assert not maps.pen.any() and maps.quarters == 0 and not maps.ways.any()


def test_only_finders_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when a bundle that reads lines is asked where they are."""
    with pytest.raises(BadBundle, match="kind 'finder'"):
        finder(monkeypatch, Echo(), kind="lines")
