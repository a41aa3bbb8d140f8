"""The regression that turns evidence into confidence, and the bundle that keeps it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rapidfuzz", reason="the workstation's metrics need rapidfuzz")

from convert.evaluation.confidence_fit import fit, write_weights
from edge_ocr.errors import BadBundle
from edge_ocr.model.bundle import load_bundle
from tests.places import TINY


def test_the_fit_finds_the_weights_that_made_the_data() -> None:
    """Confidence is off although it was fitted."""
    rng = np.random.default_rng(3)
    features = np.column_stack([np.ones(20_000), rng.normal(size=(20_000, 2))])
    weights = np.array([0.5, 1.5, -1.0])
    right = rng.random(20_000) < 1 / (1 + np.exp(-features @ weights))
    assert fit(features, right, np.ones(len(right))) == pytest.approx(weights, abs=0.1)


def test_features_that_never_vary_get_no_weight() -> None:
    """A feature that is 0 in all readings makes the equations singular."""
    features = np.column_stack([np.ones(50), np.zeros(50)])
    assert fit(features, np.arange(50) < 40, np.ones(50)) == pytest.approx([np.log(4), 0.0], abs=0.01)


def test_weights_are_kept_in_the_bundle_and_nothing_else_changes(tmp_path: Path) -> None:
    """The reader never learns what was fitted, or the bundle is broken by it."""
    bundle = shutil.copytree(TINY, tmp_path / "tiny")
    before = json.loads((bundle / "model.json").read_text())
    write_weights(bundle, {"constant": 1.5, "posterior": 0.25})
    assert load_bundle(bundle).confidence == {"constant": 1.5, "posterior": 0.25}
    after = json.loads((bundle / "model.json").read_text())
    assert {key: after[key] for key in before if key != "confidence"} == {
        key: before[key] for key in before if key != "confidence"
    }


@pytest.mark.parametrize("weight", ["much", None, True, float("nan")])
def test_weights_that_are_no_numbers_are_refused(weight: object, tmp_path: Path) -> None:
    """A damaged model.json makes every confidence NaN, and nothing is ever given out."""
    bundle = shutil.copytree(TINY, tmp_path / "tiny")
    write_weights(bundle, {"constant": weight})  # type: ignore[dict-item]
    with pytest.raises(BadBundle, match="constant"):
        load_bundle(bundle)
