"""A converted model -> its bundle's folder, whole or not at all, and only if the runtime loads it."""

import contextlib
import hashlib
import json
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from convert.quantization.converter_process import CannotConvert, model_layers, model_name
from convert.quantization.metadata import inscribe
from convert.quantization.own_tflite import without_softmax
from convert.quantization.tensor_names import Names
from edge_ocr.errors import BadBundle, CannotWrite, ExitCode
from edge_ocr.ink.finder import Finder
from edge_ocr.model.bundle import FORMAT, WIDTH_STEP, Bundle, load_bundle
from edge_ocr.model.characters import CharacterModel
from edge_ocr.model.lines import LineModel

FILES = ("model.tflite", "model.keras", "model.json")
"""The files, in the order in which they are put in place: model.json last, since it certifies the others. There is no
model.keras of a model that came as a SavedModel or a .tflite."""

TRIED_TILES = 3
"""Tiles that the runtime tries a model with at once: one alone would not show a batch of fixed size."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A bundle's description of its model."""

    kind: str
    """One of `edge_ocr.model.bundle.KINDS`."""
    name: str
    version: str
    labels: tuple[str, ...]
    height: int | str
    """In pixels, or "any"."""
    width: int | str
    """In pixels, or "any"."""
    made_by: dict[str, Any] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)
    """Weights of its evidence for `edge_ocr.text.confidence`; {} if they were not fitted."""
    stride: int = 0
    """Columns of a strip to a frame of a line model; 0 for characters."""

    @property
    def takes(self) -> str:
        """The input, in words."""
        if self.kind == "finder":
            return "picture of any size: 0 is black, 255 is white"
        shape = f"{self.height}x{self.width}" if self.kind == "characters" else f"{self.height} rows, any width"
        return f"{'tile' if self.kind == 'characters' else 'strip'} of {shape}: 0 is paper, 255 is pen"


def like(bundle: Bundle) -> Draft:
    """A bundle's description, for another .tflite of the same model."""
    height, width = ("any" if size < 0 else size for size in (bundle.height, bundle.width))
    return Draft(
        bundle.kind, bundle.name, bundle.version, bundle.labels, height, width,
        confidence=bundle.confidence, stride=bundle.stride,
    )  # fmt: skip


@contextlib.contextmanager
def workshop(out: Path) -> Iterator[Path]:
    """A temporary folder beside a bundle's own, so that files can be moved; CannotWrite if anything fails there.

    It is made before the work begins, so that hours of work are not lost to a read-only folder. It is removed however
    the work ends, by SIGTERM, too.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with _ended_tidily(), tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
            yield Path(folder)
    except OSError as error:
        if hasattr(error, "exit_code"):
            raise
        raise CannotWrite(
            f"{out} cannot be written ({error.strerror or error}): nothing was changed; make room or name another "
            "folder with --out"
        ) from error


@contextlib.contextmanager
def _ended_tidily() -> Iterator[None]:
    """SIGTERM ends the block like an exception, so that temporary folders and children are cleaned up.

    Only in this block: an exception during one of TensorFlow's thousands of imports may be swallowed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread may set signal handlers.
        return

    def end(*_: object) -> None:
        raise SystemExit(ExitCode.TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def write_bundle(folder: Path, content: bytes, source: Path, draft: Draft) -> bytes:
    """Write model.tflite, model.json and model.keras to `folder`, and run the model once as the runtime does.

    Args:
        folder: empty, or the workshop that already holds `source`.
        content: from the converter; gets names, metadata and labels, and loses a softmax at its end.
        source: the .keras file that was converted; in `folder`, it may be another.
        draft: its description.

    Returns:
        What was written as model.tflite.

    Raises:
        CannotConvert: the runtime would not load the bundle.
    """
    names = Names.of_model(model_name(source), [name for name, _ in model_layers(source)])
    content = inscribe(
        without_softmax(content), names, draft.labels, f"edge-ocr {draft.name}", draft.version, draft.takes
    )
    facts = {
        "format": FORMAT,
        "kind": draft.kind,
        "name": draft.name,
        "version": draft.version,
        "labels": list(draft.labels),
        "input": {"height": draft.height, "width": draft.width},
        **({"stride": draft.stride} if draft.stride else {}),
        "sha256": hashlib.sha256(content).hexdigest(),
        "confidence": draft.confidence,
        "made_by": draft.made_by,
    }
    if source.parent != folder:
        (folder / "model.keras").write_bytes(source.read_bytes())
    (folder / "model.tflite").write_bytes(content)
    (folder / "model.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    try_out(folder)
    return content


def try_out(folder: Path) -> None:
    """Load a bundle and read an empty tile or strip with it; CannotConvert if the runtime cannot."""
    try:
        bundle = load_bundle(folder)
        if bundle.kind == "lines":
            LineModel(bundle)(np.zeros((bundle.height, 3 * WIDTH_STEP), np.uint8))
        elif bundle.kind == "finder":
            Finder(bundle)(np.zeros((40, 70), np.uint8))
        else:
            CharacterModel(bundle)(np.zeros((TRIED_TILES, bundle.height, bundle.width), np.uint8))
    except (BadBundle, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotConvert(f"The runtime cannot load the result, so nothing was written: {reason}") from error


def install(workshop: Path, out: Path) -> None:
    """Move a written bundle to its place, beside the card and the reports."""
    out.mkdir(exist_ok=True)
    for name in FILES:
        if (workshop / name).exists():
            os.replace(workshop / name, out / name)
        else:  # Of the model that was there before.
            (out / name).unlink(missing_ok=True)
