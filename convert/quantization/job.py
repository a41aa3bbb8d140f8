"""A float model, ours or a user's -> its bundle in place: calibrated, converted, tried and compared."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from convert.evaluation.gates import DOUBTFUL_AGREEMENT
from convert.quantization.bundle_writer import Draft, install, workshop, write_bundle
from convert.quantization.calibration import Calibration, seen_by_reader, warnings
from convert.quantization.converter_process import convert_model
from convert.quantization.layer_error import worst_layers
from convert.quantization.own_tflite import to_int8
from convert.quantization.provenance import describe
from convert.quantization.recipe import Recipe
from convert.quantization.user_model import Run
from edge_ocr.errors import BadBundle
from edge_ocr.ink.finder import Finder
from edge_ocr.model.bundle import WIDTH_STEP, Bundle, load_bundle
from edge_ocr.model.characters import CharacterModel
from edge_ocr.model.lines import LineModel
from edge_ocr.output import note
from edge_ocr.page import Gray

COMPARED = 500
"""Tiles or strips of the sample pages for comparing the float and the quantized model."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to quantize, and how."""

    store: Callable[[Path], Path]
    """Writes the float model to a folder; returns its .keras or .tflite file, or its SavedModel's folder."""
    run: Run
    """The float model."""
    calibrate: Callable[[], Calibration | None]
    """Gives the pictures for calibration; None if the scheme needs none."""
    draft: Draft
    recipe: Recipe
    out: Path
    trained: Path | None
    """Folder that `train` wrote; None for a user's model."""
    named: Path
    """The file that the model was loaded from, for messages."""


def quantize(job: Job) -> None:
    """Convert a model and put its bundle in place; any error leaves the old bundle as it was."""
    with workshop(job.out) as folder:
        source = job.store(folder)
        calibration = job.calibrate()
        seen = seen_by_reader(job.draft.kind)
        # A finder sees scenes of all kinds; the others see ink alone.
        for warning in warnings(calibration, seen) if calibration and job.draft.kind != "finder" else ():
            note(f"warning: {warning}")
        recipe = settle(job.recipe, source, calibration, job.named)
        content = _convert(job, source, calibration.images if calibration else (), recipe)
        made_by = {**job.draft.made_by, **describe(recipe, source, calibration)}
        known = known_confidence(job.out) if job.trained else {}
        content = write_bundle(folder, content, source, replace(job.draft, confidence=known, made_by=made_by))
        alike = agreement(job.run, load_bundle(folder), seen[:COMPARED])
        install(folder, job.out)
    weights = made_by.get("parameters")
    print(f"{job.out}: {len(content) / 1000:.0f} kB {recipe.scheme}{f', {weights} parameters' if weights else ''}")
    print(f"{recipe.scheme} and float agree on {alike:.2%} of what the reader cuts from the sample pages")
    if alike < DOUBTFUL_AGREEMENT:
        note(f"warning: that is less than {DOUBTFUL_AGREEMENT:.0%}: calibrate on pictures like those it will read")


def _convert(job: Job, source: Path, images: Sequence[Gray], recipe: Recipe) -> bytes:
    if source.suffix == ".tflite":
        return to_int8(source.read_bytes(), images, job.named)
    note(f"converting {source.name} to {recipe.scheme}, in a process of its own")
    return convert_model(source, images, recipe, job.named)


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


def agreement(run: Run, bundle: Bundle, images: Sequence[Gray]) -> float:
    """Share of tiles, of frames of strips, or of a finder's pixels with the same answer of the float model `run` and
    of a bundle."""
    if bundle.kind == "lines":
        model = LineModel(bundle)
        same = [_frames(run, image, model.stride) == model(image).argmax(axis=1) for image in images]
        return float(np.concatenate(same).mean())
    if bundle.kind == "finder":
        finders = Finder(bundle, "keras"), Finder(bundle)
        alike = [(finders[0](image).pen > 127) == (finders[1](image).pen > 127) for image in images]
        return float(np.mean([part.mean() for part in alike]))
    tiles = np.stack(images)
    exact = run(tiles[..., np.newaxis].astype(np.float32)).argmax(axis=1)
    return float((exact == CharacterModel(bundle)(tiles).argmax(axis=1)).mean())


def _frames(run: Run, strip: Gray, stride: int) -> np.ndarray:
    """The likeliest label of each frame, by the float model."""
    width = strip.shape[1]
    padded = np.pad(strip, ((0, 0), (0, -width % WIDTH_STEP)))
    return run(padded[np.newaxis, ..., np.newaxis].astype(np.float32))[0, 0, : -(-width // stride)].argmax(axis=1)
