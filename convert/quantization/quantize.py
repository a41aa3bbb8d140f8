"""`python -m convert quantize`: a float Keras model, ours or yours -> a quantized bundle that the runtime loads."""

import argparse
import json
import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from convert.data.classes import LABELS
from convert.evaluation.gates import DOUBTFUL_AGREEMENT
from convert.paths import CACHE, MODELS
from convert.quantization.bundle_writer import Draft, install, workshop, write_bundle
from convert.quantization.calibration import Calibration, gather, seen_by_reader, warnings
from convert.quantization.converter_process import CannotConvert, convert_model
from convert.quantization.layer_error import worst_layers
from convert.quantization.provenance import describe, file_hash
from convert.quantization.recipe import CALIBRATED, DEFAULT, SCHEMES, SEED, TRAINING, Recipe
from convert.quantization.user_model import doubts, draft, load_own, read_labels
from convert.synthesis.random_text import CHARSET
from convert.training.finder_network import MAPS, finder_network
from convert.training.log import history
from convert.training.networks import LINE_STRIDE, character_network, line_network, plain
from edge_ocr.arguments import Parser, name_of, seed_number
from edge_ocr.errors import BadBundle, EdgeOcrError, ExitCode
from edge_ocr.ink.finder import Finder
from edge_ocr.layout.strip import HEIGHT
from edge_ocr.layout.tile import SIDE
from edge_ocr.model.bundle import load_bundle
from edge_ocr.model.characters import CharacterModel
from edge_ocr.model.lines import LineModel
from edge_ocr.output import note
from edge_ocr.page import Gray

OURS = ("characters", "lines", "finder")

COMPARED = 500
"""Tiles or strips of the sample pages for comparing the float and the quantized model."""

EXAMPLES = """examples:
  python -m convert quantize characters                        what `train characters` left, to models/characters/
  python -m convert quantize my_model.keras --labels labels.txt --calibration photos/ --name mine
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


@dataclass(frozen=True, slots=True)
class Job:
    """What to quantize, and how."""

    model: keras.Model
    draft: Draft
    recipe: Recipe
    out: Path
    trained: Path | None
    """Folder that `train` wrote; None for a user's model."""
    named: Path
    """The file that the model was loaded from, for messages."""


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


def quantize(job: Job) -> None:
    """Convert a model and put its bundle in place; any error leaves the old bundle as it was."""
    with workshop(job.out) as folder:
        source = folder / "model.keras"
        job.model.save(source, include_optimizer=False)
        calibration = gather(job.draft.kind, job.recipe) if job.recipe.scheme in CALIBRATED else None
        seen = seen_by_reader(job.draft.kind)
        # A finder sees scenes of all kinds; the others see ink alone.
        for warning in warnings(calibration, seen) if calibration and job.draft.kind != "finder" else ():
            note(f"warning: {warning}")
        recipe = settle(job.recipe, source, calibration, job.named)
        note(f"converting {source.name} to {recipe.scheme}, in a process of its own")
        content = convert_model(source, calibration.images if calibration else (), recipe, job.named)
        made_by = {**job.draft.made_by, **describe(recipe, source, calibration)}
        known = known_confidence(job.out) if job.trained else {}
        content = write_bundle(folder, content, source, replace(job.draft, confidence=known, made_by=made_by))
        alike = agreement(folder, seen[:COMPARED])
        install(folder, job.out)
    print(f"{job.out}: {len(content) / 1000:.0f} kB {recipe.scheme}, {job.model.count_params()} parameters")
    print(f"{recipe.scheme} and float agree on {alike:.2%} of what the reader cuts from the sample pages")
    if alike < DOUBTFUL_AGREEMENT:
        note(f"warning: that is less than {DOUBTFUL_AGREEMENT:.0%}: calibrate on pictures like those it will read")


def known_confidence(out: Path) -> dict[str, float]:
    """The confidence weights of the bundle at `out`: better than none until `confidence` fits new ones."""
    with suppress(BadBundle):
        return load_bundle(out).confidence
    return {}


def settle(recipe: Recipe, source: Path, calibration: Calibration | None, named: Path) -> Recipe:
    """The recipe with the layers to keep; for int8-mixed without any, those that lose most."""
    if recipe.scheme != "int8-mixed" or recipe.keep_float or calibration is None:
        return recipe
    worst = worst_layers(source, calibration.images, named)
    note(f"keeping {', '.join(worst)} in float: they lose most as int8")
    return replace(recipe, keep_float="|".join(map(re.escape, worst)))


def agreement(folder: Path, images: Sequence[Gray]) -> float:
    """Share of tiles, or of frames of strips, with the same likeliest label in both models of a bundle."""
    bundle = load_bundle(folder)
    if bundle.kind == "lines":
        lines = [LineModel(bundle, "keras"), LineModel(bundle)]
        pairs = [[model(image).argmax(axis=1) for model in lines] for image in images]
        same = [one == other for one, other in pairs]
        return float(np.concatenate(same).mean())
    if bundle.kind == "finder":
        finders = Finder(bundle, "keras"), Finder(bundle)
        alike = [(finders[0](image).pen > 127) == (finders[1](image).pen > 127) for image in images]
        return float(np.mean([part.mean() for part in alike]))
    tiles = np.stack(images)
    exact, quantized = (CharacterModel(bundle, backend)(tiles).argmax(axis=1) for backend in ("keras", "auto"))
    return float((exact == quantized).mean())


def our_job(options: argparse.Namespace, recipe: Recipe) -> Job:
    """The job for what `train` left."""
    trained = options.trained or CACHE / options.model
    network, what = open_kind(options.model, options.version)
    model = load_float(trained / "float.keras", network)
    epochs = len(history(trained))
    made_by: dict[str, Any] = {"version": options.version, "epochs": epochs, "parameters": model.count_params()}
    out = options.out or MODELS / options.model
    return Job(model, replace(what, made_by=made_by), recipe, out, trained, trained / "float.keras")


def own_job(options: argparse.Namespace, recipe: Recipe) -> Job:
    """The job for a user's model; warnings go to stderr."""
    path = Path(options.model)
    labels = read_labels(options.labels)
    model = load_own(path)
    name = options.name or path.stem
    what = draft(model, labels, name, options.version)
    for doubt in doubts(model, labels):
        note(f"warning: {doubt}")
    made_by = {"version": options.version, "parameters": model.count_params(), "original_sha256": file_hash(path)}
    return Job(model, replace(what, made_by=made_by), recipe, options.out or MODELS / name, None, path)


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
    parser.add_argument("model", help="characters, lines, finder, or a .keras file of your own")
    parser.add_argument("--scheme", choices=[name for name in SCHEMES if name != "float32"], help=f"default: {DEFAULT}")
    parser.add_argument("--keep-float", metavar="REGEX", help="layers to keep in float, by whole name (int8-mixed)")
    pictures = "pictures for calibration; needed for your own model"
    parser.add_argument("--calibration", type=name_of("a folder"), metavar="FOLDER", help=pictures)
    parser.add_argument("--labels", type=Path, metavar="FILE", help="for your own model: one label a line, UTF-8")
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


def contradiction(options: argparse.Namespace) -> str:
    """Why these options do not go together; "" if they do."""
    if options.keep_float and options.scheme != "int8-mixed":
        return "--keep-float needs --scheme int8-mixed"
    if options.name is not None and Path(options.name).name != options.name:
        return "--name is the name of a folder in models/, without a slash: for another place use --out"
    if options.model in OURS:
        own = options.labels is not None or options.name is not None
        return f"--labels and --name are for a model of your own: {options.model} has its own" if own else ""
    if options.labels is None:
        return "your own model needs --labels"
    if options.trained is not None:
        return "--trained is for characters and lines: for your own model name its file"
    if options.scheme in CALIBRATED and options.calibration is None:
        return f"--scheme {options.scheme} needs --calibration FOLDER with pictures like those it will read"
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
