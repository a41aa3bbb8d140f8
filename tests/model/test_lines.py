"""The line model: how many columns a frame of it stands for, by its model.json."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from edge_ocr import BadBundle
from edge_ocr.model.bundle import bundled_lines, load_bundle
from edge_ocr.model.lines import LineModel

pytest.importorskip("ai_edge_litert")

STRIP = np.zeros((40, 130), np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the bundled line model."""
    bundled = bundled_lines()
    assert bundled is not None
    for name in ("model.tflite", "model.json"):
        shutil.copy(bundled / name, tmp_path)
    return tmp_path


def change(folder: Path, stride: int | None) -> None:
    """Write another stride, or none, into model.json."""
    facts = json.loads((folder / "model.json").read_text())
    del facts["stride"]
    (folder / "model.json").write_text(json.dumps({**facts, **({"stride": stride} if stride else {})}))


@pytest.mark.parametrize("stride", [4, None])
def test_frames_are_those_that_the_strip_fills(folder: Path, stride: int | None) -> None:
    """Characters would get boxes beside them, or a bundle of an earlier edge-ocr be refused."""
    change(folder, stride)
    model = LineModel(load_bundle(folder))
    assert model.stride == 4 and model(STRIP).shape == (33, len(model.labels))


@pytest.mark.parametrize("stride", [2, 8])
def test_a_stride_that_is_not_the_models_is_refused(folder: Path, stride: int) -> None:
    """Half of every line would be lost without a word."""
    change(folder, stride)
    with pytest.raises(BadBundle, match=rf"gives 40 frames for 160 columns but .* stands for {stride}: quantize"):
        LineModel(load_bundle(folder))(STRIP)
