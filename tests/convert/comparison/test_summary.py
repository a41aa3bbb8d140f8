"""The README's five rows, from what `compare` stored."""

import json
from pathlib import Path

import pytest

from convert.comparison.summary import REPORT, main, summary
from convert.evaluation.sections import README
from edge_ocr.errors import BadData
from tests.places import ROOT


def stored() -> dict:
    return json.loads((ROOT / REPORT).read_text(encoding="utf-8"))


def test_the_readme_shows_the_stored_report() -> None:
    """The README shows figures of another measurement: run `python -m convert readme`."""
    assert summary(stored()) in (ROOT / README).read_text(encoding="utf-8")


def test_the_best_figure_is_bold_whosever_it_is() -> None:
    """Our reader's figures are bold though another's are better."""
    report = stored()
    for row in report["sets"]:
        for reader in row["readers"]:
            if reader["complete"]:
                reader["loose"] = 0.5 if reader["name"].startswith("edge-ocr") else 0.25
    lines = summary(report).splitlines()
    assert lines[2] == "| photographed pages, wrong characters | 50.00 % | **25.00 %** | **25.00 %** | **25.00 %** |"


def test_what_was_not_measured_is_a_dash_and_nobody_wins_alone() -> None:
    """A missing data set ends in a traceback, or in a bold figure beside dashes."""
    report = stored()
    report["sets"] = [row for row in report["sets"] if row["key"] == "photographs"]
    for reader in report["sets"][0]["readers"]:
        reader["complete"] = reader["name"].startswith("edge-ocr")
    rows = [[cell.strip() for cell in line.strip("|").split("|")[1:]] for line in summary(report).splitlines()[2:7]]
    assert rows[1] == ["—"] * 4 and rows[0][1:] == ["—"] * 3 and rows[0][0].endswith("%")


def test_a_report_of_another_form_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command ends in a KeyError."""
    with pytest.raises(BadData, match="run `python -m convert compare`"):
        summary({"sets": [{"key": "lines"}]})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadData, match="missing"):
        main([])
