"""The table of layers: what is measured on, and which layers are named."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from convert import plots as report
from convert.quantization import layer_error
from convert.quantization.calibration import SCENE_SIDE
from convert.quantization.layer_error import STRIP_WIDTH, of_one_size, worst_layers, worst_of

ROWS = [
    {"layer": "first+norm+relu", "op": "CONV_2D", "step": 0.1, "rms_steps": 0.3, "largest_steps": 1.0, "snr_db": 40.0},
    {"layer": "second", "op": "CONV_2D", "step": 0.1, "rms_steps": 0.9, "largest_steps": 4.0, "snr_db": 21.0},
    {"layer": "add+relu_1", "op": "ADD", "step": 0.1, "rms_steps": 0.2, "largest_steps": 0.5, "snr_db": 43.0},
    {"layer": "last", "op": "FULLY_CONNECTED", "step": 0.1, "rms_steps": 0.3, "largest_steps": 0.7, "snr_db": 35.0},
]


def test_all_pictures_have_one_size() -> None:
    """The debugger, which cannot resize its input, would refuse every line model."""
    strips = [np.full((40, width), 7, np.uint8) for width in (64, STRIP_WIDTH, 500)]
    assert {strip.shape for strip in of_one_size(strips)} == {(40, STRIP_WIDTH)}
    assert of_one_size(strips)[0].sum() == 7 * 40 * 64
    tiles = [np.zeros((32, 32), np.uint8)] * 3
    assert len(of_one_size(tiles)) == 3 and of_one_size(tiles)[0].shape == (32, 32)
    scenes = [np.full((32, 32), 255, np.uint8), np.zeros((600, 100), np.uint8)]
    assert {scene.shape for scene in of_one_size(scenes)} == {(SCENE_SIDE, SCENE_SIDE)}
    assert of_one_size(scenes)[0].min() == 255, "a border of black is no paper"


def test_the_noisiest_layers_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`int8-mixed` would keep the layers that lose least."""
    seen: list[Any] = []

    def measure(*arguments: Any) -> list[dict[str, Any]]:
        seen.extend(arguments)
        return ROWS

    monkeypatch.setattr(layer_error, "measure_layers", measure)
    strips = [np.zeros((40, width), np.uint8) for width in (64, 500)]
    assert worst_layers(Path("model.keras"), strips) == ["second", "last", "first"]
    assert {image.shape for images in seen[1:3] for image in images} == {(40, STRIP_WIDTH)}
    layer_error.print_table(ROWS)
    assert "lose most: second, last, first" in capsys.readouterr().out


def test_the_plot_shows_what_is_good_and_which_are_worst(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long bars would be taken for large errors, and the worst layers have to be looked for."""
    figures: list[Any] = []
    monkeypatch.setattr(report.plt, "close", figures.append)
    report.plot_layers(ROWS, worst_of(ROWS), tmp_path / "layers.png")
    (axis,) = figures[0].axes
    assert "longer is better" in axis.get_title() and "worst: second, last, first" in axis.get_title()
    colors = [bar.get_facecolor() for bar in axis.patches]
    assert colors[0] == colors[1] == colors[3] != colors[2]
    assert (tmp_path / "layers.png").stat().st_size
