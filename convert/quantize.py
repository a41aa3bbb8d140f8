"""`python -m convert quantize characters|lines`: a trained float model -> a full-int8 bundle that the runtime loads."""

import argparse
import contextlib
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import keras
import numpy as np
import tensorflow as tf

from convert.classes import LABELS
from convert.networks import character_network, line_network
from convert.strips import load_strip_shard, separate, strip_shard_path
from convert.synthesis import load_shard, shard_path
from convert.texts import CHARSET
from edge_ocr.errors import EdgeOcrError
from edge_ocr.ink import find_ink
from edge_ocr.layout import find_layout
from edge_ocr.page import Frame, Gray
from edge_ocr.strip import HEIGHT
from edge_ocr.tile import SIDE, stack_tiles

CACHE = Path("cache")
SAMPLES = Path("tests/pages")

CALIBRATION_TILES = 1000
"""Tiles of each kind that calibration sees; more changed no range by more than one step."""


CALIBRATION_STRIPS = 400
"""Strips that calibration sees, of all widths."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between the two kinds of model."""

    network: keras.Model
    """Untrained, of Keras's own layers alone."""
    labels: tuple[str, ...]
    size: dict[str, object]
    """Height and width as model.json has them."""


class NoTraining(EdgeOcrError, FileNotFoundError):
    """There is no trained model to convert."""

    exit_code = 12

    def __str__(self) -> str:
        return str(self.args[0])


def reader_tiles(folder: Path) -> Gray:
    """All tiles that the reader itself cuts from the pictures of a folder, (n, 32, 32) uint8."""
    tiles = []
    for path in sorted(folder.glob("*.jpg")):
        layout = find_layout(find_ink(Frame(cv2.imread(str(path)), path.name)))
        tiles += [segment.tile for line in layout.lines for segment in line.segments]
    return stack_tiles(tiles)


def calibration_tiles(seed: int = 1) -> Gray:
    """What the runtime sees: tiles it cuts from the sample pages, and synthetic ones of every class."""
    rng = np.random.default_rng(seed)
    kinds = [reader_tiles(SAMPLES), load_shard(shard_path(CACHE / "tiles", 0)).tiles]
    chosen = [tiles[rng.permutation(len(tiles))[:CALIBRATION_TILES]] for tiles in kinds]
    return np.concatenate([*chosen, np.zeros((1, SIDE, SIDE), np.uint8), np.full((1, SIDE, SIDE), 255, np.uint8)])


def calibration_strips(seed: int = 1) -> list[Gray]:
    """Strips as training saw them, half of them from photographs, each (HEIGHT, width) uint8."""
    strips = separate(load_strip_shard(strip_shard_path(CACHE / "strips", 0)))
    chosen = np.random.default_rng(seed).permutation(len(strips))[:CALIBRATION_STRIPS]
    return [strips[number] for number in chosen] + [np.full((HEIGHT, 64), 255, np.uint8)]


def open_kind(kind: str) -> Kind:
    """The network, labels and input of "characters" or "lines"."""
    if kind == "characters":
        return Kind(character_network(len(LABELS)), tuple(LABELS), {"height": SIDE, "width": SIDE})
    return Kind(line_network(len(CHARSET) + 1), ("", *CHARSET), {"height": HEIGHT, "width": "any"})


def load_float(path: Path, network: keras.Model) -> keras.Model:
    """`network` with the trained and averaged weights, ready for inference; NoTraining when they are not there."""
    if not path.exists():
        raise NoTraining(f"There is no trained model {path}: run `python -m convert train {network.name}` first")
    network.set_weights(keras.models.load_model(path, compile=False).get_weights())
    return network


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keras and the converter print pages of tensor names to both streams, some from C++."""
    saved = os.dup(1), os.dup(2)
    with open(os.devnull, "w") as sink, contextlib.redirect_stdout(io.StringIO()):
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved[0], 1)
            os.dup2(saved[1], 2)
            os.close(saved[0])
            os.close(saved[1])


def to_int8(model: keras.Model, images: Iterable[Gray]) -> bytes:
    """Full-int8 TFLite: weights per channel, activations by calibration on `images` (h, w), int8 in, logits out."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None, ..., None].astype(np.float32)] for image in images)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    with _quiet():
        return converter.convert()


def write_bundle(folder: Path, content: bytes, kind: Kind, made_by: dict[str, object]) -> None:
    """Write model.tflite, model.json and the float model.keras beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "format": 1,
        "kind": kind.network.name,
        "name": folder.name,
        "version": made_by["version"],
        "labels": list(kind.labels),
        "input": kind.size,
        "sha256": hashlib.sha256(content).hexdigest(),
        "geometry": {},
        "made_by": made_by,
    }
    (folder / "model.tflite").write_bytes(content)
    (folder / "model.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    kind.network.save(folder / "model.keras", include_optimizer=False)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m convert quantize",
        description="Convert the trained network to full int8 and write its bundle, for `python -m convert evaluate`.",
    )
    parser.add_argument("model", choices=["characters", "lines"])
    parser.add_argument("--trained", type=Path, help="folder that `train` wrote (default: cache/MODEL)")
    parser.add_argument("--out", type=Path, help="folder of the bundle (default: models/MODEL)")
    parser.add_argument("--version", default="1", help="version recorded in the bundle")
    options = parser.parse_args(argv)
    trained, out = options.trained or CACHE / options.model, options.out or Path("models") / options.model
    kind = open_kind(options.model)
    model = load_float(trained / "float.keras", kind.network)
    content = to_int8(model, calibration_tiles() if options.model == "characters" else calibration_strips())
    log = json.loads((trained / "log.json").read_text())
    made_by = {
        "version": options.version,
        "tensorflow": version("tensorflow-cpu"),
        "keras": keras.__version__,
        "epochs": len(log),
        "parameters": model.count_params(),
    }
    write_bundle(out, content, kind, made_by)
    report = out / "report"
    report.mkdir(exist_ok=True)
    (report / "training.json").write_text(json.dumps(log, indent=1))
    if (trained / "curves.png").exists():
        shutil.copy(trained / "curves.png", report / "curves.png")
    print(f"{out}: {len(content) / 1000:.0f} kB int8, {model.count_params()} parameters")
    return 0
