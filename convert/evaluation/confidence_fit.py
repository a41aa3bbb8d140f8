"""`python -m convert confidence`: fits how a model's evidence becomes confidence, and keeps that in its model.json.

A logistic regression of "this character is right" on `edge_ocr.text.confidence.features` (Platt, 1999), by iteratively
reweighted least squares (Nelder and Wedderburn, 1972).
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from convert.evaluation.confidence_sets import ConfidenceSet, fitting_sets
from convert.evaluation.readings import Sample, read_samples
from convert.paths import CHARACTERS, LINES
from edge_ocr.reader import Reader
from edge_ocr.text.confidence import FEATURES

RIDGE = 1e-2
"""Penalty on the squares of the weights: keeps features that never vary in the readings at 0."""

STEPS = 60
"""Newton steps at most; some ten are needed."""

BUNDLES = {"characters": CHARACTERS, "lines": LINES}


def fit(features: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The weights (features,) of the logistic regression of `right` (n,) bool on `features` (n, features)."""
    weights = np.zeros(features.shape[1])
    for _ in range(STEPS):
        sure = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (right - sure) - RIDGE * weights
        bend = (features * (sure * (1 - sure))[:, None]).T @ features + RIDGE * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return weights


def fit_samples(samples: Iterable[Sample]) -> dict[str, float]:
    """The weights of readings by one recogniser, by feature."""
    readings = [reading for sample in samples for reading in sample.readings]
    features = np.concatenate([reading.features for reading in readings])
    right = np.concatenate([reading.right for reading in readings])
    return {name: round(float(weight), 4) for name, weight in zip(FEATURES, fit(features, right), strict=True)}


def read_sets(sets: Iterable[ConfidenceSet], recogniser: str) -> list[Sample]:
    """All readings of the sets by one recogniser, nothing rejected."""
    samples: list[Sample] = []
    for one in sets:
        reader = Reader.load(recogniser=recogniser, charset=one.charset, min_confidence=0.0)
        samples += read_samples(reader, one.frames, one.truths, f"{one.name}, {recogniser}")
    return samples


def write_weights(bundle: Path, weights: dict[str, float]) -> None:
    """Put the weights into a bundle's model.json, the rest of which stays as it is."""
    path = bundle / "model.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["confidence"] = weights
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m convert confidence",
        description="Fit how the evidence of a model becomes confidence, to readings of writers it never saw, and keep "
        "the weights in its model.json. Run it again whenever a model was trained or converted anew, then "
        "`evaluate confidence`. Takes a quarter of an hour.",
    )
    parser.add_argument("models", nargs="*", choices=[[], *BUNDLES], default=[], help="default: both")
    options = parser.parse_args(argv)
    sets = fitting_sets()
    for name in options.models or BUNDLES:
        weights = fit_samples(read_sets(sets, name))
        write_weights(BUNDLES[name], weights)
        print(f"{name}: " + ", ".join(f"{feature} {weight:g}" for feature, weight in weights.items()))
    return 0
