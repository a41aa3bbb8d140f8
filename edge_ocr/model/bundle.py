"""A model's folder, model.tflite + model.json -> Bundle, checked against each other before anything runs."""

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_ocr.errors import BadBundle
from edge_ocr.model.interpreter import Model, Tensor, open_model

FORMAT = 1
"""The model.json this edge-ocr understands."""

KINDS = ("characters", "lines", "finder")
"""What a model recognises; a finder shows where writing is."""

DEFAULT = "characters"
"""The bundled model that is loaded by default."""

WIDTH_STEP = 32
"""Strips are padded to multiples of this many columns, so that lines of like length share one allocation."""

USUAL_STRIDE = 4
"""Of line models whose model.json is older than its entry "stride"."""

LEAST_WHITE = 128
"""A model whose input ends below this value was not made for pixels from 0 to 255."""

REMAKE = "run `python -m convert quantize characters` (or `lines`, `finder`)"

RECOPY = "copy the whole folder again, or make it again with `python -m convert quantize MODEL.keras`"

_HERE = Path(__file__).resolve().parents[1]
_PLACES = (_HERE / "models", _HERE.parent / "models")
"""Where bundles are: inside the installed package, or beside it in a checkout."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model and its description. Made by `load_bundle`, which checks it."""

    folder: Path
    kind: str
    """One of `KINDS`."""
    name: str
    version: str
    labels: tuple[str, ...]
    """One for each output of the model, the characters that it may mean: "A", "Cc"; "" is not a character.
    Of a finder, what each channel of its map holds."""
    height: int
    """Of the input, in pixels; -1 where any height may stand, as in a finder."""
    width: int
    """Of the input, in pixels; -1 if any width is allowed, as in a line model."""
    sha256: str
    """Of model.tflite."""
    model_bytes: int
    """Size of model.tflite."""
    stride: int
    """Columns of a strip to one frame of a line model's output; 0 for characters."""
    confidence: dict[str, float]
    """Weights that turn its evidence into probabilities, by feature (see `edge_ocr.text.confidence`); may be empty."""
    made_by: dict[str, Any]
    """How the model was made: for people, not for programs."""

    @property
    def model(self) -> Path:
        """The model's file."""
        return self.folder / "model.tflite"

    @property
    def alphabet(self) -> str:
        """Every character of the model, in order of code points."""
        return "".join(sorted("".join(self.labels)))

    def describe(self) -> dict[str, Any]:
        """What `edge-ocr info` prints, as plain strings and numbers."""
        return {
            "name": self.name,
            "kind": self.kind,
            "version": self.version,
            "folder": str(self.folder),
            "bytes": self.model_bytes,
            "sha256": self.sha256,
            "input": "x".join("any" if size < 0 else str(size) for size in (self.height, self.width)),
            "labels": len(self.labels),
            "alphabet": "" if self.kind == "finder" else self.alphabet,
        }


def bundle_names() -> list[str]:
    """Names of the models that came with this edge-ocr, sorted."""
    return sorted({path.parent.name for place in _PLACES for path in place.glob("*/model.json")})


def bundled_lines() -> Path | None:
    """Folder of the line model that came with this edge-ocr; None where there is none."""
    return _place("lines")


def bundled_finder() -> Path | None:
    """Folder of the finder that came with this edge-ocr; None where there is none."""
    return _place("finder")


def _place(name: str) -> Path | None:
    return next((place / name for place in _PLACES if (place / name / "model.json").is_file()), None)


def load_bundle(folder: Path | str | None = None) -> Bundle:
    """Read and check a bundle, without opening the model.

    Args:
        folder: holds model.tflite and model.json; None is the bundled character model.

    Raises:
        BadBundle: a file is missing, unreadable or contradicts the other one.
    """
    folder = _bundled(DEFAULT) if folder is None else Path(folder)
    if not folder.is_dir():
        raise BadBundle(f"{folder} is not a folder: name the folder that holds model.tflite and model.json")
    facts = _read_facts(folder / "model.json")
    content = _read(folder / "model.tflite")
    digest = hashlib.sha256(content).hexdigest()
    if digest != facts.get("sha256"):
        raise BadBundle(
            f"{folder}/model.tflite is not the model that model.json describes (sha256 differs): {_cure(folder)}"
        )
    size = _object(facts, "input", folder)
    return Bundle(
        folder=folder,
        kind=_text(facts, "kind", folder),
        name=_text(facts, "name", folder),
        version=_text(facts, "version", folder),
        labels=_labels(facts, folder),
        height=-1 if facts["kind"] == "finder" else _pixels(size, "height", folder),
        width=-1 if size.get("width") == "any" else _pixels(size, "width", folder),
        sha256=digest,
        model_bytes=len(content),
        stride=_stride(facts, folder),
        confidence=_weights(facts, folder),
        made_by=_object(facts, "made_by", folder),
    )


def open_bundle(bundle: Bundle, backend: str = "auto", threads: int = 1) -> Model:
    """Open the bundle's model and check that it has the input and the outputs that the bundle names.

    Raises:
        BadBundle: model and bundle disagree, or the model is corrupt.
        NoInterpreter: no installed package can run it (see `open_model`).
    """
    model = open_model(bundle.model, backend, threads)
    takes = (bundle.height, bundle.width, 1)
    count = len(bundle.labels)
    gives = {"lines": (1, -1, count), "finder": (-1, -1, count)}.get(bundle.kind, (count,))
    if model.input.shape != takes:
        raise BadBundle(f"{bundle.model} takes {model.input.shape} but model.json says {takes}: {_cure(bundle.folder)}")
    if model.output.shape != gives:
        raise BadBundle(
            f"{bundle.model} has {model.output.shape} outputs but model.json has {gives[-1]} labels: "
            f"{_cure(bundle.folder)}"
        )
    if _ceiling(model.input) < LEAST_WHITE:
        raise BadBundle(
            f"{bundle.model} takes values up to {_ceiling(model.input):.3g}, but pixels go up to 255: "
            "its network must begin with Rescaling(1/255) and be calibrated on tiles"
        )
    return model


def _ceiling(tensor: Tensor) -> float:
    """The largest value that a tensor can hold."""
    if tensor.dtype.startswith("float"):
        return float("inf")
    return (int(np.iinfo(tensor.dtype).max) - tensor.zero_point) * tensor.scale


def _bundled(name: str) -> Path:
    folder = _place(name)
    if folder is None:
        raise BadBundle(f"no model {name!r} came with this edge-ocr: reinstall it, or in a checkout {REMAKE}")
    return folder


def _cure(folder: Path) -> str:
    """What to do about a broken bundle: make ours again, copy others again."""
    return REMAKE if folder.absolute().parent in _PLACES else RECOPY


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadBundle(f"{path} cannot be read ({error.strerror}): {_cure(path.parent)}") from error


def _read_facts(path: Path) -> dict[str, Any]:
    """model.json as a dict of a format and kind that are known."""
    text = _read(path)
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadBundle(f"{path} is not JSON ({error}): {_cure(path.parent)}") from error
    if not isinstance(facts, dict):
        raise BadBundle(f"{path} holds no JSON object: {_cure(path.parent)}")
    if facts.get("format") != FORMAT:
        raise BadBundle(
            f"{path} has format {facts.get('format')!r} but this edge-ocr reads {FORMAT}: "
            f"install the edge-ocr that it was made for, or {_cure(path.parent)}"
        )
    if facts.get("kind") not in KINDS:
        raise BadBundle(f"{path} is of kind {facts.get('kind')!r} but this edge-ocr knows {', '.join(KINDS)}")
    return facts


def _labels(facts: dict[str, Any], folder: Path) -> tuple[str, ...]:
    labels = facts.get("labels")
    if not isinstance(labels, list) or not labels or not all(isinstance(label, str) for label in labels):
        raise BadBundle(f"{folder}/model.json: expected a list of strings under 'labels': {_cure(folder)}")
    if len(set(labels)) != len(labels):
        raise BadBundle(f"{folder}/model.json: a label stands twice: {_cure(folder)}")
    characters = "" if facts.get("kind") == "finder" else "".join(labels)
    twice = sorted({character for character in characters if characters.count(character) > 1})
    if twice:
        raise BadBundle(f"{folder}/model.json: {' '.join(twice)} stands in its labels more than once: {_cure(folder)}")
    return tuple(labels)


def _text(facts: dict[str, Any], key: str, folder: Path) -> str:
    value = facts.get(key)
    if not isinstance(value, str) or not value:
        raise BadBundle(f"{folder}/model.json: expected a text under {key!r}, found {value!r}: {_cure(folder)}")
    return value


def _pixels(size: dict[str, Any], key: str, folder: Path) -> int:
    value = size.get(key)
    if type(value) is not int or value < 1:
        raise BadBundle(
            f"{folder}/model.json: expected pixels under 'input', {key!r}, found {value!r}: {_cure(folder)}"
        )
    return value


def _weights(facts: dict[str, Any], folder: Path) -> dict[str, float]:
    weights = _object(facts, "confidence", folder)
    for name, weight in weights.items():
        if not isinstance(weight, int | float) or isinstance(weight, bool) or not math.isfinite(weight):
            raise BadBundle(
                f"{folder}/model.json: expected a number under 'confidence', {name!r}, found {weight!r}: "
                f"{_cure(folder)}"
            )
    return weights


def _stride(facts: dict[str, Any], folder: Path) -> int:
    """Strips end at a whole frame only where the stride divides what they are padded to."""
    if facts["kind"] != "lines":
        return 0
    value = facts.get("stride", USUAL_STRIDE)
    if type(value) is not int or value < 1 or WIDTH_STEP % value:
        raise BadBundle(
            f"{folder}/model.json: expected a divisor of {WIDTH_STEP} under 'stride', found {value!r}: {_cure(folder)}"
        )
    return value


def _object(facts: dict[str, Any], key: str, folder: Path) -> dict[str, Any]:
    value = facts.get(key, {})
    if not isinstance(value, dict):
        raise BadBundle(f"{folder}/model.json: expected an object under {key!r}, found {value!r}: {_cure(folder)}")
    return value
