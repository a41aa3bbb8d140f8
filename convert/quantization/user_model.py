"""A model that somebody else made: what must be true of it, so that the runtime can read with it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from convert.quantization.bundle_writer import Draft
from convert.quantization.converter_process import CannotConvert
from convert.quantization.own_file import is_tflite, load_network
from convert.quantization.own_network import Fitting, fit, portable, settle, to_logits
from edge_ocr.errors import BadBundle
from edge_ocr.layout.strip import HEIGHT
from edge_ocr.layout.tile import SIDE
from edge_ocr.model.bundle import WIDTH_STEP
from edge_ocr.model.characters import dequantize, pixel_steps
from edge_ocr.model.interpreter import open_model
from edge_ocr.text.ctc import BLANK

EXPECTED = (
    f"(n, {SIDE}, {SIDE}, 1) in and (n, labels) out for characters, or (n, {HEIGHT}, None, 1) in and "
    "(n, 1, None, labels) out for lines"
)

TRIED_WIDTHS = (4 * WIDTH_STEP, 10 * WIDTH_STEP)
"""Columns of the strips that a line model's frames are counted on."""

Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""(n, height, width, 1) pixels, 0 paper to 255 pen -> what the float model gives."""


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A user's model, made fit for the runtime."""

    run: Run
    takes: tuple[int | None, ...]
    """Shape of its input without the batch, None for any size."""
    gives: tuple[int | None, ...]
    network: keras.Model | None = None
    """None if it came as a .tflite."""
    tflite: bytes = b""
    """The file's content if it came as one."""


def open_own(path: Path, fitting: Fitting, say: Callable[[str], None]) -> OwnModel:
    """A model from a .keras or HDF5 file, a SavedModel's folder or a .tflite, that gives logits.

    Args:
        path: its file or folder.
        fitting: what was asked for to make it fit.
        say: gets one sentence about each change that nobody asked for.

    Raises:
        CannotConvert: it cannot be loaded, or has several inputs or outputs.
    """
    if is_tflite(path):
        if fitting != Fitting():
            raise CannotConvert(
                f"--scale, --invert and --blank change Keras models, but {path} is a .tflite: put Rescaling (or the "
                "other order of outputs) into the Keras model, or name that"
            )
        return _open_tflite(path)
    network = load_network(path)
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        layers = [output._keras_history.operation.name for output in network.outputs]
        raise CannotConvert(
            f"The model has {len(network.inputs)} inputs and {len(network.outputs)} outputs ({', '.join(layers)}): the "
            f"runtime needs {EXPECTED}, so save the part that reads: keras.Model(model.inputs[0], "
            f'model.get_layer("{layers[0]}").output).save("my_model.keras")'
        )
    network = fit(to_logits(settle(network)), fitting, say)
    return OwnModel(runner(network), tuple(network.inputs[0].shape[1:]), tuple(network.outputs[0].shape[1:]), network)


def runner(network: keras.Model) -> Run:
    """The network as one graph, many times faster than layer by layer."""
    graph = tf.function(lambda images: network(images, training=False), reduce_retracing=True)
    return lambda images: np.asarray(graph(tf.constant(images)))


def _open_tflite(path: Path) -> OwnModel:
    try:
        model = open_model(path)
    except BadBundle as error:
        raise CannotConvert(f"{error}: name a .tflite of one input and one output that LiteRT runs") from error

    def run(images: NDArray[np.float32]) -> NDArray[np.float32]:
        numbers = np.clip(np.round(images), 0, 255).astype(np.uint8)
        exact = images if model.input.dtype == "float32" else pixel_steps(model.input)[numbers]
        return dequantize(model(exact), model.output)

    takes, gives = (tuple(None if size < 0 else size for size in end.shape) for end in (model.input, model.output))
    return OwnModel(run, takes, gives, tflite=path.read_bytes())


def draft(model: OwnModel, labels: tuple[str, ...], name: str, version: str) -> Draft:
    """What a bundle of this model says.

    Raises:
        CannotConvert: the model has an input or output that the runtime has no use for, or another number of labels.
    """
    width: int | str
    takes, gives = model.takes, model.gives
    if takes == (SIDE, SIDE, 1) and len(gives) == 1:
        kind, width = "characters", SIDE
    elif takes == (HEIGHT, None, 1) and len(gives) == 3 and gives[0] == 1:
        kind, width = "lines", "any"
    else:
        raise CannotConvert(
            f"The model takes {(None, *takes)} and gives {(None, *gives)}: the runtime needs {EXPECTED}{_cure(model)}"
        )
    if gives[-1] != len(labels):
        blank = ", CTC's blank among them" if kind == "lines" else ""
        raise CannotConvert(
            f"The model has {gives[-1]} outputs but there are {len(labels)} labels: one a line for each{blank}"
        )
    if kind == "lines" and labels[BLANK]:
        raise CannotConvert(
            f"The first label of a line model is CTC's blank, an empty line, but it is {labels[BLANK]!r}: add the "
            "line, or --blank last if the blank is the model's last output, as Keras has it"
        )
    stride = _stride(model) if kind == "lines" else 0
    return Draft(kind, name, version, labels, takes[0] or 0, width, stride=stride)


def _cure(model: OwnModel) -> str:
    """What to do about a line model whose width is fixed, or which reads along its first axis; "" for others."""
    if len(model.gives) < 2 or len(model.takes) != 3 or model.takes == (HEIGHT, None, 1):
        return ""
    return (
        f"; build it with keras.Input(({HEIGHT}, None, 1)) and frames along the width, as docs/convert.md shows, give "
        "it the weights and train it on strips"
    )


def _stride(model: OwnModel) -> int:
    """Columns to a frame of a line model.

    Raises:
        CannotConvert: its frames are not spread evenly over what the runtime pads strips to, which would cut texts.
    """
    strips = [np.zeros((1, HEIGHT, width, 1), np.float32) for width in TRIED_WIDTHS]
    frames = {width: model.run(strip).shape[2] for width, strip in zip(TRIED_WIDTHS, strips, strict=True)}
    found = [width / count for width, count in frames.items()]
    stride = round(found[0])
    if found != [stride] * len(found) or WIDTH_STEP % stride:
        counts = " and ".join(f"{count} frames for {width} columns" for width, count in frames.items())
        raise CannotConvert(
            f"The model gives {counts}, where the runtime needs one for 1, 2, 4, 8, 16 or {WIDTH_STEP} columns: let "
            'its strides along the line multiply to such a number and pad with zeros ("same")'
        )
    return stride


def doubts(model: OwnModel, labels: tuple[str, ...]) -> list[str]:
    """What may be a mistake, one sentence each."""
    found = []
    ending = _ending(model) if model.network and portable(model.network) else ""
    if ending:
        found.append(
            f"the model ends in {ending}: the runtime takes the softmax of what it gives, so let it end in logits or a "
            "softmax, trained with cross-entropy"
        )
    names = [label for label in labels if len(label) > 2]
    if names:
        meant = ", ".join(names[0])
        found.append(f"the label {names[0]!r} means one of the characters {meant}; a label is no name")
    return found


def _ending(model: OwnModel) -> str:
    """The activation that the model's numbers go through last, "sigmoid (dense)"; "" where they are logits.

    Layers that only move numbers do not count; `to_logits` has taken a softmax away where it found one.
    """
    shape = (1, *(size or WIDTH_STEP for size in model.takes))
    given = model.run(np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32))
    if given.min() >= 0 and np.allclose(given.sum(axis=-1), 1, atol=1e-3):
        return "probabilities without a softmax, as an average of models does"
    last = _last(model.network)
    if isinstance(last, (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.ELU, keras.layers.Softmax)):
        return f"{type(last).__name__} ({last.name})"
    activation = getattr(last, "activation", None)
    if last is None or activation in (None, keras.activations.linear):
        return ""
    return f"{getattr(activation, '__name__', type(activation).__name__)} ({last.name})"


def _last(network: keras.Model) -> Any:
    """The last layer that computes, of a model within the model, too; None if there is none."""
    moving = (keras.layers.Reshape, keras.layers.Permute, keras.layers.Flatten, keras.layers.Dropout)
    last = next((layer for layer in reversed(network.layers) if not isinstance(layer, moving)), None)
    return _last(last) if isinstance(last, keras.Model) else last
