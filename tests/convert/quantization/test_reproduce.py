"""A bundle made again: equal when nothing changed, and what changed is named."""

import contextlib
import io
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("ai_edge_litert")
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.quantization import converter_worker as converter  # noqa: E402
from convert.quantization import job, quantize, reproduce  # noqa: E402
from convert.quantization.provenance import usual_recipe  # noqa: E402
from convert.quantization.recipe import OWN_HAND, TRAINING, Recipe  # noqa: E402
from edge_ocr.errors import BadBundle, EdgeOcrError  # noqa: E402
from edge_ocr.model.bundle import load_bundle  # noqa: E402
from tests.places import TINY  # noqa: E402

pytestmark = pytest.mark.slow

MADE: dict[tuple[bytes, bytes], bytes] = {}
"""What was converted already: a conversion takes seconds."""


def here(source: Path, images: Sequence[Any], recipe: Recipe, named: Path | None = None) -> bytes:
    """`convert_model` without a child, which would load TensorFlow each time."""
    key = source.read_bytes(), np.concatenate(images).tobytes()
    if key not in MADE:
        with contextlib.redirect_stdout(io.StringIO()):
            MADE[key] = converter.to_int8(keras.models.load_model(source, compile=False), images)
    return MADE[key]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiles/ and a bundle in mine/."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "labels.txt").write_text("A\nB\nOo\n1\n.\n\n")
    (folder / "tiles").mkdir()
    for number, tile in enumerate(np.load(TINY / "tiles.npz")["tiles"]):
        cv2.imwrite(str(folder / "tiles" / f"{number}.png"), tile)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "convert_model", here)
        quantize.main([
            str(TINY / "model.keras"), "--labels", str(folder / "labels.txt"), "--calibration", str(folder / "tiles"),
            "--out", str(folder / "mine"),
        ])  # fmt: skip
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to change, whose recipe still names the original's tiles."""
    monkeypatch.setattr(reproduce, "convert_model", here)
    monkeypatch.setattr(reproduce, "COMPARED", 20)
    return shutil.copytree(original, tmp_path / "own")


def rows(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    found = json.loads(capsys.readouterr().out)
    return {row["what"]: (row["recorded"], row["now"]) for row in found["rows"]}


def differing(found: dict[str, tuple[str, str]]) -> set[str]:
    return {what for what, (recorded, now) in found.items() if recorded != now and what != "commit"}


def test_a_bundle_just_made_is_made_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Differences are reported where there are none, so nobody believes them."""
    assert reproduce.main([str(folder / "mine"), "--json"]) == 0
    found = rows(capsys)
    assert differing(found) == set()
    assert {"model.keras", "calibration: pictures", "tensorflow", "model.tflite", "tensors that differ"} <= set(found)
    assert reproduce.main([str(folder / "mine")]) == 0
    assert "the same, byte by byte" in capsys.readouterr().out


def test_an_altered_model_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Weights that are not those of the .tflite would go unnoticed."""
    model = keras.models.load_model(folder / "mine" / "model.keras", compile=False)
    weights = model.layers[-1].get_weights()
    model.layers[-1].set_weights([-weights[0], weights[1]])
    model.save(folder / "mine" / "model.keras")
    assert reproduce.main([str(folder / "mine"), "--json"]) == 1
    found = rows(capsys)
    assert {"model.keras", "model.tflite", "tensors that differ", "same answer"} <= differing(found)
    assert "calibration: pictures" not in differing(found)
    reproduce.print_table([reproduce.Row("model.keras", "abc", "def"), reproduce.Row("bytes", "5", "5")])
    out = capsys.readouterr().out
    assert "abc" in out and "def" in out and "the same" in out


def test_changed_pictures_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other calibration data would look like a mistake of the converter."""
    path = folder / "tiles" / "0.png"
    cv2.imwrite(str(path), np.full((32, 32), 200, np.uint8))
    assert reproduce.main([str(folder / "mine"), "--calibration", str(folder / "tiles"), "--json"]) in (0, 1)
    assert "calibration: pictures" in differing(rows(capsys))


def test_missing_pictures_are_reported(folder: Path) -> None:
    """It would end in a traceback, or compare with a model calibrated on nothing."""
    with pytest.raises(EdgeOcrError, match=r"no folder .*nowhere"):
        reproduce.main([str(folder / "mine"), "--calibration", str(folder / "nowhere")])


def test_missing_training_data_is_reported(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no training data would not know what is missing, nor how it is made."""
    from convert.quantization import calibration

    monkeypatch.setattr(calibration, "CACHE", tmp_path / "cache")
    path = folder / "mine" / "model.json"
    facts = json.loads(path.read_text())
    facts["made_by"]["recipe"]["calibration"] = "training"
    path.write_text(json.dumps(facts))
    with pytest.raises(EdgeOcrError, match=r"tiles-000\.npz .*train characters"):
        reproduce.main([str(folder / "mine")])


@pytest.mark.parametrize(
    ("made_by", "why"),
    [({}, "does not say how"), ({"recipe": {"scheme": "int8", "magic": 1}}, "unknown recipe")],
    ids=["none", "newer"],
)
def test_a_bundle_without_a_recipe_is_reported(folder: Path, made_by: dict[str, Any], why: str) -> None:
    """Bundles of before, or of a newer edge-ocr, would end in a traceback."""
    path = folder / "mine" / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "made_by": made_by}))
    with pytest.raises(BadBundle, match=why):
        reproduce.main([str(folder / "mine")])


@pytest.mark.parametrize("made_by", [
    {"tuned_from": "models/lines"}, {"recipe": Recipe(calibration=OWN_HAND).facts()},
], ids=["old", "new"])  # fmt: skip
def test_a_tuned_bundle_shows_that_its_samples_are_gone(folder: Path, made_by: dict[str, Any]) -> None:
    """The message says to quantize it again, which gives a model that knows nothing of the user's hand."""
    path = folder / "mine" / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "made_by": made_by}))
    with pytest.raises(BadBundle, match=r"samples of its user's hand, which are not kept.*convert finetune"):
        reproduce.main([str(folder / "mine")])
    assert usual_recipe(load_bundle(folder / "mine")).calibration == TRAINING


def test_a_bundle_without_its_float_model_is_reported(folder: Path) -> None:
    """An installed package has no model.keras."""
    (folder / "mine" / "model.keras").unlink()
    with pytest.raises(BadBundle, match=r"model\.keras is missing"):
        reproduce.main([str(folder / "mine")])
