"""How the finder is measured: maps against labels, and a card that holds what was measured."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

from convert.evaluation.finder import MOST_LOSS, FindingTime, MapRates, Overlap, PictureRates, failures, map_rates
from convert.evaluation.finder_card import write_finder_card
from convert.synthesis.scenes.shards import Scene
from edge_ocr.ink.finder import Maps
from edge_ocr.model.bundle import Bundle


def scene(text: np.ndarray, way: int) -> Scene:
    core = np.ascontiguousarray(text[::4, ::4])
    up = np.where(text[::16, ::16] > 0, way, 0).astype(np.uint8)
    return Scene(np.full(text.shape, 200, np.uint8), text, core, up)


def written(way: int = 1) -> Scene:
    text = np.zeros((64, 64), np.uint8)
    text[16:32, 16:48] = 255
    return scene(text, way)


def seer(pen: np.ndarray, way: int) -> object:
    """A finder that always sees the same."""
    ways = np.zeros(5, np.float32)
    ways[way] = 1
    return lambda picture: Maps(pen, np.ascontiguousarray(pen[::4, ::4]), ways)


def test_a_perfect_finder_scores_perfectly() -> None:
    """Fails when labels and maps are compared at different levels or places."""
    rates = map_rates("int8", seer(written().text, 1), [written()])  # type: ignore[arg-type]
    assert (rates.pen, rates.core, rates.ways, rates.false_pen) == (1, 1, 1, 0)


def test_half_is_half() -> None:
    """Fails when pen that was missed, a way that is wrong, or pen in empty scenes costs nothing."""
    half = written().text.copy()
    half[:, 32:] = 0
    empty = scene(np.zeros((64, 64), np.uint8), 0)
    rates = map_rates("int8", seer(half, 1), [written(way=2), empty])  # type: ignore[arg-type]
    assert 0.2 < rates.pen < 0.5 and rates.ways == 0 and rates.false_pen == pytest.approx(1e6 * 256 / 4096)


def test_nothing_overlaps_nothing() -> None:
    """Fails when scenes without any pen divide by zero."""
    assert Overlap().share == 0


def test_int8_may_lose_little() -> None:
    """Fails when a bundle that was quantized badly is released."""
    exact = MapRates("float", 9, 0.6, 0.7, 1.0, 0.0)
    assert not failures([exact, MapRates("int8", 9, 0.6 - MOST_LOSS / 2, 0.7, 1.0, 0.0)])
    assert "core zones" in failures([exact, MapRates("int8", 9, 0.6, 0.6, 1.0, 0.0)])[0]


def test_the_card_holds_the_figures(tmp_path: Path) -> None:
    """Fails when the template asks for something that is no longer there."""
    bundle = Bundle(
        folder=tmp_path, kind="finder", name="finder", version="1", labels=("pen 0",), height=-1, width=-1,
        sha256="0" * 64, model_bytes=277_000, stride=4, confidence={}, made_by={"parameters": 237_742},
    )  # fmt: skip
    maps = [asdict(MapRates(name, 9, 0.6, 0.7, 0.8, 5.0)) for name in ("float", "int8")]
    pictures = [asdict(PictureRates("real cases", "guided", 14, 0.1234, 0.2, 0, 0))]
    times = [asdict(FindingTime("a note", "guided", 61.7))]
    write_finder_card(tmp_path, bundle, {"maps": maps, "pictures": pictures, "times": times})
    card = (tmp_path / "README.md").read_text()
    assert "12.34 %" in card and "277 kB" in card and "62 ms" in card and "U-Net" in card
