"""The model card: a bundle's README.md, written from measurements. No figure in it is typed by hand."""

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.evaluation.results import Comparison
from convert.evaluation.sections import fill_section
from convert.templates import fill
from edge_ocr.model.bundle import Bundle

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Figures:
    """What targets are measured by; None and missing names are not measured yet."""

    bundle: Bundle
    comparisons: dict[str, Comparison]
    """By the test set's name."""
    pages: dict[str, dict[str, float]]
    """`evaluate`'s rates: folder and language -> "pages", "loose", "strict"."""
    speed: dict[str, Any] | None
    """`speed`'s figures of this model."""
    compare: dict[str, Any] | None
    """`compare`'s figures of this model."""


Measure = Callable[[Figures], float | None]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure with its target."""

    what: str
    goal: float
    unit: str
    """The unit after the number: " %", " kB"."""
    measure: Measure
    """The figure in the same unit, None if it was not measured."""
    command: str
    """The command that measures it, after `python -m convert`."""
    at_most: bool = False
    """Whether less is better."""
    digits: int = 2

    def reached(self, value: float) -> bool:
        """Whether `value`, unrounded, is good enough."""
        return value <= self.goal if self.at_most else value >= self.goal

    def row(self, value: float | None) -> tuple[str, ...]:
        """A line of the card's table."""
        goal = f"{'at most' if self.at_most else 'at least'} {self.goal:g}{self.unit}"
        shown = "" if value is None else f"{value:.{self.digits}f}{self.unit}"
        return self.what, goal, shown, self.verdict(value), f"`{self.command}`"

    def verdict(self, value: float | None) -> str:
        """Reached or missed, and by how much."""
        if value is None:
            return "not measured"
        unit = " points" if self.unit == " %" else self.unit
        distance = f"{abs(value - self.goal):.{self.digits}f}{unit}"
        return f"reached, {distance} to spare" if self.reached(value) else f"**missed by {distance}**"


def accuracy(name: str) -> Measure:
    """int8's accuracy on a test set, in %."""
    return lambda figures: 100 * figures.comparisons[name].int8_accuracy if name in figures.comparisons else None


def page_rate(name: str, kind: str) -> Measure:
    """A character error rate of `evaluate`'s pages, in %."""
    return lambda figures: 100 * figures.pages[name][kind] if name in figures.pages else None


def least_speedup(figures: Figures) -> float | None:
    """The tutorial's time relative to ours, at the batch size where it is least."""
    return min(row["ratio"]["median"] for row in figures.speed["timings"]) if figures.speed else None


def model_kb(figures: Figures) -> float:
    """Size of model.tflite in thousands of bytes."""
    return figures.bundle.model_bytes / 1000


def page_share(figures: Figures) -> float | None:
    """Our processor time of a page, as a part of RapidOCR's."""
    return 1 / figures.compare["ratio"]["median"] if figures.compare else None


def compared(key: str) -> Measure:
    """A figure of report/compare.json."""
    return lambda figures: figures.compare[key] if figures.compare else None


ACCURACIES = {
    "photographs: capitals, own charset": 97,
    "photographs: digits, own charset": 98,
    "photographs: small letters, own charset": 93,
    "photographs: capitals, all characters, folded": 94,
    "photographs: digits, all characters, folded": 94,
    "photographs: small letters, all characters, folded": 90,
    "EMNIST test, ByMerge's 47 classes": 90,
    "UNIPEN 1a, own charset": 97.5,
    "UNIPEN 1b, own charset": 95,
    "UNIPEN 1c, own charset": 92,
}
"""Test set -> target of int8's accuracy, in %."""

SAMPLE_PAGES = "sample pages, language english"

TARGETS = (
    *(Target(name, goal, " %", accuracy(name), "evaluate") for name, goal in ACCURACIES.items()),
    Target("sample pages, loose CER", 3, " %", page_rate(SAMPLE_PAGES, "loose"), "evaluate", at_most=True),
    Target("size of the int8 model", 300, " kB", model_kb, "quantize characters", at_most=True, digits=1),
    Target("speed of a character, times the tutorial's network", 8, "", least_speedup, "speed", digits=1),
    Target("processor time of a page, parts of RapidOCR's", 1 / 20, "", page_share, "compare", at_most=True, digits=3),
    Target("memory of `edge-ocr read`", 90, " MB", compared("read_peak_mb"), "compare", at_most=True, digits=1),
    Target("time of `import edge_ocr`", 0.3, " s", compared("import_s"), "compare", at_most=True),
)
"""The targets of the model and its reader; these numbers are nowhere else."""


def write_card(folder: Path, bundle: Bundle, comparisons: list[Comparison], pages: dict[str, dict[str, float]]) -> str:
    """Write `folder`/README.md from these figures and from what `train`, `speed` and `compare` left in its report/.

    Returns the section of targets, for `fill_dashboard`.
    """
    report = folder / "report"
    training = stored(report / "training.json")
    speed, compare = (of_model(stored(report / f"{name}.json"), bundle) for name in ("speed", "compare"))
    figures = Figures(bundle, {row.name: row for row in comparisons}, pages, speed, compare)
    targets = [
        {"cells": target.row(value), "reached": value is not None and target.reached(value)}
        for target in TARGETS
        for value in [target.measure(figures)]
    ]
    card = fill(
        TEMPLATES / "characters.md",
        bundle=bundle,
        targets=targets,
        comparisons=comparisons,
        matrices=[k for k in range(len(comparisons)) if (report / f"confusion-{k}.png").exists()],
        pages=pages,
        speed=speed,
        compare=compare,
        **quantization(report, bundle),
        confidence=stored(report / "confidence.json"),
        widths=network_widths(),
        training=training,
        samples=sum(entry.get("samples", 0) for entry in training or ()),
        curves=(report / "curves.png").exists(),
        merged=[label for label in bundle.labels if len(label) > 1],
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
    return fill(TEMPLATES / "targets.md", targets=targets)


def network_widths() -> tuple[int, ...]:
    """Filters of the character network's stages."""
    from convert.training.networks import character_network  # Loads Keras, which takes seconds.

    widths: tuple[int, ...] = inspect.signature(character_network).parameters["widths"].default
    return widths


def quantization(report: Path, bundle: Bundle) -> dict[str, Any]:
    """What `schemes` and `layer-error` left in a bundle's report/, if they measured this very model."""
    return {name: of_model(stored(report / f"{name}.json"), bundle) for name in ("schemes", "layers")}


def fill_dashboard(document: Path, targets: str) -> None:
    """Put the table of targets between the document's two `figures` comments; other text stays as it is."""
    fill_section(document, "figures", targets.partition("\n\n")[2])


def stored(path: Path) -> Any:
    """The content of a JSON file of the report, None if it is missing."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def of_model(figures: dict[str, Any] | None, bundle: Bundle) -> dict[str, Any] | None:
    """The figures, if they were measured with the bundle's model."""
    return figures if figures and figures.get("sha256") == bundle.sha256 else None
