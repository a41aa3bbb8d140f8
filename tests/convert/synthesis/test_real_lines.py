"""Real lines for training: their ink alone, with their text."""

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.data.arrays import DataNotFound
from convert.synthesis.line_sources import LONGEST
from convert.synthesis.real_lines import RealLineSource


def archive(folder: Path, texts: list[str]) -> None:
    picture = np.full((64, 400), 210, np.uint8)
    cv2.putText(picture, "letters", (20, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 40, 3, cv2.LINE_AA)
    cv2.line(picture, (0, 1), (399, 1), 40, 2)  # A neighbour's tail, at the rim.
    with zipfile.ZipFile(folder / "letters.zip", "w") as packed:
        for number in range(len(texts)):
            packed.writestr(f"{number}.jpg", cv2.imencode(".jpg", picture)[1].tobytes())
    rows = [f"{number}.jpg\t{text}" for number, text in enumerate(texts)]
    (folder / "letters.tsv").write_text("\n".join(rows), encoding="utf-8")


def test_a_line_is_its_ink_without_its_neighbours(tmp_path: Path) -> None:
    """Fails when the paper, or the tail of the line above, is learned as a letter."""
    archive(tmp_path, ["two  words"])
    line = RealLineSource(tmp_path).draw(np.random.default_rng(0))
    assert line.text == "two words"
    assert line.ink.max() > 200 and (line.ink == 0).mean() > 0.3
    assert line.ink.shape[1] < 200, "as wide as the word alone"


def test_lines_that_are_too_long_are_left_out(tmp_path: Path) -> None:
    """Fails when a text has no room in the network's truth, which ends the training."""
    archive(tmp_path, ["short", "x" * (LONGEST + 1)])
    assert len(RealLineSource(tmp_path)) == 1


def test_no_lines_is_said(tmp_path: Path) -> None:
    """Fails when a training runs without the lines that it should learn from."""
    with pytest.raises(DataNotFound, match="holds no lines"):
        RealLineSource(tmp_path)
