"""The mean of trainings."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.training.average import average, main  # noqa: E402
from edge_ocr.errors import BadData  # noqa: E402


def run(folder: Path, level: float, outputs: int = 3) -> Path:
    """A training whose weights all are `level`."""
    folder.mkdir()
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(outputs)])
    model.set_weights([np.full(part.shape, level, np.float32) for part in model.get_weights()])
    model.save(folder / "float.keras")
    (folder / "log.json").write_text(json.dumps([{"epoch": level}]))
    return folder


def test_the_mean_lies_between_and_the_last_log_is_kept(tmp_path: Path) -> None:
    """Fails when a run counts twice, or the card would show another run's curves."""
    runs = [run(tmp_path / "one", 1.0), run(tmp_path / "two", 4.0)]
    assert main([*map(str, runs), "--folder", str(tmp_path / "mean")]) == 0
    model = keras.models.load_model(tmp_path / "mean" / "float.keras")
    assert all(np.allclose(part, 2.5) for part in model.get_weights())
    assert json.loads((tmp_path / "mean" / "log.json").read_text()) == [{"epoch": 4.0}]


def test_what_cannot_be_averaged_is_said(tmp_path: Path) -> None:
    """Fails when a training without a result, or another network, ends in a traceback."""
    one, wide = run(tmp_path / "one", 1.0), run(tmp_path / "wide", 1.0, outputs=5)
    with pytest.raises(BadData, match="different networks"):
        average([one, wide], tmp_path / "mean")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadData, match=r"holds no float\.keras"):
        average([one, tmp_path / "empty"], tmp_path / "mean")
