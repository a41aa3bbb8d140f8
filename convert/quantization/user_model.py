"""A Keras model that somebody else made: what must be true of it, so that the runtime can read with it."""

import os
import re
import zipfile
from collections import Counter
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import convert.training.networks  # noqa: F401 (our own layer is registered there)
from convert.quantization.bundle_writer import Draft
from convert.quantization.converter_process import CannotConvert, brief
from edge_ocr.layout.strip import HEIGHT
from edge_ocr.layout.tile import SIDE
from edge_ocr.model.bundle import WIDTH_STEP
from edge_ocr.text.ctc import BLANK

EXPECTED = (
    f"(n, {SIDE}, {SIDE}, 1) in and (n, labels) out for characters, or (n, {HEIGHT}, None, 1) in and "
    "(n, 1, None, labels) out for lines"
)

HDF5 = b"\x89HDF\r\n\x1a\n"
"""What a file of HDF5, Keras's older kind, begins with."""

UNKNOWN = re.compile(r"(?:Could not locate (?:class|function)|Unknown [a-z ]+:) '?([\w>.]+)")
"""How Keras reports a layer or a function that is not its own."""

TRIED_WIDTHS = (4 * WIDTH_STEP, 10 * WIDTH_STEP)
"""Columns of the strips that a line model's frames are counted on."""


def load_own(path: Path) -> keras.Model:
    """A Keras model from a file, with logits instead of a softmax at its end.

    Raises:
        CannotConvert: there is no such file, or Keras cannot load it.
    """
    if not path.is_file():
        raise CannotConvert(f"There is no model {path}: name a .keras file, or `characters` or `lines`")
    if not _is_whole(path):
        raise CannotConvert(
            f"{path} cannot be loaded by Keras: it is cut short or no model at all (neither a zip, as .keras is, nor "
            "HDF5), so copy it again or save it again with model.save"
        )
    try:
        model = keras.saving.load_model(path, compile=False)
    except Exception as error:  # Zip, JSON, HDF5, unknown layers: each has its own errors.
        raise CannotConvert(f"{path} cannot be loaded by Keras {keras.__version__}: {_reason(error)}") from error
    return to_logits(model)


def _is_whole(path: Path) -> bool:
    """Whether it is a zip, whose directory stands at its end, or begins as HDF5 does: of others Keras says that there
    is no such file."""
    with path.open("rb") as file:
        return zipfile.is_zipfile(file) or (file.seek(0) == 0 and file.read(len(HDF5)) == HDF5)


def _reason(error: Exception) -> str:
    """Why a model was not loaded, and what to do."""
    unknown = UNKNOWN.search(str(error))
    if unknown:
        return (
            f"it does not know {unknown[1]}, which is of your own making: build the network of Keras's own layers "
            "and functions alone, give it the weights (get_weights, set_weights) and save that"
        )
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"save it again with this version ({brief(lines[0].rstrip('. '))})"


def to_logits(model: keras.Model) -> keras.Model:
    """The same model without a softmax at its end, if it has one: an int8 softmax knows 256 probabilities only."""
    last = model.layers[-1]
    if isinstance(last, keras.layers.Softmax) or (
        isinstance(last, keras.layers.Activation) and last.activation is keras.activations.softmax
    ):
        return keras.Model(model.inputs, last.input, name=model.name)
    if getattr(last, "activation", None) is keras.activations.softmax:
        last.activation = keras.activations.linear
    return model


def read_labels(path: Path) -> tuple[str, ...]:
    """One label a line: the characters that an output may stand for; an empty line is "not a character" (or blank).

    Raises:
        CannotConvert: there is no such file, or a label or a character stands twice.
    """
    try:
        labels = tuple(path.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise CannotConvert(f"{path} cannot be read ({error}): expected UTF-8 text, one label a line") from error
    labels = tuple(label.removesuffix("\r") for label in labels)
    twice = [label for label, count in Counter(labels).items() if count > 1]
    if twice:
        lines = [str(number) for number, label in enumerate(labels, 1) if label == twice[0]]
        raise CannotConvert(f"{path}: the label {twice[0]!r} stands on lines {', '.join(lines)}: each may stand once")
    character, count = Counter("".join(labels)).most_common(1)[0] if any(labels) else ("", 0)
    if count > 1:
        among = " and ".join(repr(label) for label in labels if character in label)
        raise CannotConvert(
            f"{path}: the character {character!r} stands in the labels {among}: a label is the characters that "
            "an output may be ('Oo' is O or o), not a name, and each character belongs to one output"
        )
    return labels


def draft(model: keras.Model, labels: tuple[str, ...], name: str, version: str) -> Draft:
    """What a bundle of this model says.

    Raises:
        CannotConvert: the model has inputs or outputs that the runtime has no use for, or another number of labels.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        counts = f"{len(model.inputs)} inputs and {len(model.outputs)} outputs"
        raise CannotConvert(f"The model has {counts}: the runtime needs {EXPECTED}")
    width: int | str
    takes, gives = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    if takes == (SIDE, SIDE, 1) and len(gives) == 1:
        kind, width = "characters", SIDE
    elif takes == (HEIGHT, None, 1) and len(gives) == 3 and gives[0] == 1:
        kind, width = "lines", "any"
    else:
        raise CannotConvert(
            f"The model takes {(None, *takes)} and gives {(None, *gives)}: the runtime needs {EXPECTED}"
        )
    if gives[-1] != len(labels):
        raise CannotConvert(
            f"The model has {gives[-1]} outputs but there are {len(labels)} labels: one a line for each"
        )
    stride = _stride(model) if kind == "lines" else 0
    if kind == "lines" and labels[BLANK]:
        raise CannotConvert(
            f"The first label of a line model is CTC's blank, an empty line, but it is {labels[BLANK]!r}"
        )
    return Draft(kind, name, version, labels, takes[0], width, stride=stride)


def _stride(model: keras.Model) -> int:
    """Columns to a frame of a line model.

    Raises:
        CannotConvert: its frames are not spread evenly over what the runtime pads strips to, which would cut texts.
    """
    strips = [np.zeros((1, HEIGHT, width, 1), np.float32) for width in TRIED_WIDTHS]
    frames = {width: model(strip, training=False).shape[2] for width, strip in zip(TRIED_WIDTHS, strips, strict=True)}
    found = [width / count for width, count in frames.items()]
    stride = round(found[0])
    if found != [stride] * len(found) or WIDTH_STEP % stride:
        counts = " and ".join(f"{count} frames for {width} columns" for width, count in frames.items())
        raise CannotConvert(
            f"The model gives {counts}, where the runtime needs one for 1, 2, 4, 8, 16 or {WIDTH_STEP} columns: let "
            'its strides along the line multiply to such a number and pad with zeros ("same")'
        )
    return stride


def doubts(model: keras.Model, labels: tuple[str, ...]) -> list[str]:
    """What may be a mistake, one sentence each."""
    found = []
    scales = (keras.layers.Rescaling, keras.layers.Normalization, keras.layers.BatchNormalization)
    first = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)][:1]
    if first and not isinstance(first[0], scales):
        found.append(
            f"the model begins with {first[0].name} ({type(first[0]).__name__}), not with Rescaling: the runtime "
            "gives it pixels from 0 to 255"
        )
    ending = _ending(model)
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


def _ending(model: keras.Model) -> str:
    """The activation that the model's numbers go through last, "sigmoid (dense)"; "" where they are logits.

    Layers that only move numbers do not count; `to_logits` has taken a softmax away already where it stands last.
    """
    moving = (keras.layers.Reshape, keras.layers.Permute, keras.layers.Flatten, keras.layers.Dropout)
    last = next((layer for layer in reversed(model.layers) if not isinstance(layer, moving)), None)
    if isinstance(last, (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.ELU, keras.layers.Softmax)):
        return f"{type(last).__name__} ({last.name})"
    activation = getattr(last, "activation", None)
    if last is None or activation in (None, keras.activations.linear):
        return ""
    return f"{getattr(activation, '__name__', type(activation).__name__)} ({last.name})"
