"""`edge-ocr info`: models, their alphabets, the runtimes installed and this machine, for people or as JSON."""

import argparse
import json
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import edge_ocr
from edge_ocr.board import find_board
from edge_ocr.errors import EdgeOcrError
from edge_ocr.model.bundle import bundle_names, load_bundle, open_bundle
from edge_ocr.output import explain, say
from edge_ocr.picture.quiet import own_stderr

PACKAGES = {
    "litert": ("ai-edge-litert",),
    "tflite-runtime": ("tflite-runtime",),
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "keras": ("keras",),
}
"""The packages that provide each backend."""

OTHERS = ("numpy", "opencv-python-headless")
"""Packages that every reading needs."""


def run(options: argparse.Namespace) -> int:
    """Print models, runtimes and machine. Returns 0, or an error's exit code if the model is broken."""
    with own_stderr():
        facts, failure = gather_facts(options.model)
    say(json.dumps(facts, ensure_ascii=False) if options.json else _as_text(facts))
    return explain(failure) if failure else 0


def gather_facts(folder: str | None = None) -> tuple[dict[str, Any], EdgeOcrError | None]:
    """The content of `edge-ocr info` as plain values (None for what is absent), and the model's error.

    Args:
        folder: of a bundle; None is the bundled model.
    """
    model, failure = _describe_model(folder)
    facts = {
        "edge-ocr": edge_ocr.__version__,
        "model": model,
        "bundled": bundle_names(),
        "backends": {backend: _version(*packages) for backend, packages in PACKAGES.items()},
        "packages": {package: _version(package) for package in OTHERS},
        "board": asdict(find_board()),
    }
    return facts, failure


def _describe_model(folder: str | None) -> tuple[dict[str, Any], EdgeOcrError | None]:
    model: dict[str, Any] = {}
    try:
        bundle = load_bundle(folder)
        model = bundle.describe()
        opened = open_bundle(bundle)
        return {**model, "runs in": f"{opened.backend} {opened.version}"}, None
    except EdgeOcrError as error:
        return {**model, "runs in": None}, error


def _version(*packages: str) -> str | None:
    """The version of the first of these packages that is installed."""
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return None


def _as_text(facts: dict[str, Any]) -> str:
    bundled = ", ".join(facts["bundled"]) or "none"
    sections = [f"edge-ocr {facts['edge-ocr']}, bundled models: {bundled}"]
    for title in ("model", "backends", "packages", "board"):
        rows = [f"  {name:<24} {_shown(value, title)}" for name, value in facts[title].items()]
        sections.append("\n".join([title, *rows]))
    return "\n\n".join(sections)


def _shown(value: object, title: str) -> str:
    if value is None:
        return "not installed" if title in ("backends", "packages") else "none" if title == "model" else "unknown"
    return str(value)
