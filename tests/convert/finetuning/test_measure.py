"""What fine-tuning is measured on: writers by a rule, words that were not given, everybody else."""

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")
os.environ["KERAS_BACKEND"] = "tensorflow"
pytest.importorskip("keras")

from convert.data.arrays import DataNotFound, Strokes
from convert.finetuning import measure as measure_finetune
from convert.finetuning import rehearsal as general
from convert.finetuning.measure import choose_writers
from convert.finetuning.rehearsal import unseen, usable, written
from edge_ocr.errors import BadBundle, CannotWrite


def strokes(*samples: tuple[str, str]) -> Strokes:
    """Samples (writer, label), each a zigzag with a turn for every character."""
    points = [np.array([(40 * k, 100 * (k % 2)) for k in range(2 * len(label) + 2)], np.int32) for _, label in samples]
    return Strokes(
        points=np.concatenate(points),
        stroke_len=np.array([len(part) for part in points], np.uint32),
        num_strokes=np.ones(len(samples), np.uint16),
        labels=np.array([label for _, label in samples]),
        writers=np.array([writer for writer, _ in samples]),
    )


def test_only_known_words_are_used() -> None:
    data = strokes(("a/x", "word"), ("a/x", "w"), ("a/x", "un@sure"), ("a/x", "café"), ("a/x", "more"))
    assert usable(data, "7") == [0, 4]


def test_writers_are_chosen_by_their_different_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer who repeats a few words is judged by what was learned."""
    monkeypatch.setattr(measure_finetune, "FEWEST_WORDS", 2)
    data = strokes(*[("a/often", "same")] * 5, ("b/two", "one"), ("b/two", "two"), ("c/three", "one"),
                   ("c/three", "two"), ("c/three", "two"), ("c/three", "six"))  # fmt: skip
    assert choose_writers(data, range(len(data))) == {"c/three": [7, 8, 10], "b/two": [5, 6]}
    monkeypatch.setattr(measure_finetune, "FEWEST_WORDS", 9)
    with pytest.raises(DataNotFound, match="9 different"):
        choose_writers(data, range(len(data)))


def test_what_is_wrong_is_reported_before_the_tuning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first figures, after minutes of tuning, would end in a traceback."""
    monkeypatch.setattr(measure_finetune, "open_network", lambda *arguments: pytest.fail("it began"))
    with pytest.raises(BadBundle, match="absent is not a folder"):
        measure_finetune.main(["--base", str(tmp_path / "absent")])
    monkeypatch.setattr(measure_finetune, "check_base", lambda *arguments: None)
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="cannot be written"):
        measure_finetune.main(["--save", str(tmp_path / "file" / "figures.json")])


def test_strokes_become_samples_of_the_reader() -> None:
    (sample,) = written(strokes(("a/x", "minimum")), [0])
    assert sample.text == "minimum" and sample.ink.max() > 200


def test_who_judges_a_tuning_does_not_measure_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writers that chose the model would praise it."""
    data = strokes(*((f"a/{k}", f"word{chr(97 + k)}") for k in range(20)))
    monkeypatch.setattr(general, "load_strokes", lambda category, part: data)
    judging, measuring = (unseen(judging=half, but="a/7")["7"].truths.tolist() for half in (True, False))
    assert judging and measuring
    assert sorted(judging + measuring) == [f"word{chr(97 + k)}" for k in range(20) if k != 7]
