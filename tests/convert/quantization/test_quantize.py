"""From float to int8: the converted model runs in LiteRT, agrees with the float one, and its bundle loads."""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("tensorflow")
# A process has one Keras backend, and `convert.quantization.quantize` needs this one.
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.data.classes import LABELS  # noqa: E402
from convert.quantization import bundle_writer, calibration, quantize  # noqa: E402
from convert.quantization import converter_worker as converter  # noqa: E402
from convert.quantization.bundle_writer import Draft, write_bundle  # noqa: E402
from convert.quantization.converter_process import CannotConvert  # noqa: E402
from convert.quantization.recipe import Recipe  # noqa: E402
from convert.training.networks import character_network  # noqa: E402
from edge_ocr.layout.tile import SIDE  # noqa: E402
from edge_ocr.model.bundle import load_bundle  # noqa: E402
from edge_ocr.model.characters import CharacterModel  # noqa: E402
from edge_ocr.model.interpreter import Tensor, open_model  # noqa: E402
from tests.places import TINY  # noqa: E402
from tests.scenes import photograph, write  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    return dict(np.load(TINY / "tiles.npz"))


@pytest.fixture(scope="module")
def content(drawn: dict[str, np.ndarray]) -> bytes:
    """The tiny float model, converted."""
    ends = np.stack([np.zeros((SIDE, SIDE), np.uint8), np.full((SIDE, SIDE), 255, np.uint8)])
    model = keras.models.load_model(TINY / "model.keras", compile=False)
    return converter.to_int8(model, np.concatenate([drawn["tiles"], ends]))


def test_the_converted_model_runs_and_agrees(content: bytes, drawn: dict[str, np.ndarray], tmp_path: Path) -> None:
    """The converter's settings give a model that LiteRT refuses, or that reads otherwise than the float one."""
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    model = open_model(path)
    # The runtime's quick input step, a flipped sign bit, depends on these numbers.
    assert (model.input.dtype, model.input.zero_point) == ("int8", -128)
    assert model.input.scale == pytest.approx(1, rel=1e-3)
    assert model.output.dtype == "int8" and isinstance(model.output, Tensor)
    numbers = model((drawn["tiles"] ^ np.uint8(128)).view(np.int8)[..., None])
    assert (numbers.argmax(axis=1) == drawn["truth"]).mean() >= 0.95
    exact = CharacterModel(load_bundle(TINY), "keras")(drawn["tiles"])
    assert (numbers.argmax(axis=1) == exact.argmax(axis=1)).mean() >= 0.95


DRAFT = Draft("characters", "tiny", "7", ("A", "B", "Oo", "1", ".", ""), SIDE, SIDE, {"epochs": 3})


def test_the_bundle_is_one_the_runtime_loads(content: bytes, tmp_path: Path) -> None:
    """A checksum, a label or a size in model.json is not what the model has."""
    written = write_bundle(tmp_path, content, TINY / "model.keras", DRAFT)
    facts = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert facts["sha256"] == hashlib.sha256(written).hexdigest() and facts["version"] == "7"
    tiles = np.load(TINY / "tiles.npz")["tiles"]
    for backend in ("auto", "keras"):
        scores = CharacterModel(load_bundle(tmp_path), backend)(tiles)
        assert scores.shape == (len(tiles), 6)


@pytest.mark.parametrize(
    ("change", "why"),
    [({"labels": ("A", "B")}, "2 labels"), ({"height": 28}, "takes"), ({"kind": "lines"}, "lines|outputs")],
    ids=["labels", "size", "kind"],
)
def test_a_bundle_that_the_runtime_refuses_is_not_made(tmp_path: Path, change: dict[str, object], why: str) -> None:
    """It would be refused on the Pi, long after it was made."""
    with pytest.raises(CannotConvert, match=why):
        write_bundle(tmp_path, (TINY / "model.tflite").read_bytes(), TINY / "model.keras", replace(DRAFT, **change))


def test_the_card_and_the_reports_stay(tmp_path: Path) -> None:
    """A new model would wipe out the measurements that lie beside it."""
    out, shop = tmp_path / "tiny", tmp_path / "shop"
    (out / "report").mkdir(parents=True)
    (out / "README.md").write_text("card")
    shop.mkdir()
    for name in bundle_writer.FILES:
        (shop / name).write_text("new")
    bundle_writer.install(shop, out)
    assert (out / "README.md").read_text() == "card" and (out / "report").is_dir()
    assert [(out / name).read_text() for name in bundle_writer.FILES] == ["new"] * 3


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["characters", "--keep-float", "(", "--scheme", "int8-mixed"], "not a regular expression"),
        (["mine.keras"], "needs --labels"),
        (["mine.keras", "--labels", "labels.txt"], "needs --calibration"),
        (["characters", "--scheme", "dynamic", "--keep-float", "logits"], "--keep-float needs --scheme int8-mixed"),
        (["characters", "--labels", "labels.txt"], "are for a model of your own"),
        (["lines", "--name", "mine"], "are for a model of your own"),
        (["mine.keras", "--labels", "labels.txt", "--name", ""], "expected the name of a bundle"),
        (["mine.keras", "--labels", "labels.txt", "--name", "../mine"], "without a slash"),
        (["mine.keras", "--labels", "labels.txt", "--trained", "cache"], "is for characters and lines"),
        (["characters", "--seed", "-1"], "expected a whole number from 0"),
    ],
    ids=["regex", "labels", "calibration", "scheme", "our labels", "our name", "no name", "path", "trained", "seed"],
)
def test_wrong_options_are_reported_at_once(arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They would be noticed after minutes of converting, or not at all."""
    with pytest.raises((SystemExit, CannotConvert)) as raised:
        quantize.main(arguments)
    assert why in capsys.readouterr().err + str(raised.value)


def test_keep_float_asks_for_the_mixed_scheme() -> None:
    """`--keep-float logits` alone would be an int8 model in which nothing is kept."""
    assert quantize.parse(["characters", "--keep-float", "logits"]).scheme == "int8-mixed"
    assert quantize.parse(["characters"]).scheme == "int8"


def test_calibration_sees_what_the_reader_cuts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is calibrated on other tiles than it will read, or without both ends of the range."""
    samples, cache = tmp_path / "pages", tmp_path / "cache"
    (cache / "tiles").mkdir(parents=True)
    samples.mkdir()
    cv2.imwrite(str(samples / "note.jpg"), photograph(write("HELLO TAX").ink).image)
    synthetic = np.full((20, SIDE, SIDE), 77, np.uint8)
    np.savez(cache / "tiles" / "tiles-000.npz", tiles=synthetic, classes=np.zeros((20, 2), np.uint8))
    monkeypatch.setattr(calibration, "CACHE", cache)
    monkeypatch.setattr(calibration, "SAMPLE_PAGES", samples)
    own = np.stack(calibration.reader_tiles([samples / "note.jpg"]))
    assert own.shape[1:] == (SIDE, SIDE) and len(own) >= 8 and own.max() == 255
    tiles = np.stack(calibration.gather("characters", Recipe()).images)
    assert len(tiles) == len(own) + 20 + 2
    assert (tiles == 77).all(axis=(1, 2)).sum() == 20
    assert not tiles[-2].any() and (tiles[-1] == 255).all()
    assert np.array_equal(tiles, np.stack(calibration.gather("characters", Recipe()).images))


def test_the_trained_weights_are_taken(tmp_path: Path) -> None:
    """What is converted is a fresh network, or the weights end up in the wrong layers."""
    model = character_network(len(LABELS))
    model.save(tmp_path / "float.keras")
    loaded = quantize.load_float(tmp_path / "float.keras", quantize.open_kind("characters", "1")[0])
    for one, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_without_a_training_it_says_what_to_run(tmp_path: Path) -> None:
    """Converting before training ends in a traceback of Keras."""
    with pytest.raises(quantize.NoTraining, match="convert train characters"):
        quantize.load_float(tmp_path / "float.keras", quantize.open_kind("characters", "1")[0])
