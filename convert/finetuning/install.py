"""The second half of `python -m convert finetune`: the tuned network as an int8 bundle, judged, and installed.

A separate process: TensorFlow writes the model, while Keras may have trained on PyTorch.
"""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from convert.evaluation.gates import FORGETTING, tuning_failures
from convert.finetuning.examples import Examples, Scores, by_chance, error_rate, load_examples
from convert.finetuning.report import NETWORK, REPORT, conclude, rate_both, read_report
from convert.quantization.bundle_writer import write_bundle
from convert.quantization.calibration import ENDS, Calibration
from convert.quantization.converter_process import convert_model
from convert.quantization.provenance import describe
from convert.quantization.quantize import load_float, open_kind
from convert.quantization.recipe import OWN_HAND, SEED, Recipe
from edge_ocr.folders import check_folder, make_folder, writing
from edge_ocr.model.bundle import load_bundle
from edge_ocr.model.characters import CharacterModel
from edge_ocr.model.lines import LineModel
from edge_ocr.page import Gray

CALIBRATION = 400
"""General examples for calibration."""


def install(work: Path, out: Path) -> int:
    """Convert the network that `finetune` left in `work`; copy it to `out` if int8 is as good as float.

    It is converted with two calibrations, with and without the own examples, and the one that reads general writing
    better is kept: which one rounds better differs by some tenths of a point from network to network.
    """
    facts = read_report(work)
    check_folder(out)
    own, held, general = (load_examples(work / f"{name}.npz") for name in ("own", "held", "general"))
    before = rate(Path(facts["base"]), held, general)
    some = general.pick(np.random.default_rng(SEED).permutation(len(general))[:CALIBRATION]).images
    made, after = [], []
    for name, parts in (("with-own", {"own": own.images, "general": some}), ("general", {"general": some})):
        made.append(make_folder(work / name / out.name))
        write_int8(work, made[-1], facts, parts)
        after.append(rate(made[-1], held, general))
    best = min((0, 1), key=lambda number: (after[number][1], after[number][0]))
    rates = rate_both((len(held), len(general)), before, after[best])
    code = conclude(work, "int8", rates, facts, tuning_failures(*rates, FORGETTING, by_chance(held, before[0])))
    if code == 0:
        with writing(out):
            shutil.copytree(made[best], make_folder(out), dirs_exist_ok=True)
            shutil.copy(work / REPORT, out / REPORT)
        print(f"{out}: use it with `edge-ocr read --tuned {out} ...`")
    return code


def write_int8(work: Path, folder: Path, facts: dict[str, Any], parts: dict[str, list[Gray]]) -> None:
    """The bundle of the tuned network, calibrated on images, by source, and on both extremes."""
    network, draft = open_kind(facts["kind"], "1")
    source = folder / "model.keras"
    load_float(work / NETWORK, network).save(source, include_optimizer=False)
    white = np.full_like(parts["general"][0], 255)
    calibration, recipe = Calibration({**parts, ENDS: [white, 0 * white]}), Recipe(calibration=OWN_HAND)
    content = convert_model(source, calibration.images, recipe)
    base = load_bundle(facts["base"])
    tuned = {"version": "1", "tuned_from": facts["base"], "tuned_from_sha256": base.sha256}
    tuned |= {key: facts[key] for key in ("factor", "samples", "course")}
    made_by = {**tuned, **describe(recipe, source, calibration)}
    write_bundle(folder, content, source, replace(draft, confidence=base.confidence, made_by=made_by))


def rate(folder: Path, held: Examples, general: Examples) -> tuple[float, float]:
    """Error rates of a folder's runtime model on the own hand and on general writing."""
    scores = int8_scores(folder)
    return error_rate(held, scores), error_rate(general, scores)


def int8_scores(folder: Path) -> Scores:
    """The runtime's scores of images with the model of a folder."""
    bundle = load_bundle(folder)
    if bundle.kind == "lines":
        lines = LineModel(bundle)
        return lambda images: [lines(image) for image in images]
    characters = CharacterModel(bundle)
    return lambda images: list(characters(np.stack(images)))
