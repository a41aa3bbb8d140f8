"""Work with TensorFlow's converter in a child process, since it can crash in native code that no `except` catches."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from convert.contender import ROOT
from convert.environment import last_line
from convert.recipe import Recipe
from edge_ocr.errors import EdgeOcrError
from edge_ocr.page import Gray

WORKER = [sys.executable, "-m", "convert.converter"]
"""What runs in the child: gets the job's file, writes its result beside it."""

SURROUNDINGS = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
"""Keras classes that the int8 calibrator usually crashes on."""


class CannotConvert(EdgeOcrError, ValueError):
    """A model that cannot be converted, or whose bundle the runtime would not load."""

    exit_code = 20


def convert_model(model: Path, images: Sequence[Gray], recipe: Recipe) -> bytes:
    """A .keras file as a .tflite of the recipe's scheme.

    Args:
        model: any Keras model of one image in and one array out.
        images: (height, width) uint8 each, for calibration.
        recipe: its scheme and kept layers count here.

    Raises:
        CannotConvert: the converter refused it, crashed, or no layer has a name to keep.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "model.tflite"
        _work(model, images, {"task": "convert", "result": str(result), **recipe.facts()}, Path(folder))
        return result.read_bytes()


def measure_layers(model: Path, calibration: Sequence[Gray], images: Sequence[Gray]) -> list[dict[str, Any]]:
    """What each layer of a .keras file loses as int8, see `converter.layer_errors`; CannotConvert as above."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "layers.json"
        job = {"task": "layers", "result": str(result), "measured": len(images)}
        _work(model, [*images, *calibration], job, Path(folder))
        rows: list[dict[str, Any]] = json.loads(result.read_text())
        return rows


def model_layers(model: Path) -> list[tuple[str, str]]:
    """(name, class) of every layer of a .keras file, nested ones too, in the file's order; none if it is no such file.

    A .keras file is a zip whose config.json describes the layers, so that no Keras is needed.
    """
    try:
        with zipfile.ZipFile(model) as archive:
            config = json.loads(archive.read("config.json"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return []
    return list(_layers(config))


def model_name(model: Path) -> str:
    """The name of a .keras file's model; "" if it is no such file."""
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


def _work(model: Path, images: Sequence[Gray], job: dict[str, Any], folder: Path) -> None:
    """Run the worker on a job; whatever becomes of it, CannotConvert says why in one sentence."""
    pictures, told, log = folder / "images.npz", folder / "error.txt", folder / "log.txt"
    np.savez(pictures, *images)
    path = folder / "job.json"
    path.write_text(json.dumps({**job, "model": str(model.resolve()), "images": str(pictures), "told": str(told)}))
    with log.open("wb") as output:
        done = subprocess.run(
            [*WORKER, str(path)], cwd=ROOT, env={**os.environ, **SURROUNDINGS}, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    if done.returncode == -signal.SIGINT:
        raise KeyboardInterrupt
    if done.returncode:
        reason = told.read_text() if told.exists() else last_line(log.read_text(errors="replace"))
        raise CannotConvert(_sentence(model, done.returncode, reason))


def _sentence(model: Path, code: int, reason: str) -> str:
    recurrent = [f"{name} ({kind})" for name, kind in model_layers(model) if kind in RECURRENT]
    cure = (
        f"its recurrent layers are the usual cause: replace {', '.join(recurrent)} by convolutions"
        if recurrent
        else "try another --scheme"
    )
    if code == -signal.SIGKILL:
        return f"{model}: the converter was killed, probably for want of memory: close other programs"
    if code < 0:
        return f"{model}: TensorFlow's converter crashed ({signal.Signals(-code).name}); {cure}"
    return f"{model} cannot be converted ({reason or f'exit code {code}'})" + (f"; {cure}" if recurrent else "")
