"""`python -m convert confidence`: fits how a model's evidence becomes confidence, and keeps that in its model.json.

A logistic regression of "this character is right" on `edge_ocr.text.confidence.features` (Platt, 1999), by iteratively
reweighted least squares (Nelder and Wedderburn, 1972).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from convert.evaluation.confidence import calibration_error, reliability
from convert.evaluation.confidence_plots import plot_reliability
from convert.evaluation.confidence_sets import ConfidenceSet, fitting_sets
from convert.evaluation.readings import Sample, read_samples
from convert.paths import CHARACTERS, LINES
from edge_ocr.arguments import Parser
from edge_ocr.reader import Reader
from edge_ocr.text.confidence import FEATURES

RIDGE = 1e-2
"""Penalty on the squares of the weights: keeps features that never vary in the readings at 0."""

STEPS = 60
"""Newton steps at most; some ten are needed."""

BUNDLES = {"characters": CHARACTERS, "lines": LINES}

REPORT = "confidence.json"
"""In a bundle's report/: how well the fit holds for writers that it left out."""

PLOT = "reliability.png"


@dataclass(frozen=True, slots=True)
class Material:
    """A set with its readings."""

    of: ConfidenceSet
    samples: list[Sample]


def fit(features: np.ndarray, right: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The weights (features,) of the logistic regression of `right` (n,) bool on `features` (n, features).

    `counts` (n,) says how often each row counts.
    """
    weights = np.zeros(features.shape[1])
    for _ in range(STEPS):
        sure = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (counts * (right - sure)) - RIDGE * weights
        bend = (features * (counts * sure * (1 - sure))[:, None]).T @ features + RIDGE * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return weights


def fit_material(material: Sequence[Material]) -> np.ndarray:
    """The weights of readings by one recogniser, in the order of FEATURES."""
    rows = [(reading, one.of.weight) for one in material for sample in one.samples for reading in sample.readings]
    features = np.concatenate([reading.features for reading, _ in rows])
    right = np.concatenate([reading.right for reading, _ in rows])
    counts = np.concatenate([np.full(len(reading.right), weight) for reading, weight in rows])
    return fit(features, right, counts)


def left_out(material: Sequence[Material]) -> list[Sample]:
    """What either half of the writers wrote, with the confidence of a fit without that half."""
    judged: list[Sample] = []
    for half in (0, 1):
        weights = fit_material([one for one in material if one.of.half != half])
        own = [sample for one in material if one.of.half == half for sample in one.samples]
        judged += [_judged(sample, weights) for sample in own]
    return judged


def _judged(sample: Sample, weights: np.ndarray) -> Sample:
    """The sample with the confidence that other weights give it."""
    readings = [
        replace(reading, confidence=1 / (1 + np.exp(-reading.features @ weights))) for reading in sample.readings
    ]
    return replace(sample, readings=tuple(readings))


def read_material(sets: Sequence[ConfidenceSet], recogniser: str) -> list[Material]:
    """All readings of the sets by one recogniser, nothing rejected."""
    material = []
    for one in sets:
        reader = Reader.load(recogniser=recogniser, charset=one.charset, min_confidence=0.0)
        samples = read_samples(reader, one.frames, one.truths, f"{one.name}, {recogniser}")
        material.append(Material(one, samples))
    return material


def write_weights(bundle: Path, weights: dict[str, float]) -> None:
    """Put the weights into a bundle's model.json, the rest of which stays as it is."""
    path = bundle / "model.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["confidence"] = weights
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def report(folder: Path, judged: Sequence[Sample]) -> float:
    """Keep, for the card, how well confidence holds for writers that the fit left out; returns its error."""
    error = calibration_error(judged)
    lines = sum(len(sample.readings) for sample in judged)
    (folder / REPORT).write_text(json.dumps({"left_out_error": round(error, 4), "lines": lines}) + "\n")
    plot_reliability([(row.confidence, row.right, row.lines) for row in reliability(judged)], folder / PLOT)
    return error


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert confidence",
        description="Fit the weights that turn a model's evidence into confidence to readings of writers it never saw, "
        "and store them in its model.json. Run it after each training or conversion, then `evaluate confidence`. "
        "Takes a quarter of an hour.",
    )
    parser.add_argument("model", nargs="?", choices=list(BUNDLES), help="default: both")
    options = parser.parse_args(argv)
    sets = fitting_sets()
    for name in [options.model] if options.model else BUNDLES:
        material = read_material(sets, name)
        weights = dict(zip(FEATURES, (round(float(weight), 4) for weight in fit_material(material)), strict=True))
        write_weights(BUNDLES[name], weights)
        error = report(BUNDLES[name] / "report", left_out(material))
        print(f"{name}: " + ", ".join(f"{feature} {weight:g}" for feature, weight in weights.items()))
        print(f"{name}: calibration error of lines by writers that the fit left out: {error:.3f}")
    return 0
