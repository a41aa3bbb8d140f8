"""What is written on paper, opened in a spreadsheet, stays what is written there."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.spreadsheet import FORMULA, to_rows
from tests.places import ROOT


@pytest.mark.parametrize("text", ["=1+2", "+A1", "-2+3", "@SUM(A1)", "\t=1", "-5 kg", "=", "-5\n=1"])
def test_a_formula_becomes_a_text(text: str) -> None:
    """A spreadsheet runs what a stranger wrote on a form."""
    assert list(csv.reader(io.StringIO(to_rows([[text, 1]]), newline=""))) == [["'" + text, "1"]]


@pytest.mark.parametrize("text", ["-5", "+5.25", "-1,000.5", "+49 30 1234", "-.5", "-7 %", "-", "A=1", "'", "", "5-3"])
def test_numbers_and_usual_texts_stay_as_they_are(text: str) -> None:
    """Nobody could add up a column with negative numbers."""
    assert next(csv.reader(io.StringIO(to_rows([[text, -5]])))) == [text, "-5"]


# csv quotes a bare carriage return from Python 3.13 on.
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")), min_size=1, max_size=4))
def test_every_text_comes_back(cells: list[str]) -> None:
    """A comma, a quote or a newline on the paper would shift the columns."""
    (row,) = csv.reader(io.StringIO(to_rows([[*cells, 1]]), newline=""))
    assert [cell.removeprefix("'") for cell in row] == [cell.removeprefix("'") for cell in (*cells, "1")]
    assert all(not cell.startswith(FORMULA) or cell.strip("-+0123456789., %") == "" for cell in row)


def test_all_tables_are_written_here() -> None:
    """Another place would write formulas."""
    modules = [path for path in (ROOT / "edge_ocr").rglob("*.py") if "import csv" in path.read_text(encoding="utf-8")]
    assert [path.name for path in modules] == ["spreadsheet.py"]
