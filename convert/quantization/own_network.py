"""Somebody's Keras model made one that the runtime can run: float32, any batch, logits, our tiles and strips."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from convert.quantization.converter_process import RECURRENT, CannotConvert
from edge_ocr.layout.strip import HEIGHT
from edge_ocr.layout.tile import SIDE

MOVING = ("Reshape", "Permute", "Flatten", "Dropout", "Identity", "Squeeze", "Transpose", "ExpandDims")
"""Layers and operations that only move numbers: a softmax may stand before them."""

SOFTMAXES = (keras.activations.softmax, keras.activations.log_softmax)

Config = Any
"""Of a Keras model: dicts, lists and values."""

Step = Callable[[Any], Any]
"""A layer, or layers, of a functional model."""


def portable(model: keras.Model) -> bool:
    """Whether a .keras file can hold it, as it cannot hold a SavedModel."""
    return not any(isinstance(layer, keras.layers.TFSMLayer) for layer in model._flatten_layers())


def settle(model: keras.Model) -> keras.Model:
    """The same model in float32, for any batch, and with recurrent layers as the converter can have them.

    float16 and integer inputs are for training and files: the converter quantizes float32 only. A batch of fixed size
    would allow one tile at a time only. The converter knows recurrent layers only unrolled, or for a batch of one.
    """
    if not portable(model):
        return model
    recurrent = any(type(layer).__name__ in RECURRENT for layer in model._flatten_layers())
    is_line = len(model.inputs) == 1 and None in tuple(model.inputs[0].shape)[2:3]
    batch = 1 if recurrent and is_line else None
    written = keras.saving.serialize_keras_object(model)
    settled = _settled(written, batch, unroll=recurrent and not is_line)
    if settled == written:
        return model
    try:
        again = keras.saving.deserialize_keras_object(settled)
        again.set_weights(model.get_weights())
    except Exception as error:  # Whatever its layers raise.
        raise CannotConvert(
            f"The model cannot be made for any batch in float32 ({str(error).splitlines()[0]}): build it with "
            f"keras.Input(({SIDE}, {SIDE}, 1)) in float32, give it the weights (set_weights) and save that"
        ) from error
    return again


def _settled(config: Config, batch: int | None, unroll: bool) -> Config:
    if isinstance(config, (list, tuple)):
        return type(config)(_settled(item, batch, unroll) for item in config)
    if not isinstance(config, dict):
        return config
    found = {key: _settled(value, batch, unroll) for key, value in config.items()}
    if found.get("class_name") == "DTypePolicy":
        found["config"] = {**found["config"], "name": "float32"}
    if found.get("class_name") == "InputLayer":
        inner = found["config"]
        found["config"] = {**inner, "dtype": "float32", "batch_shape": (batch, *inner["batch_shape"][1:])}
    if unroll and "unroll" in found:
        found["unroll"] = True
    return found


def to_logits(model: keras.Model) -> keras.Model:
    """The same model without the softmax at its end, if it has one: an int8 softmax knows 256 probabilities only.

    The softmax may be an activation, a layer or an operation, in a model within the model, and before layers that only
    move numbers.
    """
    tensor, tail = model.outputs[0], []
    while True:
        step, takes = tensor._keras_history.operation, _input_of(tensor)
        if getattr(step, "activation", None) in SOFTMAXES:
            step.activation = keras.activations.linear
            return model
        if isinstance(step, keras.Model):
            inner = to_logits(step)
            if inner is step:
                return model
            tensor = inner(takes)
            break
        if type(step).__name__ in ("Softmax", "LogSoftmax"):
            tensor = takes
            break
        if type(step).__name__ not in MOVING or takes is None:
            return model
        tail.append(step)
        tensor = takes
    for step in reversed(tail):
        tensor = step(tensor)
    return keras.Model(model.inputs, tensor, name=model.name)


def _input_of(tensor: Any) -> Any:
    """What the operation was given that made a tensor; None if it was not one tensor."""
    history = tensor._keras_history
    if not history.operation._inbound_nodes:
        return None
    given = history.operation._inbound_nodes[history.node_index].input_tensors
    return given[0] if len(given) == 1 else None


@dataclass(frozen=True, slots=True)
class Fitting:
    """What a user asks for to make a model fit."""

    scale: float = 1.0
    """What pixels from 0 to 255 are multiplied with first."""
    invert: bool = False
    """Whether it takes dark ink on light paper; the runtime gives 0 for paper and 255 for pen."""
    blank_last: bool = False
    """Whether CTC's blank is its last output."""


def fit(model: keras.Model, fitting: Fitting, say: Callable[[str], None]) -> keras.Model:
    """The model between layers that fit it to our tiles or strips and to our order of labels, where it needs any.

    Args:
        model: of one input and one output.
        fitting: what was asked for.
        say: gets one sentence about each change that nobody asked for.
    """
    scale = fitting.scale
    shape, gives = tuple(model.inputs[0].shape), tuple(model.outputs[0].shape)
    single = len(gives) == 2 and None not in shape[1:]
    before: list[Step] = []
    after: list[Step] = []
    if fitting.invert:
        before.append(keras.layers.Rescaling(-scale, 255 * scale))
    elif scale != 1:
        before.append(keras.layers.Rescaling(scale))
    if single:
        before += _resized(shape[1:], say)
    elif shape[1:] == (HEIGHT, None, 1) and len(gives) == 3:
        say("its frames are given the shape (1, frames, labels)")
        after.append(keras.layers.Reshape((1, -1, gives[-1])))
    if fitting.blank_last:
        after.append(_blank_first)
    if not before and not after:
        return model
    image = keras.Input(batch_shape=(shape[0], *((SIDE, SIDE, 1) if single else shape[1:])))
    tensor = image
    for step in (*before, model, *after):
        tensor = step(tensor)
    return keras.Model(image, tensor, name=f"fitted_{model.name}")


def _blank_first(scores: Any) -> Any:
    return keras.layers.Concatenate()([scores[..., -1:], scores[..., :-1]])


def _coloured(grey: Any) -> Any:
    return keras.layers.Concatenate()([grey, grey, grey])


def _resized(shape: tuple[int, ...], say: Callable[[str], None]) -> list[Step]:
    """What makes a tile an input of this shape; [] if it is one, or cannot be made one."""
    if len(shape) == 2:
        say("its input gets an axis for the channel")
        return [*_resized((*shape, 1), say), keras.layers.Reshape(shape)]
    if len(shape) != 3 or shape[2] not in (1, 3):
        return []
    layers: list[Step] = []
    if shape[:2] != (SIDE, SIDE):
        say(f"Resizing({shape[0]}, {shape[1]}) is put in front, since the reader's tiles are {SIDE}x{SIDE}")
        layers.append(keras.layers.Resizing(*shape[:2]))
    if shape[2] == 3:
        say("the tile's grey is given to it as red, green and blue")
        layers.append(_coloured)
    return layers
