"""What a reader in a process of its own does with questions."""

from pathlib import Path

import pytest

from convert.comparison import contenders
from convert.comparison.reader import OpenReader
from tests.fakes import program

TESSERACT = """
case "$1" in
  --list-langs) echo 'List of available languages in "{folder}/" (1):'; echo eng;;
  --version) echo 'tesseract 5.3.0'; echo ' leptonica';;
  *bad*) echo 'Error in pixReadStream: Unknown format' >&2; echo 'Image file cannot be read!' >&2; exit 1;;
  *) i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo "$@";;
esac
"""


def test_answers_errors_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad picture would end the reader, and an error's line breaks would break the protocol."""

    def load(path: str) -> str:
        if "bad" in path:
            raise ValueError("no\npicture")
        return path

    made = OpenReader({"name": "Fake"}, load, str.upper)
    monkeypatch.setitem(contenders.OPENERS, "fake", lambda: made)
    first, second, third = contenders.answers(["fake"], ['"bad.png"\n', '"good"\n'])
    assert (first, second) == ({"name": "Fake"}, {"error": "ValueError: no picture"})
    assert third["text"] == "GOOD" and third["cpu_s"] >= 0 and third["wall_s"] > 0
    assert 1 < third["peak_mb"] < 100_000
    (only,) = contenders.answers(["unheard of"], ['"good"'])
    assert only == {"error": "KeyError: 'unheard of'"}


def test_tesseract_is_asked_for_english_and_its_process_is_counted(tmp_path: Path) -> None:
    """Another language or mode would be measured, its time would count as none, or a broken picture as empty."""
    (tmp_path / "eng.traineddata").write_bytes(bytes(4_000_000))
    tesseract = program(tmp_path, TESSERACT.format(folder=tmp_path))
    facts, read, bad = contenders.answers(["tesseract", tesseract, "7"], ['"a.png"', '"bad.png"'])
    assert facts == {"name": "Tesseract", "version": "5.3.0", "model_mb": 4.0}
    assert read["text"].split() == ["a.png", "stdout", "-l", "eng", "--psm", "7"]
    assert read["cpu_s"] > 0.002, "20,000 steps of a shell"
    assert bad["error"].startswith("RuntimeError: Error in pixReadStream")


def test_tesseract_takes_the_models_of_a_folder(tmp_path: Path) -> None:
    """tessdata_best would be shown with the figures of the installed models."""
    (tmp_path / "eng.traineddata").write_bytes(bytes(15_000_000))
    tesseract = program(tmp_path, TESSERACT.format(folder="/nonexistent"))
    facts, read = contenders.answers(["tesseract", tesseract, "11", str(tmp_path)], ['"a.png"'])
    assert facts["model_mb"] == 15.0
    assert read["text"].split()[2:4] == ["--tessdata-dir", str(tmp_path)]
