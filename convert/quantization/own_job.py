"""The job of quantizing a user's model: loaded, made fit, tried on labelled pictures, and doubted in words."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from convert.paths import MODELS
from convert.quantization.calibration import calibration_on, own_pictures
from convert.quantization.converter_process import CannotConvert
from convert.quantization.job import Job
from convert.quantization.own_labels import read_labels, with_blank
from convert.quantization.own_network import Fitting, portable
from convert.quantization.own_tflite import AS_IT_CAME, is_quantized
from convert.quantization.provenance import file_hash
from convert.quantization.recipe import CALIBRATED, DEFAULT, Recipe
from convert.quantization.trial import examples, try_model
from convert.quantization.user_model import OwnModel, doubts, draft, open_own
from edge_ocr.output import note


def own_job(options: argparse.Namespace, recipe: Recipe) -> Job:
    """The job for a user's model; what was changed and what is doubtful goes to stderr.

    Raises:
        CannotConvert: the model or its labels are of no use to the runtime, or the scheme is not for its kind of file.
    """
    path = Path(options.model)
    labels = read_labels(options.labels)
    if options.blank == "last":
        labels = with_blank(labels)
    fitting = Fitting(options.scale, options.invert, options.blank == "last")
    model = open_own(path, fitting, note)
    name = options.name or path.stem
    what = draft(model, labels, name, options.version)
    _check_scheme(model, recipe, path)
    pictures = own_pictures(recipe.calibration, what.kind, recipe.seed) if options.calibration else None
    shown = examples(what.kind, labels, pictures)
    said, doubt = (
        try_model(model.run, shown, labels) if shown else ("no font has its characters, so it is not tried", "")
    )
    note(said)
    for sentence in (*doubts(model, labels), *([doubt] if doubt else [])):
        note(f"warning: {sentence}")
    made_by: dict[str, Any] = {"version": options.version, "original_sha256": file_hash(path)}
    if model.network:
        made_by["parameters"] = model.network.count_params()
    elif is_quantized(model.tflite):
        recipe = Recipe(AS_IT_CAME, calibration=recipe.calibration, seed=recipe.seed)
    return Job(
        store=lambda folder: _store(model, folder),
        run=model.run,
        calibrate=lambda: calibration_on(pictures, what.kind) if pictures and recipe.scheme in CALIBRATED else None,
        draft=replace(what, made_by=made_by), recipe=recipe, out=options.out or MODELS / name, trained=None, named=path,
    )  # fmt: skip


def _store(model: OwnModel, folder: Path) -> Path:
    """Write the float model as the converter takes it."""
    if model.network is None:
        (folder / "float.tflite").write_bytes(model.tflite)
        return folder / "float.tflite"
    if portable(model.network):
        model.network.save(folder / "model.keras", include_optimizer=False)
        return folder / "model.keras"
    model.network.export(str(folder / "saved_model"), verbose=False)
    return folder / "saved_model"


def _check_scheme(model: OwnModel, recipe: Recipe, path: Path) -> None:
    if model.network is None and recipe.scheme != DEFAULT:
        raise CannotConvert(
            f"--scheme {recipe.scheme} is for Keras models: {path} is a .tflite, which becomes {DEFAULT}"
        )
    if model.network is not None and not portable(model.network) and recipe.scheme == "int8-mixed":
        raise CannotConvert(f"--scheme int8-mixed needs the names of Keras's layers, which the SavedModel {path} lacks")
