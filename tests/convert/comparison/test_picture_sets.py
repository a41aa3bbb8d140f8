"""The pictures that readers are compared on."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.comparison import picture_sets
from convert.comparison.picture_sets import SETS, known_text, open_sets
from convert.data.arrays import DataNotFound
from edge_ocr.errors import ImageNotFound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures, of one of which the text is known."""
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), np.full((40, 60), 255, np.uint8))
    (tmp_path / "truth.json").write_text(json.dumps({"a.png": "HI"}))
    return tmp_path


def test_known_text(folder: Path) -> None:
    """Error rates would be missing where a truth.json lies beside the picture, or the command fail where none does."""
    assert known_text(folder / "a.png") == "HI" and known_text(folder / "b.png") is None
    assert known_text(folder / "other" / "a.png") is None


def test_own_pictures(folder: Path) -> None:
    """Nobody could compare the readers on their own writing."""
    (row,) = open_sets([str(folder)], folder)
    assert [path.name for path in row.pictures] == ["a.png", "b.png"] and row.texts == ("HI", None)
    (first,) = open_sets([str(folder)], folder, images=1, rounds=7)
    assert len(first.pictures) == len(first.texts) == 1 and first.rounds == 7


def test_missing_picture_is_reported(folder: Path) -> None:
    """A misspelt set or file is reported after minutes of reading the others."""
    with pytest.raises(ImageNotFound):
        open_sets([str(folder), "wrods"], folder)


def test_missing_data_costs_only_its_sets(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without the training data nobody could compare anything, or would not learn what is left out."""
    monkeypatch.setenv("EDGE_OCR_DATA", str(folder))
    assert [row.key for row in open_sets([], folder)] == ["note", "pages"]
    said = capfd.readouterr().err
    assert all(f"the set {key!r} is left out: " in said for key in ("photographs", "words", "lines"))
    with pytest.raises(DataNotFound):
        open_sets(["lines"], folder)


def test_words_and_lines_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers would get pictures that are not there, or texts of others."""
    monkeypatch.setattr(picture_sets, "LINES", 3)
    try:
        words, lines = open_sets(["words", "lines"], tmp_path)
    except DataNotFound:
        pytest.skip("needs the pen strokes")
    assert (words.kind, lines.kind) == ("word", "line") and len(words.pictures) == len(lines.pictures) == 3
    assert all(path.exists() for row in (words, lines) for path in row.pictures)
    assert all(len(str(text)) < 30 for text in words.texts) and list(SETS)[-2:] == ["words", "lines"]


def test_made_pictures_have_their_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms and sheets would be compared without their texts, or each reader get other ones."""
    monkeypatch.setattr(picture_sets, "MADE", 2)
    try:
        sets = open_sets(["boxes", "sheets"], tmp_path)
    except DataNotFound as error:
        pytest.skip(str(error))
    assert [row.kind for row in sets] == ["page", "page"]
    assert all(path.exists() for row in sets for path in row.pictures)
    assert len({text for row in sets for text in row.texts if text}) == 4
