"""The finder's card: its README.md, written from measurements. No figure in it is typed by hand."""

import inspect
from pathlib import Path
from typing import Any

from convert.evaluation.card import TEMPLATES, quantization, stored
from convert.templates import fill
from edge_ocr.model.bundle import Bundle


def write_finder_card(folder: Path, bundle: Bundle, figures: dict[str, list[dict[str, Any]]]) -> None:
    """Write `folder`/README.md from these figures and from what `train` left in its report/."""
    from convert.training.finder_network import finder_network  # Loads Keras, which takes seconds.

    report = folder / "report"
    card = fill(
        TEMPLATES / "finder.md",
        bundle=bundle,
        **figures,
        **quantization(report, bundle),
        network=inspect.getdoc(finder_network),
        training=stored(report / "training.json"),
        curves=(report / "curves.png").exists(),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
