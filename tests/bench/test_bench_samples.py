"""What is read in a measurement: wrong folders are refused before minutes are spent."""

import json
from pathlib import Path

import pytest

from edge_ocr.bench import samples
from edge_ocr.bench.samples import BUNDLED, find_samples
from edge_ocr.commands import main as cli
from edge_ocr.errors import ImageNotFound
from tests.bench_records import TEXTS, pages
from tests.places import ROOT


def test_the_bundled_pages_are_there_and_in_the_wheel() -> None:
    """`edge-ocr bench` would fail where it was installed, or fill the wheel with pictures."""
    found = find_samples()
    assert [path.name for path in found.pictures] == list(BUNDLED) and all(found.truths)
    assert sum(path.stat().st_size for path in found.pictures) < 1e6
    project = (ROOT / "pyproject.toml").read_text()
    assert all(f'"edge_ocr/samples/pages/{name}"' in project for name in (*BUNDLED, "truth.json"))


def test_an_own_folder(tmp_path: Path) -> None:
    """Texts would be compared with the wrong pictures, or pictures without a truth with nothing."""
    folder = pages(tmp_path / "mine")
    (folder / "without_text.png").write_bytes((folder / "one.png").read_bytes())
    found = find_samples(str(folder))
    assert dict(zip((path.name for path in found.pictures), found.truths, strict=True)) == TEXTS
    assert (found.name, found.without_text) == ("mine", 1)


def test_the_digest_knows_pictures_and_texts(tmp_path: Path) -> None:
    """Runs of different pages would be compared as if they were the same."""
    folder = pages(tmp_path / "mine")
    before = find_samples(str(folder)).digest()
    assert find_samples(str(folder)).digest() == before
    (folder / "truth.json").write_text(json.dumps({**TEXTS, "one.png": "A1B0"}))
    changed = find_samples(str(folder)).digest()
    (folder / "truth.json").write_text(json.dumps(TEXTS))
    (folder / "one.png").write_bytes((folder / "two.png").read_bytes())
    assert len({before, changed, find_samples(str(folder)).digest()}) == 3


@pytest.mark.parametrize(("truth", "code"), [
    (None, 18), ("", 18), ("no json", 18), ("[]", 18), ("{}", 18), ('{"one.png": 5}', 18), ('{"a.png": "A"}', 4),
    ('{"one.png": "A", "two.png": null}', 18), ("[" * 3000, 18), ('{"../one.png": "A"}', 4),
])  # fmt: skip
def test_wrong_truths_are_one_sentence(
    truth: str | None, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped name would be a traceback, or silently leave a page out."""
    folder = pages(tmp_path / "mine")
    (folder / "truth.json").unlink()
    if truth is not None:
        (folder / "truth.json").write_text(truth)
    assert cli.main(["bench", "--data", str(folder)]) == code
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and "truth.json" in err


@pytest.mark.parametrize("name", ["absent", "empty", "file.txt"])
def test_wrong_folders_are_one_sentence(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped folder would be a traceback."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("hello")
    assert cli.main(["bench", "--data", str(tmp_path / name)]) == 4
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_package_without_pages_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that lost its pages would end in a traceback."""
    monkeypatch.setattr(samples, "_PLACES", (Path("/absent"),))
    with pytest.raises(ImageNotFound, match="--data"):
        find_samples()
