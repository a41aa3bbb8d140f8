"""TensorFlow's converter in a child process, since it can crash in native code that no `except` catches."""

import json
import signal
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from convert.paths import ROOT
from convert.quantization.recipe import Recipe
from edge_ocr.child import Child, ChildLost
from edge_ocr.errors import EdgeOcrError, ExitCode
from edge_ocr.page import Gray

WORKER = [sys.executable, "-m", "convert.quantization.converter_worker"]
"""The child's program: it does one job and writes the result to the job's file."""

SURROUNDINGS = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
"""Keras classes that the int8 calibrator usually crashes on."""

LONGEST_REASON = 120
"""Longest shown error of a converter, in characters: MLIR adds hundreds about its graph."""


class CannotConvert(EdgeOcrError, ValueError):
    """A model that cannot be converted, or whose bundle the runtime does not load."""

    exit_code = ExitCode.CANNOT_CONVERT


def convert_model(model: Path, images: Sequence[Gray], recipe: Recipe, named: Path | None = None) -> bytes:
    """A .keras file as a .tflite of the recipe's scheme.

    Args:
        model: any Keras model of one image in and one array out.
        images: (height, width) uint8 each, for calibration.
        recipe: its scheme and kept layers are used.
        named: the file that errors name, if `model` is a temporary copy.

    Raises:
        CannotConvert: the converter refused it or crashed, or no layer has the name to keep.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "model.tflite"
        job = {"task": "convert", "result": str(result), **recipe.facts()}
        _work(model, images, job, Path(folder), named or model)
        return result.read_bytes()


def measure_layers(
    model: Path, calibration: Sequence[Gray], images: Sequence[Gray], named: Path | None = None
) -> list[dict[str, Any]]:
    """The loss of each layer of a .keras file as int8, see `converter.layer_errors`; CannotConvert as above."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "layers.json"
        job = {"task": "layers", "result": str(result), "measured": len(images)}
        _work(model, [*images, *calibration], job, Path(folder), named or model)
        rows: list[dict[str, Any]] = json.loads(result.read_text())
        return rows


def model_layers(model: Path) -> list[tuple[str, str]]:
    """(name, class) of every layer of a .keras file, also nested, in the file's order; [] if it is not such a file.

    A .keras file is a zip whose config.json describes the layers, so this needs no Keras.
    """
    try:
        with zipfile.ZipFile(model) as archive:
            config = json.loads(archive.read("config.json"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return []
    return list(_layers(config))


def model_name(model: Path) -> str:
    """The name of a .keras file's model; "" if it is not such a file."""
    try:
        with zipfile.ZipFile(model) as archive:
            return str(json.loads(archive.read("config.json"))["config"]["name"])
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile):
        return ""


def _layers(config: Any) -> Any:
    if isinstance(config, list):
        for item in config:
            yield from _layers(item)
        return
    if not isinstance(config, dict):
        return
    inner = config.get("config")
    if isinstance(inner, dict):
        if "layers" not in inner and isinstance(inner.get("name"), str) and "class_name" in config:
            yield inner["name"], str(config["class_name"])
        yield from _layers([inner.get(key) for key in ("layers", "layer", "cell")])


def _work(model: Path, images: Sequence[Gray], job: dict[str, Any], folder: Path, named: Path) -> None:
    """Run the worker on a job; CannotConvert says in one sentence why it failed."""
    pictures = folder / "images.npz"
    np.savez(pictures, *images)
    code, reason = 1, ""
    with Child(WORKER, folder=ROOT, surroundings=SURROUNDINGS) as child:
        try:
            answer = child.ask({**job, "model": str(model.resolve()), "images": str(pictures)})
            if not isinstance(answer, dict) or "error" not in answer:
                return
            reason = str(answer["error"])
        except ChildLost as lost:
            code, reason = lost.code or 1, brief(str(lost) if lost.code is None else lost.said)
    recurrent = [f"{name} ({kind})" for name, kind in model_layers(model) if kind in RECURRENT]
    raise CannotConvert(_sentence(named, recurrent, code, reason))


def _sentence(model: Path, recurrent: list[str], code: int, reason: str) -> str:
    """The cure comes before the converter's own words, which few understand."""
    if code == -signal.SIGKILL:
        return f"{model}: the converter was killed, probably for lack of memory: close other programs"
    crashed = f"TensorFlow's converter crashed ({signal.Signals(-code).name})" if code < 0 else ""
    if recurrent:
        which = ", ".join(recurrent)
        why = crashed or f"it says: {reason or f'exit code {code}'}"
        return (
            f"{model}: replace {which} by convolutions, or quantize weights alone with --scheme dynamic: the converter "
            f"fails on recurrent layers ({why})"
        )
    if crashed:
        return f"{model}: {crashed}; try another --scheme"
    return f"{model} cannot be converted ({reason or f'exit code {code}'})"


def brief(reason: str) -> str:
    """A converter's error without the places in its graph, at most LONGEST_REASON characters."""
    while "loc(" in reason:
        start = reason.index("loc(")
        reason = reason[:start] + reason[_closed(reason, start) :]
    words = " ".join(reason.replace("<unknown>:0:", "").replace("error: :", "error:").split()).strip(": ")
    return words if len(words) <= LONGEST_REASON else words[: LONGEST_REASON - 3].rstrip() + "..."


def _closed(text: str, start: int) -> int:
    """The place behind the bracket that closes the first one after `start`; else the text's end."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0 and text[place] == ")":
            return place + 1
    return len(text)
