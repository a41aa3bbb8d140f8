"""The line model's card says what was measured; the gate stops an int8 model that lost too much."""

import json
from pathlib import Path

import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("tqdm")

from convert.evaluation.gates import line_failures
from convert.evaluation.line_card import write_line_card
from convert.evaluation.results import LineRates
from edge_ocr.model.bundle import Bundle
from edge_ocr.text.ctc import greedy


def rates(name: str, *, exact: float = 0.1, int8: float = 0.1, loose: float = 0.07) -> LineRates:
    return LineRates(name, 100, exact, int8, loose, 0.2, 0.15, 0.9)


WHOLE = {"sample pages": {"auto": 0.02, "characters": 0.018, "lines": 0.3}}


def test_a_card_shows_hits_and_misses(tmp_path: Path) -> None:
    """A missed figure is not on the card, or its distance is wrong."""
    bundle = Bundle(tmp_path, "lines", "lines", "1", ("", "a"), 40, -1, "00", 1_300_000, 4, {}, {"parameters": 7})
    (tmp_path / "report").mkdir()
    log = [{"epoch": 1, "loss": 2.0, "val_loss": 1.5}]
    (tmp_path / "report" / "training.json").write_text(json.dumps(log))
    write_line_card(tmp_path, bundle, [rates("unipen-7 words"), rates("unipen-8 lines", loose=0.095)], WHOLE)
    card = (tmp_path / "README.md").read_text()
    assert "| unipen-7 words, loose CER with language | at most 8 % | 7.00 % | reached |" in card
    assert "| unipen-8 lines, loose CER with language | at most 8 % | 9.50 % | **missed by 1.50 points** |" in card
    assert "+0.20 points" in card and "1300 kB" in card and "7 parameters" in card and "1.500" in card


@pytest.mark.parametrize(("int8", "problems"), [(0.1, 0), (0.1029, 0), (0.1031, 1), (0.05, 0)])
def test_three_tenths_of_a_point_may_be_lost(int8: float, problems: int) -> None:
    assert len(line_failures([rates("unipen-7 words", int8=int8)])) == problems


def test_greedy_reading_drops_repeats_and_blanks() -> None:
    import numpy as np

    path = [0, 1, 1, 0, 1, 2, 2, 0]
    assert greedy(np.eye(3)[path], ("", "a", "b")) == "aab"
