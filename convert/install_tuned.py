"""The second half of `python -m convert finetune`: the tuned network as an int8 bundle, judged, and installed.

A process of its own: TensorFlow converts, while Keras may have trained on PyTorch.
"""

import shutil
from pathlib import Path

import numpy as np

from convert.examples import Scores, error_rate, load_examples
from convert.quantize import load_float, open_kind, to_int8, write_bundle
from convert.verdict import LIMIT, NETWORK, REPORT, conclude, make_folder, problems, rate_both, read_report
from edge_ocr.bundle import load_bundle
from edge_ocr.characters import CharacterModel
from edge_ocr.lines import LineModel

CALIBRATION = 400
"""General examples that calibration sees beside all own ones."""


def install(work: Path, out: Path) -> int:
    """Convert what `finetune` left in `work`; copy it to `out` if int8 is as good as the float network promised."""
    facts = read_report(work)
    own, held, general = (load_examples(work / f"{name}.npz") for name in ("own", "held", "general"))
    kind = open_kind(facts["kind"])
    model = load_float(work / NETWORK, kind.network)
    chosen = np.random.default_rng(1).permutation(len(general))[:CALIBRATION]
    white = np.full_like(general.images[0], 255)
    content = to_int8(model, [*own.images, *general.pick(chosen).images, white, 0 * white])
    made_by = {"version": "1", "tuned_from": facts["base"], "factor": facts["factor"], "samples": facts["samples"]}
    made = make_folder(work / out.name)
    write_bundle(made, content, kind, made_by)
    models = [int8_scores(facts["kind"], folder) for folder in (Path(facts["base"]), made)]
    before, after = ((error_rate(held, scores), error_rate(general, scores)) for scores in models)
    rates = rate_both((len(held), len(general)), before, after)
    code = conclude(work, "int8", rates, facts, problems(*rates, LIMIT))
    if code == 0:
        shutil.copy(work / REPORT, made / REPORT)
        shutil.copytree(made, make_folder(out), dirs_exist_ok=True)
        print(f"{out}: use it with `edge-ocr read --tuned {out} ...`")
    return code


def int8_scores(kind: str, folder: Path) -> Scores:
    """What the runtime says of images with the model of a folder."""
    bundle = load_bundle(folder)
    if kind == "lines":
        lines = LineModel(bundle)
        return lambda images: [lines(image) for image in images]
    characters = CharacterModel(bundle)
    return lambda images: list(characters(np.stack(images)))
