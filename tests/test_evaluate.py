"""The gate between float and int8: every shortcoming is named, and fails the command."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from convert import evaluate
from convert.classes import DIGITS, LABELS
from convert.evaluate import LEAST_AGREEMENT, MOST_LOSS, Comparison, compare, failures
from convert.testsets import TestSet, own
from tests.test_characters import TINY

GOOD = Comparison("photographs: digits", 1000, 0.98, 0.98, 0.99, 0.99, 0.999, 0.1)


class Scripted:
    """A model that gives each tile, known by its first pixel, the digit in a list."""

    def __init__(self, answers: list[str], sure: float = 0.9) -> None:
        rest = (1 - sure) / (len(LABELS) - 1)
        rows = [[sure if label == answer else rest for label in LABELS] for answer in answers]
        self._table = np.log(np.array(rows, np.float32))

    def __call__(self, tiles: np.ndarray) -> np.ndarray:
        return self._table[tiles[:, 0, 0]]


def digits(truth: str) -> TestSet:
    tiles = np.zeros((len(truth), 32, 32), np.uint8)
    tiles[:, 0, 0] = np.arange(len(truth))
    return TestSet("photographs: digits", tiles, tuple(frozenset(char) for char in truth), own(DIGITS))


def test_both_models_are_measured() -> None:
    """Float and int8 change places, or one is measured with the other's answers."""
    row, counts = compare(digits("0123"), Scripted(list("0123")), Scripted(list("0127"), 0.7))  # type: ignore[arg-type]
    assert (row.count, row.float_accuracy, row.int8_accuracy, row.agreement) == (4, 1.0, 0.75, 0.75)
    assert row.float_top3 == 1 and row.int8_top3 >= row.int8_accuracy
    assert row.largest_difference > 1
    assert counts.sum() == 4 and counts[3, 7] == 1 and np.trace(counts) == 3


def test_equal_models_agree_in_everything() -> None:
    """A model is found to differ from itself."""
    model = Scripted(list("0123"))
    row, _ = compare(digits("0124"), model, model)  # type: ignore[arg-type]
    assert (row.agreement, row.largest_difference) == (1.0, 0.0)
    assert row.float_accuracy == row.int8_accuracy == 0.75


def test_a_truth_of_two_groups_is_right_either_way() -> None:
    """Letters of unknown case fill the confusion matrix with errors that are none."""
    both = TestSet("x", digits("00").tiles, (frozenset("01"), frozenset("01")), own(DIGITS))
    counts = evaluate.confusion(both, np.array(["1", "7"]))
    assert counts[1, 1] == 1 and counts[0, 7] == 1 and counts.sum() == 2


def test_a_good_model_passes() -> None:
    """A model that lost nothing can't be released."""
    assert failures([GOOD, replace(GOOD, name="EMNIST", agreement=0.98)]) == []
    assert failures([replace(GOOD, int8_accuracy=GOOD.float_accuracy + 0.01)]) == []
    assert failures([replace(GOOD, agreement=LEAST_AGREEMENT)]) == []


def test_every_shortcoming_is_named() -> None:
    """A worse model is released, or nobody is told on which set it is worse."""
    rows = [
        replace(GOOD, agreement=LEAST_AGREEMENT - 0.001),
        replace(GOOD, name="EMNIST", int8_accuracy=GOOD.float_accuracy - MOST_LOSS - 0.001),
        replace(GOOD, name="photographs: capitals", agreement=0.9, int8_accuracy=0.9),
        GOOD,
    ]
    found = failures(rows)
    assert len(found) == 4
    assert "photographs: digits" in found[0] and "99.40%" in found[0]
    assert "EMNIST" in found[1] and "loses" in found[1]
    assert all("photographs: capitals" in sentence for sentence in found[2:])


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny model's files, with everything slow about the command replaced."""
    folder = tmp_path / "characters"
    folder.mkdir()
    for name in ("model.json", "model.tflite", "model.keras"):
        (folder / name).write_bytes((TINY / name).read_bytes())
    monkeypatch.setattr(evaluate, "character_sets", lambda: [digits("0123")])
    rates = {"pages": 1, "loose": 0.02, "strict": 0.03}
    monkeypatch.setattr(evaluate, "evaluate_pages", lambda bundle: {"sample pages, language none": rates})
    monkeypatch.setattr(evaluate, "write_card", lambda *figures: None)
    return folder


@pytest.mark.parametrize(("int8", "code"), [("0123", 0), ("0124", 1)])
def test_the_exit_code_tells_whether_the_model_passed(
    bundle: Path, int8: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script goes on with a model that failed, or stops at one that passed."""
    models = {"keras": Scripted(list("0123")), "auto": Scripted(list(int8))}
    monkeypatch.setattr(evaluate, "CharacterModel", lambda loaded, backend="auto": models[backend])
    assert evaluate.main([str(bundle)]) == code
    shown = capsys.readouterr()
    assert "photographs: digits" in shown.out and "loose CER 2.00%" in shown.out
    assert ("less than 99.5%" in shown.err) == (code == 1)
    figures = json.loads((bundle / "report" / "figures.json").read_text())
    assert figures["characters"][0]["int8_accuracy"] == (1.0 if code == 0 else 0.75)
    assert (bundle / "report" / "confusion-0.png").stat().st_size > 1000
