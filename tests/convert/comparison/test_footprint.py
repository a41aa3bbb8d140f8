"""The needs of the program `edge-ocr`."""

from pathlib import Path

import pytest

from convert.comparison import footprint
from convert.comparison.contender_process import ContenderFailed

pytestmark = pytest.mark.slow


def test_footprint_is_of_new_processes(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card would show the memory of the test run, or hide that the import loads TensorFlow."""
    pytest.importorskip("ai_edge_litert")
    monkeypatch.setattr(footprint, "IMPORTS", 1)
    needs = footprint.footprint(picture)
    assert 10 < needs.read_peak_mb < 500 and 0 < needs.import_s < 30 and not needs.tensorflow


def test_failing_program_is_reported(tmp_path: Path) -> None:
    """The figures would be those of a program that read nothing."""
    with pytest.raises(ContenderFailed, match=r"edge-ocr failed in a fresh process \(.*missing\.png"):
        footprint.footprint(tmp_path / "missing.png")
