"""What users call their model: each file is loaded, or refused with a cure that works."""

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.quantization.converter_process import CannotConvert  # noqa: E402
from convert.quantization.own_file import load_network  # noqa: E402
from tests.places import TINY  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

TILES = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 1)).astype(np.float32)


class Halved(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """What a user wrote."""

    def call(self, inputs: Any) -> Any:
        return inputs / 2


def network(*layers: Any) -> Any:
    return keras.Sequential([keras.Input((32, 32, 1)), *layers, keras.layers.Flatten(), keras.layers.Dense(2)])


def same(one: Any, other: Any) -> bool:
    return np.allclose(one(TILES, training=False), other(TILES, training=False), atol=1e-3)


@pytest.mark.parametrize(("saved", "named"), [("m.keras", "m.keras"), ("m.h5", "m.model"), ("m.keras", "m.zip")])
def test_a_file_is_known_by_its_content(tmp_path: Path, saved: str, named: str) -> None:
    """Tutorials of years ago end in `model.save("my.model")`, which Keras no longer opens by that name."""
    model = network()
    model.save(tmp_path / saved)
    (tmp_path / saved).rename(tmp_path / named)
    assert same(load_network(tmp_path / named), model)


def test_an_exported_model_is_loaded_whatever_it_is_made_of(tmp_path: Path) -> None:
    """The way out for layers of one's own, model.export, would be none."""
    model = network(Halved(), keras.layers.Lambda(lambda x: x / 2))
    model.export(tmp_path / "mine", verbose=False)
    assert same(load_network(tmp_path / "mine"), model)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (Halved, "does not know Halved, which is of your own making: run model.export"),
        (lambda: keras.layers.Lambda(lambda x: x / 2), "has a Lambda layer, .*: run model.export"),
    ],
    ids=["own", "lambda"],
)
def test_code_that_no_file_holds_is_exported(tmp_path: Path, suffix: str, layer: Any, why: str) -> None:
    """The sentence would be Keras's, of hundreds of characters, and name no way out."""
    path = tmp_path / f"model.{suffix}"
    network(layer()).save(path)
    with pytest.raises(CannotConvert, match=why) as raised:
        load_network(path)
    assert len(str(raised.value)) < 400 + len(str(path))


def test_a_model_with_its_loss_inside_is_saved_without(tmp_path: Path) -> None:
    """Keras's captcha example trains a model that takes the labels, too: its prediction model is what to save."""

    class Loss(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, truth: Any, read: Any) -> Any:
            return read

    image, truth = keras.Input((32, 32, 1)), keras.Input((None,))
    read = keras.layers.Dense(3, name="read")(keras.layers.Flatten()(image))
    model = keras.Model([image, truth], Loss()(truth, read))
    model.save(tmp_path / "train.keras")
    with pytest.raises(CannotConvert, match="does not know Loss") as raised:
        load_network(tmp_path / "train.keras")
    cure = str(raised.value).partition("reads alone, ")[2].replace("my_model.keras", str(tmp_path / "read.keras"))
    eval(cure, {"keras": keras, "model": model})  # As a user would run it.
    assert load_network(tmp_path / "read.keras").output_shape == (None, 3)


def test_what_is_no_model_is_reported(tmp_path: Path) -> None:
    """A wrong file name would end in a traceback of Keras."""
    whole = (TINY / "model.keras").read_bytes()
    network().save_weights(tmp_path / "mine.weights.h5")
    keras.Sequential([keras.layers.Dense(2)]).save(tmp_path / "unbuilt.keras")
    shutil.make_archive(str(tmp_path / "torch"), "zip", TINY)
    for name, content in (("text.keras", b"hello"), ("cut.keras", whole[: len(whole) // 2]), ("a.onnx", b"\x08\x07")):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "empty").mkdir()
    for name, why in {
        "missing.keras": "There is no model",
        "text.keras": "text.keras cannot be loaded by Keras: it is cut short or no model",
        "cut.keras": "cut.keras cannot be loaded by Keras: it is cut short or no model",
        "a.onnx": "onnx2tf",
        "torch.zip": "litert-torch",
        "empty": "without saved_model.pb",
        "mine.weights.h5": r"weights alone: save the whole model, model\.save",
        "unbuilt.keras": "holds no weights: begin the model with keras.Input",
    }.items():
        with pytest.raises(CannotConvert, match=why) as raised:
            load_network(tmp_path / name)
        assert "\n" not in str(raised.value)
