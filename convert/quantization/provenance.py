"""How a bundle was made, as model.json's `made_by`: recipe, hashes of the inputs, versions, commit."""

import hashlib
import platform
import subprocess
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from convert.paths import ROOT
from convert.quantization.calibration import Calibration
from convert.quantization.recipe import OWN_HAND, TRAINING, Recipe
from edge_ocr.errors import BadBundle
from edge_ocr.model.bundle import Bundle

PACKAGES = {"tensorflow": ("tensorflow", "tensorflow-cpu"), "keras": ("keras",), "numpy": ("numpy",),
            "opencv": ("opencv-python-headless", "opencv-python")}  # fmt: skip
"""What the converted bytes depend on: a short name, and the packages that may provide it."""

HASHED = 12
"""Digits of a hash in messages."""


def file_hash(path: Path) -> str:
    """SHA-256 of a file, or of all files of a folder, in order."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    found = hashlib.sha256()
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()


def versions() -> dict[str, str]:
    """Versions of Python and the converter's packages; without those that are not installed."""
    found = {"python": platform.python_version()}
    for name, packages in PACKAGES.items():
        for package in packages:
            try:
                found.setdefault(name, version(package))
            except PackageNotFoundError:
                continue
    return found


def commit() -> str | None:
    """The checkout's commit, with "-dirty" if files have changed; None outside a checkout."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() or None


def describe(recipe: Recipe, source: Path, calibration: Calibration | None) -> dict[str, Any]:
    """All of it, for model.json.

    Args:
        recipe: how the model was quantized.
        source: the .keras file that was converted.
        calibration: the calibration pictures; None if the scheme needs none.
    """
    return {
        "recipe": recipe.facts(),
        "source": {"file": source.name, "sha256": file_hash(source)},
        "calibration": calibration.facts() if calibration else None,
        "versions": versions(),
        "commit": commit(),
    }


def recipe_of(bundle: Bundle) -> Recipe:
    """How a bundle was quantized.

    Raises:
        BadBundle: it does not say so.
    """
    stored = bundle.made_by.get("recipe")
    if stored is None and "tuned_from" in bundle.made_by:  # From before tuned bundles recorded their recipe.
        return Recipe(calibration=OWN_HAND)
    if not isinstance(stored, dict):
        raise BadBundle(
            f"{bundle.folder}/model.json does not say how the model was quantized: "
            "make it anew with `python -m convert quantize`"
        )
    try:
        return Recipe(**stored)
    except TypeError as error:
        raise BadBundle(f"{bundle.folder}/model.json has an unknown recipe ({error})") from error


def usual_recipe(bundle: Bundle) -> Recipe:
    """The bundle's recipe; calibrated on training data if it has none, or if its samples were not kept."""
    recipe = recipe_of(bundle) if "recipe" in bundle.made_by else Recipe(calibration=TRAINING)
    return replace(recipe, calibration=TRAINING) if recipe.calibration == OWN_HAND else recipe
