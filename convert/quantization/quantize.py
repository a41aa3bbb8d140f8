"""`python -m convert quantize`: a float Keras model, ours or yours -> a quantized bundle that the runtime loads."""

import argparse
import json
import math
import os
import re
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Without it, TensorFlow says on stderr that it may round otherwise.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras

from convert.data.classes import LABELS
from convert.paths import CACHE, MODELS
from convert.quantization.bundle_writer import Draft
from convert.quantization.calibration import Calibration, gather
from convert.quantization.converter_process import CannotConvert
from convert.quantization.job import Job, quantize
from convert.quantization.own_job import own_job
from convert.quantization.recipe import CALIBRATED, DEFAULT, SCHEMES, SEED, TRAINING, Recipe
from convert.quantization.user_model import runner
from convert.synthesis.random_text import CHARSET
from convert.training.finder_network import MAPS, finder_network
from convert.training.log import history
from convert.training.networks import LINE_STRIDE, character_network, line_network, plain
from edge_ocr.arguments import Parser, name_of, seed_number
from edge_ocr.errors import EdgeOcrError, ExitCode
from edge_ocr.layout.strip import HEIGHT
from edge_ocr.layout.tile import SIDE

OURS = ("characters", "lines", "finder")

EXAMPLES = """examples:
  python -m convert quantize characters                        what `train characters` left, to models/characters/
  python -m convert quantize my_model.keras --labels labels.txt --calibration photos/ --name mine
  python -m convert quantize mnist.h5 --labels digits.txt --calibration train-images-idx3-ubyte.gz --scale 1/255
  python -m convert quantize characters --keep-float 'conv2d|logits' --out /tmp/mixed
  edge-ocr read note.jpg --model models/mine                   read with it

To choose a scheme: `python -m convert schemes`. Which layers lose most: `python -m convert layer-error`.
What your own model must be like: docs/convert.md.
"""


class NoTraining(EdgeOcrError, FileNotFoundError):
    """There is no trained model to convert."""

    exit_code = ExitCode.NO_TRAINING

    def __str__(self) -> str:
        return str(self.args[0])


def open_kind(kind: str, version: str) -> tuple[keras.Model, Draft]:
    """The untrained network of a kind, with Keras's own batch norm, and what its bundle says."""
    if kind == "characters":
        return character_network(len(LABELS)), Draft(kind, kind, version, tuple(LABELS), SIDE, SIDE)
    if kind == "finder":
        return finder_network(), Draft(kind, kind, version, MAPS, "any", "any")
    return line_network(len(CHARSET) + 1), Draft(kind, kind, version, ("", *CHARSET), HEIGHT, "any", stride=LINE_STRIDE)


def load_float(path: Path, network: keras.Model) -> keras.Model:
    """`network` with the trained and averaged weights, ready for inference; NoTraining if they are missing."""
    if not path.exists():
        raise NoTraining(f"There is no trained model {path}: run `python -m convert train {network.name}` first")
    network.set_weights(keras.models.load_model(path, compile=False).get_weights())
    return plain(network)


def our_job(options: argparse.Namespace, recipe: Recipe) -> Job:
    """The job for what `train` left."""
    trained = options.trained or CACHE / options.model
    network, what = open_kind(options.model, options.version)
    model = load_float(trained / "float.keras", network)
    epochs = len(history(trained))
    made_by: dict[str, Any] = {"version": options.version, "epochs": epochs, "parameters": model.count_params()}
    out = options.out or MODELS / options.model

    def store(folder: Path) -> Path:
        model.save(folder / "model.keras", include_optimizer=False)
        return folder / "model.keras"

    def calibrate() -> Calibration | None:
        return gather(options.model, recipe) if recipe.scheme in CALIBRATED else None

    described = replace(what, made_by=made_by)
    return Job(store, runner(model), calibrate, described, recipe, out, trained, trained / "float.keras")


def keep_reports(trained: Path, report: Path) -> None:
    """Put what training left beside the bundle, for its card."""
    report.mkdir(exist_ok=True)
    (report / "training.json").write_text(json.dumps(history(trained), indent=1))
    if (trained / "curves.png").exists():
        shutil.copy(trained / "curves.png", report / "curves.png")


def parse(argv: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="python -m convert quantize",
        description="Convert a trained network and write its bundle: model.tflite, model.json, model.keras.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "model",
        help="characters, lines, finder, or your own: a .keras or .h5 file, a SavedModel's folder, a .tflite",
    )
    parser.add_argument("--scheme", choices=[name for name in SCHEMES if name != "float32"], help=f"default: {DEFAULT}")
    parser.add_argument("--keep-float", metavar="REGEX", help="layers to keep in float, by whole name (int8-mixed)")
    pictures = (
        "pictures for calibration, needed for your own model: a folder, a folder for each label, an idx or .npy file"
    )
    parser.add_argument("--calibration", type=name_of("a folder"), metavar="PLACE", help=pictures)
    parser.add_argument("--labels", type=Path, metavar="FILE", help="for your own model: one label a line, UTF-8")
    _add_fitting(parser)
    parser.add_argument(
        "--name", type=name_of("a bundle"), help="name of your own model's bundle (default: the file's name)"
    )
    parser.add_argument("--trained", type=Path, help="folder that `train` wrote (default: cache/MODEL)")
    parser.add_argument("--out", type=Path, help="folder of the bundle (default: models/NAME)")
    parser.add_argument("--version", default="1", help="version recorded in the bundle")
    parser.add_argument("--seed", type=seed_number, default=SEED, help="chooses the calibration's pictures")
    options = parser.parse_args(argv)
    options.scheme = options.scheme or ("int8-mixed" if options.keep_float else DEFAULT)
    if trouble := contradiction(options):
        parser.error(trouble)
    return options


def _add_fitting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scale", type=scale, default=1.0, metavar="FACTOR", help="your own model takes pixels times this, as 1/255"
    )
    parser.add_argument("--invert", action="store_true", help="your own model takes dark ink on light paper")
    parser.add_argument(
        "--blank",
        choices=("first", "last"),
        default="first",
        help="where your line model has CTC's blank (Keras: last)",
    )


def scale(text: str) -> float:
    """A number or a fraction, such as 1/255."""
    above, _, below = text.partition("/")
    with suppress(ValueError, ZeroDivisionError):
        value = float(above) / float(below or 1)
        if 0 < value < math.inf:
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is not valid: expected a number above 0, such as 1/255")


def contradiction(options: argparse.Namespace) -> str:
    """Why these options do not go together; "" if they do."""
    if options.keep_float and options.scheme != "int8-mixed":
        return "--keep-float needs --scheme int8-mixed"
    if options.name is not None and Path(options.name).name != options.name:
        return "--name is the name of a folder in models/, without a slash: for another place use --out"
    if options.model in OURS:
        own = options.labels is not None or options.name is not None
        if own or options.scale != 1 or options.invert or options.blank != "first":
            only = "--labels, --name, --scale, --invert and --blank"
            return f"{only} are for a model of your own: {options.model} has its own"
        return ""
    if options.labels is None:
        return "your own model needs --labels"
    if options.trained is not None:
        return "--trained is for characters and lines: for your own model name its file"
    if options.scheme in CALIBRATED and options.calibration is None:
        return f"--scheme {options.scheme} needs --calibration PLACE with pictures like those it will read"
    return ""


def main(argv: list[str]) -> int:
    options = parse(argv)
    try:
        re.compile(options.keep_float or "")
    except re.error as error:
        raise CannotConvert(
            f"--keep-float is not a regular expression ({error}): write it like 'conv2d|logits'"
        ) from error
    recipe = Recipe(options.scheme, options.keep_float, options.calibration or TRAINING, options.seed)
    job = our_job(options, recipe) if options.model in OURS else own_job(options, recipe)
    quantize(job)
    if job.trained:
        keep_reports(job.trained, job.out / "report")
    return 0
