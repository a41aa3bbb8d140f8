"""The model card: figures beside targets, written from measurements alone."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.data.arrays import Images, Strokes
from convert.evaluation import card
from convert.evaluation import character_sets as testsets
from convert.evaluation.card import TARGETS, Comparison, Target, fill_dashboard, write_card
from edge_ocr.model.bundle import Bundle

SHA = "ab" * 32


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    labels = ("0", "A", "Cc", "Oo", "")
    (tmp_path / "report").mkdir()
    return Bundle(tmp_path, "characters", "tiny", "7", labels, 32, 32, SHA, 227_664, 0, {}, {"parameters": 98_765})


def comparison(name: str, accuracy: float) -> Comparison:
    return Comparison(name, 1234, accuracy - 0.001, accuracy, 0.99, 0.989, 0.9971, 0.37)


def store(bundle: Bundle, name: str, figures: Any) -> None:
    (bundle.folder / "report" / name).write_text(json.dumps(figures))


def speed_figures(ratio: float) -> dict[str, Any]:
    one = {"median": 0.2, "low": 0.1, "high": 0.3}
    timings = [
        {"batch": batch, "ours_ms": one, "tutorial_ms": one, "ratio": {"median": ratio + batch, "low": 1, "high": 99}}
        for batch in (1, 32)
    ]
    network = {"parameters": 327_144, "bytes": 403_952}
    networks = {"ours": network, "tutorial": network}
    about = {"sha256": SHA, "cpu": None, "interpreter": "litert 2.3.0", "rounds": 40}
    return {**about, "networks": networks, "timings": timings}


def compare_figures(ratio: float) -> dict[str, Any]:
    one = {"median": 12.34, "low": 11, "high": 14}
    reader = {"version": "1", "cpu_ms": one, "wall_ms": one, "peak_mb": 80.0, "model_mb": 0.7, "loose": 0.01}
    readers = [{"name": name, "strict": None, **reader} for name in ("edge-ocr", "RapidOCR")]
    needs = {"read_peak_mb": 91.26, "import_s": 0.12, "tensorflow": False}
    about = {"sha256": SHA, "cpu": "A processor", "pictures": ["note.jpg"], "rounds": 9}
    return {**about, "readers": readers, "ratio": {"median": ratio, "low": 1, "high": 99}, **needs}


def written(bundle: Bundle, comparisons: list[Comparison], pages: dict[str, dict[str, float]] | None = None) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(card, "network_widths", lambda: (1, 2))  # Would load Keras, which takes seconds.
        write_card(bundle.folder, bundle, comparisons, pages or {})
    return (bundle.folder / "README.md").read_text(encoding="utf-8")


def row(text: str, name: str) -> list[str]:
    """The cells of the first table row that begins with `name`."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_verdicts_are_what_was_measured(bundle: Bundle) -> None:
    """A card would claim a figure that was not reached, or hide by how much it was missed."""
    good, bad = "photographs: capitals, own charset", "photographs: digits, own charset"
    text = written(bundle, [comparison(good, 0.9731), comparison(bad, 0.9655)])
    assert row(text, good)[1:4] == ["at least 97 %", "97.31 %", "reached, 0.31 points to spare"]
    assert row(text, bad)[1:4] == ["at least 98 %", "96.55 %", "**missed by 1.45 points**"]


def test_what_was_not_measured_is_said_so(bundle: Bundle) -> None:
    """A missing measurement would stop the card, or count as reached."""
    text = written(bundle, [])
    assert text.count("| not measured |") == len(TARGETS) - 1
    assert f"1 of {len(TARGETS)} reached" in text, "the model's size is always known"


def test_speed_and_memory_come_from_the_report(bundle: Bundle) -> None:
    """The ratio to the tutorial's network would be the better batch size's, or memory and time of a page missing."""
    store(bundle, "speed.json", speed_figures(7.5))
    store(bundle, "compare.json", compare_figures(25))
    text = written(bundle, [])
    assert row(text, "speed of a character, times the tutorial's network")[2:4] == ["8.5", "reached, 0.5 to spare"]
    assert row(text, "processor time of a page, parts of RapidOCR's")[2:4] == ["0.040", "reached, 0.010 to spare"]
    assert row(text, "memory of `edge-ocr read`")[2:4] == ["91.3 MB", "**missed by 1.3 MB**"]
    assert row(text, "size of the int8 model")[2:4] == ["227.7 kB", "reached, 72.3 kB to spare"]
    assert "unknown processor" in text and "A processor" in text


@pytest.mark.parametrize("figures", [{**speed_figures(9), "sha256": "0" * 64}, {}], ids=["older model", "nothing"])
def test_figures_of_another_model_are_not_used(bundle: Bundle, figures: dict[str, Any]) -> None:
    """A new model's card would show how fast the one before it was."""
    store(bundle, "speed.json", figures)
    text = written(bundle, [])
    assert row(text, "speed of a character, times the tutorial's network")[3] == "not measured"
    assert "## Time of a character" not in text


def test_every_measurement_stands_in_the_card(bundle: Bundle) -> None:
    """Float beside int8, agreement, page rates, training and the plots could not be looked up."""
    store(
        bundle, "training.json", [{"loss": 1.0, "set_accuracy": 0.5, "val_set_accuracy": 0.5, "samples": 300_000}] * 3
    )
    for name in ("curves.png", "confusion-0.png"):
        (bundle.folder / "report" / name).touch()
    rates = {"sample pages, language english": {"pages": 12, "loose": 0.0123, "strict": 0.0456}}
    text = written(bundle, [comparison("one", 0.9), comparison("two", 0.8)], rates)
    assert row(text, "one")[1:] == ["1234", "89.90 %", "90.00 %", "99.00 %", "98.90 %", "99.71 %", "0.37"]
    assert row(text, "sample pages, language english") == [
        "sample pages, language english", "12", "1.23 %", "4.56 %"
    ]  # fmt: skip
    assert row(text, "sample pages, loose CER")[3] == "reached, 1.77 points to spare"
    assert "3 epochs, 900,000 tiles" in text and "(report/curves.png)" in text
    assert "(report/confusion-0.png)" in text and "(report/confusion-1.png)" not in text


def test_data_and_limits_are_named(bundle: Bundle) -> None:
    """UNIPEN's licence asks to be named, and users would not learn which letters share a class."""
    text = written(bundle, [])
    for name in ("EMNIST", "10.5281/zenodo.1195803", "CC BY 4.0", "OFL 1.1", "Hand-Written", "codeocr", "- Cc Oo are"):
        assert name in text, name


def test_goal_itself_is_reached() -> None:
    """A figure exactly at its target would be called a miss."""
    most = Target("x", 90, " MB", lambda figures: None, "compare", at_most=True)
    assert most.reached(90) and not most.reached(90.001) and most.reached(89)
    least = replace(most, at_most=False)
    assert least.reached(90) and least.reached(90.001) and not least.reached(89)


def test_targets_name_sets_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test set that got another name would be "not measured" for ever."""
    chars, kinds = ["A", "1", "a"], ["cap", "digit", "small"]
    monkeypatch.setattr(testsets, "real_crops", lambda: (np.zeros((3, 32, 32), np.uint8), chars, kinds))
    nothing, letters = np.zeros(0, np.uint32), np.zeros(0, "U1")
    images = Images(np.zeros((0, 28, 28), np.uint8), letters, np.zeros(0, bool), letters)
    strokes = Strokes(np.zeros((0, 2), np.int32), nothing, np.zeros(0, np.uint16), letters, letters)
    monkeypatch.setattr(testsets, "load_images", lambda split: images)
    monkeypatch.setattr(testsets, "load_strokes", lambda category, split: strokes)
    assert set(card.ACCURACIES) == {test_set.name for test_set in testsets.character_sets()}


def test_architecture_is_that_of_networks(bundle: Bundle) -> None:
    """The card would describe another network than the one that was trained."""
    pytest.importorskip("keras")
    assert card.network_widths() == (16, 40, 80)
    text = written(bundle, [])
    assert "stages of 1, 2 filters" in text and "98,765 parameters" in text and "227,664 bytes" in text


def test_the_dashboard_gets_the_figures_and_keeps_its_text(tmp_path: Path) -> None:
    """Measuring destroys what people wrote around the figures."""
    document = tmp_path / "figures.md"
    document.write_text("above\n<!-- figures -->\nold\n<!-- /figures -->\nbelow\n")
    fill_dashboard(document, "## Figures\n\n3 of 4 reached.\n\n| a |\n")
    filled = document.read_text()
    assert filled.startswith("above\n") and filled.endswith("below\n")
    assert "3 of 4 reached." in filled and "old" not in filled and "## Figures" not in filled
