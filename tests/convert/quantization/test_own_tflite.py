"""A .tflite that somebody brings: its softmax goes, float becomes int8, int8 stays."""

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.quantization import converter_worker as converter  # noqa: E402
from convert.quantization import own_tflite  # noqa: E402
from convert.quantization.converter_process import CannotConvert  # noqa: E402
from convert.quantization.litert_quantizer import ENVIRONMENT  # noqa: E402
from convert.quantization.own_network import Fitting  # noqa: E402
from convert.quantization.own_tflite import is_quantized, to_int8, without_softmax  # noqa: E402
from convert.quantization.user_model import open_own  # noqa: E402
from convert.virtual_environments import NotInstalled  # noqa: E402
from edge_ocr.model.characters import log_softmax  # noqa: E402
from tests.places import TINY  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

TILES = np.load(TINY / "tiles.npz")["tiles"]
PIXELS = TILES[..., np.newaxis].astype(np.float32)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """The tiny model with a softmax, and a layer behind it that only moves numbers."""
    tiny = keras.saving.load_model(TINY / "model.keras", compile=False)
    return keras.Sequential(
        [keras.Input((32, 32, 1)), *tiny.layers, keras.layers.Softmax(), keras.layers.Reshape((6,))]
    )


@pytest.fixture(scope="module")
def whole(model: keras.Model) -> bytes:
    return converter.to_float32(model)


def read(content: bytes, path: Path) -> np.ndarray:
    path.write_bytes(content)
    return np.asarray(open_own(path, Fitting(), print).run(PIXELS))


def test_a_softmax_goes(model: keras.Model, whole: bytes, tmp_path: Path) -> None:
    """Confidence would have 256 steps, and be the softmax of a softmax."""
    exact = np.asarray(model(PIXELS, training=False))
    logits = read(without_softmax(whole), tmp_path / "float.tflite")
    assert np.exp(log_softmax(logits)) == pytest.approx(exact, abs=1e-5)
    quantized = without_softmax(converter.to_int8(model, list(TILES)))
    logits = read(quantized, tmp_path / "int8.tflite")
    assert logits.max() > 2 and np.abs(np.exp(log_softmax(logits)) - exact).max() < 0.2
    assert without_softmax(quantized) == quantized


def test_what_is_quantized_stays(capsys: pytest.CaptureFixture[str]) -> None:
    """It would be quantized twice."""
    content = (TINY / "model.tflite").read_bytes()
    assert to_int8(content, TILES, Path("mine.tflite")) == content
    assert "mine.tflite is quantized already" in capsys.readouterr().err


def test_without_the_quantizer_there_is_another_way(whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a network ends in pip's words."""

    def fail(*arguments: object) -> bytes:
        raise NotInstalled("no internet")

    monkeypatch.setattr(own_tflite, "requantize", fail)
    with pytest.raises(CannotConvert, match=r"\(no internet\): connect .* or name the Keras model"):
        to_int8(whole, TILES, Path("mine.tflite"))


@pytest.mark.skipif(not (ENVIRONMENT / "installed").exists(), reason="litert-quantizer is not installed yet")
def test_float_becomes_int8(model: keras.Model, whole: bytes, tmp_path: Path) -> None:
    """A .tflite runs on a board several times slower than it could."""
    content = to_int8(whole, TILES, Path("mine.tflite"))
    assert is_quantized(content) and not is_quantized(whole) and len(content) < len(whole) / 2
    answers = read(without_softmax(content), tmp_path / "int8.tflite").argmax(axis=1)
    assert (answers == np.asarray(model(PIXELS, training=False)).argmax(axis=1)).mean() > 0.95


def test_what_only_keras_models_can_have_is_refused(whole: bytes, tmp_path: Path) -> None:
    """An option would be ignored without a word."""
    (tmp_path / "mine.bin").write_bytes(whole)  # Known by its content.
    with pytest.raises(CannotConvert, match=r"--scale.*is a .tflite"):
        open_own(tmp_path / "mine.bin", Fitting(scale=1 / 255), print)
    (tmp_path / "cut.tflite").write_bytes(whole[:900])
    with pytest.raises(CannotConvert, match=r"cut\.tflite"):
        open_own(tmp_path / "cut.tflite", Fitting(), print)
