"""The line model's card: its README.md, written from measurements. No figure in it is typed by hand."""

import inspect
from pathlib import Path

from convert.evaluation.card import TEMPLATES, quantization, stored
from convert.evaluation.results import LineRates
from convert.templates import fill, percent
from edge_ocr.model.bundle import Bundle

GOALS = {"unipen-7 words": (8, 11), "unipen-8 lines": (8, None)}
"""Set -> loose character error rates to reach with language and greedy, in %."""

Whole = dict[str, dict[str, float]]
"""Development set -> recogniser -> loose character error rate."""


def write_line_card(folder: Path, bundle: Bundle, measured: list[LineRates], whole: Whole) -> None:
    """Write `folder`/README.md from these figures and from what `train` and `compare` left in its report/."""
    from convert.training.networks import line_network  # Loads Keras, which takes seconds.

    report = folder / "report"
    card = fill(
        TEMPLATES / "lines.md",
        bundle=bundle,
        goals=goals(measured),
        measured=measured,
        whole=whole,
        compare=stored(report / "compare.json"),
        **quantization(report, bundle),
        confidence=stored(report / "confidence.json"),
        network=inspect.getdoc(line_network),
        training=stored(report / "training.json"),
        curves=(report / "curves.png").exists(),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def goals(measured: list[LineRates]) -> list[tuple[str, ...]]:
    """What was to be reached, and what is, as rows of a table."""
    rows: list[tuple[str, ...]] = []
    for row in measured:
        searched, plain = GOALS.get(row.name, (None, None))
        if searched is not None:
            rows.append((f"{row.name}, loose CER with language", *_verdict(row.loose, searched)))
        if plain is not None:
            rows.append((f"{row.name}, loose CER greedy", *_verdict(row.int8_greedy, plain)))
    return rows


def _verdict(rate: float, goal: float) -> tuple[str, str, str]:
    away = abs(100 * rate - goal)
    reached = "reached" if 100 * rate <= goal else f"**missed by {away:.2f} points**"
    return f"at most {goal} %", percent(rate), reached
