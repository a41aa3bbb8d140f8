"""TensorFlow's converter, in a child process (see `converter_process`): one small function for each scheme."""

import csv
import io
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

import convert.training.finder_network
import convert.training.networks  # noqa: F401 (registers our own layers)
from convert.quantization.converter_process import brief
from convert.quantization.flatbuffer import read_model
from convert.quantization.recipe import CALIBRATED
from convert.quantization.tensor_names import Names, layers_of
from edge_ocr.child import answer_all
from edge_ocr.page import Gray

NOTHING = 1e-12
"""Mean square error of operations that only move numbers."""

Dataset = Callable[[], Iterator[list[np.ndarray]]]


class NoSuchLayer(ValueError):
    """A name that no layer has; the message names all layers and is shown in full."""


def dataset(images: Sequence[Gray]) -> Dataset:
    """Images (h, w) for the converter: a function that yields each as [(1, h, w, 1) float32]."""
    return lambda: ([image[None, ..., None].astype(np.float32)] for image in images)


def _plain(model: keras.Model | Path) -> tf.lite.TFLiteConverter:
    """Of a Keras model, or of the folder of a SavedModel."""
    if isinstance(model, Path):
        return tf.lite.TFLiteConverter.from_saved_model(str(model))
    return tf.lite.TFLiteConverter.from_keras_model(model)


def _optimized(model: keras.Model | Path) -> tf.lite.TFLiteConverter:
    converter = _plain(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return converter


def _int8(model: keras.Model | Path, images: Sequence[Gray]) -> tf.lite.TFLiteConverter:
    converter = _optimized(model)
    converter.representative_dataset = dataset(images)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter


def to_float32(model: keras.Model | Path) -> bytes:
    """The model as it is."""
    return bytes(_plain(model).convert())


def to_float16(model: keras.Model | Path) -> bytes:
    """Weights float16; float32 in, logits float32 out."""
    converter = _optimized(model)
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def to_dynamic(model: keras.Model | Path) -> bytes:
    """Weights int8; float32 in, logits float32 out; activations are quantized inside the kernels that can."""
    return bytes(_optimized(model).convert())


def to_int8(model: keras.Model | Path, images: Sequence[Gray]) -> bytes:
    """Full int8: weights per channel, activations by calibration on `images` (h, w), int8 in, int8 logits out."""
    return bytes(_int8(model, images).convert())


def to_int16x8(model: keras.Model | Path, images: Sequence[Gray]) -> bytes:
    """Activations int16 by calibration, weights int8; int16 in, int16 logits out."""
    converter = _int8(model, images)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int16
    return bytes(converter.convert())


def to_mixed(model: keras.Model, images: Sequence[Gray], keep: str) -> bytes:
    """As int8, but layers whose whole name matches `keep` stay float32; float32 in, logits float32 out.

    Raises:
        NoSuchLayer: no layer has such a name.
    """
    debugger = tf.lite.experimental.QuantizationDebugger(converter=_int8(model, images))
    names = Names.of_model(model.name, layer_names(model))
    layers = layers_of(read_model(debugger.calibrated_model), names)
    kept = [tensor for tensor, found in layers.items() if any(re.fullmatch(keep, layer) for layer in found)]
    if not kept:
        known = list(dict.fromkeys(layer for found in layers.values() for layer in found))
        raise NoSuchLayer(f"no layer has a name that matches {keep!r}: choose from {', '.join(known)}")
    debugger.options = tf.lite.experimental.QuantizationDebugOptions(denylisted_nodes=kept)
    return bytes(debugger.get_nondebug_quantized_model())


def layer_errors(model: keras.Model, images: Sequence[Gray], calibration: Sequence[Gray]) -> list[dict[str, Any]]:
    """The loss of each operation as int8 instead of float32, on the same (quantized) input.

    By the NumericVerify operations of TensorFlow's QuantizationDebugger.

    Args:
        model: its input must have a fixed size here.
        images: (n, h, w) uint8 of that size, to measure on.
        calibration: (h, w) each.

    Returns:
        One row an operation, in the graph's order: layer, op, step (what one int8 step is worth), rms_steps (root mean
        square error in steps; rounding alone gives 0.29), snr_db (signal to noise in decibels) and largest_steps.
    """
    once = tf.lite.experimental.QuantizationDebugger(converter=_int8(model, calibration))
    metrics = {
        "signal": lambda exact, numbers, scale, zero: float(np.mean(np.square(exact, dtype=np.float64))),
        "noise": lambda exact, numbers, scale, zero: float(np.mean(np.square(_lost(exact, numbers, scale, zero)))),
        "largest": lambda exact, numbers, scale, zero: float(np.abs(_lost(exact, numbers, scale, zero)).max()),
    }
    debugger = tf.lite.experimental.QuantizationDebugger(
        quant_debug_model_content=once.get_debug_quantized_model(),
        debug_dataset=dataset(images),
        debug_options=tf.lite.experimental.QuantizationDebugOptions(layer_direct_compare_metrics=metrics),
    )
    debugger.run()
    table = io.StringIO()
    debugger.layer_statistics_dump(table)
    layers = layers_of(read_model(once.calibrated_model), Names.of_model(model.name, layer_names(model)))
    rows = csv.DictReader(table.getvalue().splitlines())
    return [_row(layers, row) for row in rows if float(row["noise"]) > NOTHING]


def _lost(exact: np.ndarray, numbers: np.ndarray, scale: float, zero: int) -> np.ndarray:
    return (numbers.astype(np.float64) - zero) * scale - exact


def _row(layers: dict[str, list[str]], row: dict[str, str]) -> dict[str, Any]:
    step, noise = float(row["scale"]), float(row["noise"])
    return {
        "layer": "+".join(layers.get(row["tensor_name"], [row["tensor_name"]])),
        "op": row["op_name"],
        "step": step,
        "rms_steps": math.sqrt(noise) / step,
        "largest_steps": float(row["largest"]) / step,
        "snr_db": 10 * math.log10(max(float(row["signal"]), noise * 1e-9) / noise),
    }


def layer_names(model: keras.Model) -> list[str]:
    """Names of all layers, those of nested models too."""
    return [layer.name for layer in model._flatten_layers(include_self=False) if not isinstance(layer, keras.Model)]


def fixed(model: keras.Model, height: int, width: int) -> keras.Model:
    """The same model for images of this size only: the debugger cannot resize its input."""
    if model.input_shape[1:3] == (height, width):
        return model
    image = keras.Input((height, width, 1), name=model.inputs[0].name)
    copy = keras.models.clone_model(model, input_tensors=image)
    copy.set_weights(model.get_weights())
    return copy


def run(job: dict[str, Any]) -> None:
    """Do what a job says, and write its result."""
    with np.load(job["images"]) as stored:
        images = [stored[name] for name in stored.files]
    path = Path(job["model"])
    model = path if path.is_dir() else keras.saving.load_model(path, compile=False)
    result = Path(job["result"])
    if job["task"] == "layers":
        measured, calibration = images[: job["measured"]], images[job["measured"] :]
        rows = layer_errors(fixed(model, *measured[0].shape), measured, calibration)
        result.write_text(json.dumps(rows))
    elif job["scheme"] == "int8-mixed":
        result.write_bytes(to_mixed(model, images, job["keep_float"]))
    elif job["scheme"] in CALIBRATED:
        result.write_bytes({"int8": to_int8, "int16x8": to_int16x8}[job["scheme"]](model, images))
    else:
        plain = {"dynamic": to_dynamic, "float16": to_float16, "float32": to_float32}
        result.write_bytes(plain[job["scheme"]](model))


def answers(questions: Iterable[str]) -> Iterator[dict[str, str]]:
    """{} for each job that is done, {"error": one sentence} for one that failed."""
    for question in questions:
        try:
            run(json.loads(question))
            yield {}
        except NoSuchLayer as error:
            yield {"error": str(error)}
        except Exception as error:  # Keras and the converter raise whatever their libraries do.
            lines = str(error).strip().splitlines()
            yield {"error": brief(lines[0].rstrip(". ")) if lines else type(error).__name__}


if __name__ == "__main__":
    answer_all(answers)
