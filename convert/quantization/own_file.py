"""A file or folder that somebody's training left -> a Keras model, or one sentence with a cure that works."""

import contextlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

import convert.training.networks  # noqa: F401 (our own layer is registered there)
from convert.quantization.converter_process import CannotConvert, brief

HDF5 = b"\x89HDF\r\n\x1a\n"
"""What a file of HDF5, Keras's older kind, begins with."""

TFLITE = b"TFL3"
"""What stands from the fifth byte of a .tflite file on."""

UNKNOWN = re.compile(r"(?:Could not locate (?:class|function)|Unknown [a-z ]+:) '?([\w>.]+)")
"""How Keras reports a layer or a function that is not its own."""

SERVED = "serving_default"
"""The signature of a SavedModel that is run."""

EXPORT = 'run model.export("my_model") where it was trained, and name that folder'
"""The way out for code that no file can bring along: a SavedModel holds what it computes."""

FOREIGN = (".onnx", ".pt", ".pth")
"""Names of other libraries' models."""

OTHERS = "convert it to a float .tflite first (PyTorch: litert-torch; ONNX: onnx2tf), and name that"


def is_tflite(path: Path) -> bool:
    """Whether a file is a .tflite, whatever its name."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(8)[4:] == TFLITE
    return False


def is_saved_model(path: Path) -> bool:
    """Whether it is the folder of a TensorFlow SavedModel."""
    return (path / "saved_model.pb").is_file()


def load_network(path: Path) -> keras.Model:
    """The Keras model of a .keras file, of HDF5 (.h5, .model) or of a SavedModel's folder, known by their content.

    Raises:
        CannotConvert: there is none, or Keras cannot load it.
    """
    if is_saved_model(path):
        return _saved_model(path)
    if path.is_dir():
        raise CannotConvert(f"{path} is a folder without saved_model.pb: name a SavedModel's folder or a model's file")
    if not path.is_file():
        raise CannotConvert(f"There is no model {path}: name a .keras file, or `characters` or `lines`")
    try:
        with _rightly_named(path) as named:
            model = keras.saving.load_model(named, compile=False)
    except CannotConvert:
        raise
    except Exception as error:  # Zip, JSON, HDF5, unknown layers: each has its own errors.
        raise CannotConvert(f"{path} cannot be loaded by Keras {keras.__version__}: {_reason(error, path)}") from error
    if not model.built or not getattr(model, "inputs", None):
        raise CannotConvert(
            f"{path} was saved before it was built, so that it holds no weights: begin the model with "
            "keras.Input((32, 32, 1)), train it and save it again"
        )
    return model


@contextlib.contextmanager
def _rightly_named(path: Path) -> Iterator[Path]:
    """The file under a name by which Keras knows its kind, which stands in the content."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "config.json" not in archive.namelist():
                raise CannotConvert(f"{path} is no model of Keras (a zip without config.json): {OTHERS}")
        suffix = ".keras"
    elif path.open("rb").read(len(HDF5)) == HDF5:
        suffix = ".h5"
    elif path.suffix in FOREIGN:
        raise CannotConvert(f"{path} is no model of Keras: {OTHERS}")
    else:
        raise CannotConvert(
            f"{path} cannot be loaded by Keras: it is cut short or no model at all (neither a zip, as .keras is, nor "
            "HDF5 nor .tflite), so copy it again or save it again with model.save"
        )
    if path.suffix == suffix:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copy(path, Path(folder) / f"model{suffix}"))


def _reason(error: Exception, path: Path) -> str:
    """Why a model was not loaded, and what to do."""
    text = str(error)
    if "No model config found" in text:
        return 'it holds weights alone: save the whole model, model.save("my_model.keras")'
    if "Lambda" in text:
        return f"it has a Lambda layer, whose code is not run from a file: {EXPORT}"
    unknown = UNKNOWN.search(text)
    if unknown:
        return f"it does not know {unknown[1]}, which is of your own making: {_way_around(path)}"
    lines = text.strip().splitlines() or [type(error).__name__]
    return f"save it again with this version ({brief(lines[0].rstrip('. '))})"


def _way_around(path: Path) -> str:
    """What to do about a layer that Keras does not know: leave a loss away, export all others."""
    layers = _layers(path)
    inputs = [layer for layer in layers if layer.get("class_name") == "InputLayer"]
    others = [layer["name"] for layer in layers[:-1] if layer not in inputs and "name" in layer]
    if len(inputs) > 1 and others:
        return (
            f"a model for training that takes its labels, too; save what reads alone, keras.Model(model.inputs[0], "
            f'model.get_layer("{others[-1]}").output).save("my_model.keras")'
        )
    return EXPORT


def _layers(path: Path) -> list[dict[str, Any]]:
    """The outer layers of a .keras file, in its order; [] if it says nothing about them."""
    try:
        with zipfile.ZipFile(path) as archive:
            return list(json.loads(archive.read("config.json"))["config"]["layers"])
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile):
        return []


def _saved_model(path: Path) -> keras.Model:
    """A SavedModel as a Keras model of one layer."""
    try:
        served = tf.saved_model.load(str(path)).signatures[SERVED]
    except Exception as error:  # TensorFlow has its own errors for each file of the folder.
        raise CannotConvert(
            f'{path} has no signature "{SERVED}" that TensorFlow can load: save it again with model.export'
        ) from error
    takes, gives = list(served.structured_input_signature[1].values()), served.structured_outputs
    if len(takes) != 1 or len(gives) != 1 or takes[0].dtype != tf.float32:
        kinds = ", ".join(spec.dtype.name for spec in takes)
        raise CannotConvert(
            f"{path} takes {kinds} and gives {len(gives)} outputs: export a model of one float32 input and one output"
        )
    batch, *shape = takes[0].shape
    image = keras.Input(batch_shape=(batch, *shape))
    (output,) = keras.layers.TFSMLayer(str(path), call_endpoint=SERVED)(image).values()
    return keras.Model(image, output, name=re.sub(r"\W", "_", path.name) or "model")
