"""Made films: where they go, and what they show."""

import json
from pathlib import Path

import pytest

from convert.synthesis import desk_film, film
from edge_ocr.errors import CannotWrite


def test_a_film_is_not_made_where_a_folder_is_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--out x.mp4` would make a folder of that name."""
    with pytest.raises(SystemExit):
        film.main(["--out", str(tmp_path / "x.mp4")])
    assert "--out is a folder" in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would end in a traceback."""
    monkeypatch.setattr(film, "make", lambda *arguments: pytest.fail("it began"))
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="cannot be written"):
        film.main(["--out", str(tmp_path / "file" / "films")])


def test_every_film_has_its_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a film shows, and when, is known to nobody."""
    monkeypatch.setattr(film, "make", lambda *arguments: None)
    assert film.main(["--out", str(tmp_path)]) == 0
    truths = json.loads((tmp_path / "truth.json").read_text())
    assert truths["in-and-out.mp4"] == [{"text": "TRAIN 905\nTO YORK", "from": 1.0, "to": 4.0}]
    assert truths["empty.mp4"] == [] and len(truths["two.mp4"]) == 2
    assert truths["note.mp4"][0]["text"] == "MEET ANNA AT\nGATE 47 EAST"


@pytest.mark.slow
def test_a_note_lies_on_the_desk_while_the_truth_says_so() -> None:
    """A film's truth is not what it shows."""
    white = [(frame > 180).all(axis=2).mean() for frame in desk_film.shoot(desk_film.DESK_FILMS[0])]
    assert all(share > 0.1 for share in white[22:78])
    assert all(share < 0.01 for share in (*white[:3], *white[100:]))
