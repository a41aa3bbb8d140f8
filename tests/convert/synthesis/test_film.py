"""Made films: where they go."""

from pathlib import Path

import pytest

from convert.synthesis import film
from edge_ocr.errors import CannotWrite


def test_a_film_is_not_made_where_a_folder_is_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--out x.mp4` would make a folder of that name."""
    with pytest.raises(SystemExit):
        film.main(["--out", str(tmp_path / "x.mp4")])
    assert "--out is a folder" in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would end in a traceback."""
    monkeypatch.setattr(film, "make", lambda *arguments: pytest.fail("it began"))
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="cannot be written"):
        film.main(["--out", str(tmp_path / "file" / "films")])
