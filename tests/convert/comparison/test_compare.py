"""`python -m convert compare` from its arguments to its reports, with readers that are small scripts."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from convert.comparison import compare, footprint, picture_sets, round_robin
from convert.comparison.contender_process import Reading
from convert.comparison.picture_sets import PictureSet
from convert.comparison.roster import CHARACTERS, LINE_MODEL, QUICK, RECOGNISER, Contender
from convert.comparison.round_robin import Seat
from edge_ocr.errors import BadBundle, CannotWrite, ImageNotFound
from tests.fakes import fake_reader
from tests.places import TINY

pytestmark = pytest.mark.slow

EMPTY = "above\n<!-- compare -->\nold\n<!-- /compare -->\nbelow\n"


@pytest.fixture
def run(tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch):
    """run(arguments) -> exit code, in a folder of its own with two fakes; run.roster[kind] is who takes part."""
    pytest.importorskip("matplotlib")
    drawn = "convert.comparison.plot.plot_comparison"
    monkeypatch.setattr(drawn, lambda sets, path: path.write_text(f"{len(sets)} panels"))
    bundles = {kind: shutil.copytree(TINY, tmp_path / "models" / kind) for kind in ("characters", "lines")}
    roster = {"page": [], "word": [], "line": []}
    line_names = LINE_MODEL, RECOGNISER
    for kind, names in (("page", (CHARACTERS, QUICK)), ("word", line_names), ("line", line_names)):
        commands = (fake_reader(tmp_path, f"{kind}-{n}", cpu_s=c) for n, c in enumerate((0.5, 2.0)))
        roster[kind] = [Contender(name, command) for name, command in zip(names, commands, strict=True)]
    (tmp_path / "truth.json").write_text(json.dumps({picture.name: "e.png"}))
    sets = {
        key: PictureSet(key, f"the {key}", kind, (picture,) * 2, ("e.png",) * 2, 2)
        for key, kind in (("note", "page"), ("pages", "page"), ("words", "word"), ("lines", "line"))
    }
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compare, "contenders", lambda kind, places: roster[kind])
    monkeypatch.setattr(compare, "NOTE", picture)
    monkeypatch.setattr(compare, "footprint", lambda note: footprint.Footprint(80.0, 0.2, False))
    # Taken out and put back one by one, they would come back in another order.
    makers = {key: lambda folder, row=row: row for key, row in sets.items()}
    for module in (picture_sets, compare):
        monkeypatch.setattr(module, "SETS", makers)
    (tmp_path / "README.md").write_text(EMPTY)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "figures.md").write_text(EMPTY)

    def call(*arguments: str) -> int:
        return compare.main([*arguments])

    call.roster, call.bundles = roster, bundles
    return call


def untouched() -> bool:
    """Whether docs and README are as they were."""
    texts = [Path(name).read_text() for name in ("README.md", "docs/figures.md")]
    return texts == [EMPTY, EMPTY] and [path.name for path in Path("docs").iterdir()] == ["figures.md"]


def report(path: str) -> Any:
    return json.loads(Path(path).read_text())


def test_whole_run_writes_everything(run, capsys: pytest.CaptureFixture[str]) -> None:
    """A document, the plot or a card lacks what was measured, or `--json` prints something else."""
    assert run("--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures == report("docs/compare/compare.json") and Path("docs/compare/compare.png").read_text() == "3 panels"
    assert figures["command"] == "python -m convert compare" and figures["finished"]
    assert [row["key"] for row in figures["sets"]] == ["note", "pages", "words", "lines"]
    for document in map(Path, ("README.md", "docs/figures.md")):
        text = document.read_text()
        assert text.startswith("above\n") and text.endswith("below\n") and "\nold\n" not in text
    assert "**the pages, 2 pictures**" in text and "**0.00 %**" in text and "](compare/compare.png)" in text
    card = report("models/characters/report/compare.json")
    assert card["ratio"]["median"] == 4 and card["read_peak_mb"] == 80.0 and len(card["sha256"]) == 64
    assert [row["cpu_ms"]["median"] for row in card["readers"]] == [500, 2000]
    rows = report("models/lines/report/compare.json")
    assert [(row["name"], row["reader"], row["lines"]) for row in rows] == [
        ("the words", "edge-ocr 9, line model", 2), ("the words", "RapidOCR 9, recogniser", 2),
        ("the lines", "edge-ocr 9, line model", 2), ("the lines", "RapidOCR 9, recogniser", 2),
    ]  # fmt: skip


def test_a_part_does_not_replace_the_whole(run, capsys: pytest.CaptureFixture[str]) -> None:
    """A quick look at two pictures would become the README's and the cards' figures."""
    assert run("--images", "1") == 0 and run("pages", "--rounds", "1") == 0
    assert untouched()
    assert not list(Path("models").glob("*/report/compare.json"))
    assert report("cache/compare/compare.json")["command"] == "python -m convert compare pages --rounds 1"
    assert "RapidOCR 9, 736 px" in capsys.readouterr().out
    assert run("note") == 0 and report("models/characters/report/compare.json")["rounds"] == 2


def test_own_pictures_and_places_stay_private(run, picture: Path, tmp_path: Path) -> None:
    """A report holds paths of the machine that made it."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    assert run(str(picture), "--rapidocr-python", str(python), "--out", str(tmp_path / "out")) == 0
    text = (tmp_path / "out" / "compare.json").read_text()
    assert "python -m convert compare note.png" in text and str(tmp_path) not in text


def test_failed_reader_costs_its_own_figures_only(run, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A crash of one reader would lose the others' figures, or pass for a good run."""
    dying = Contender(QUICK, fake_reader(tmp_path, "dying", "if number > 5: sys.exit('no memory')"))
    run.roster["page"] = [run.roster["page"][0], dying]
    assert run() == 17
    out, said = capfd.readouterr()
    assert "*500.0*" in out and "died with exit code 1 (no memory) at note.png" in out and "no memory" in said
    assert "died" in Path("docs/figures.md").read_text() and Path("models/lines/report/compare.json").exists()
    assert not Path("models/characters/report/compare.json").exists(), "there is nothing to compare with"


def test_absent_reader_is_no_failure(run, capfd: pytest.CaptureFixture[str]) -> None:
    """Whoever has no Tesseract could not measure."""
    run.roster["page"].append(Contender("Tesseract", absent="absent: apt install it"))
    assert run() == 0
    assert "Tesseract is absent: apt install it" in capfd.readouterr().out


def test_interrupted_run_keeps_what_was_measured(
    run, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C would lose an hour's figures, or put half a comparison into the README."""
    original, count = Seat.read, [0]

    def read(self: Seat, path: Path) -> Reading | None:
        count[0] += self.contender.name == QUICK
        if count[0] == 20:
            raise KeyboardInterrupt
        return original(self, path)

    monkeypatch.setattr(Seat, "read", read)
    assert run() == 130
    figures = report("cache/compare/compare.json")
    assert [(row["key"], row["finished"]) for row in figures["sets"]] == [("note", True), ("pages", False)]
    assert not figures["finished"] and untouched()
    assert report("models/characters/report/compare.json")["ratio"]["median"] == 4, "the note was read to its end"
    assert "interrupted" in capfd.readouterr().err


def test_interruption_before_anything_is_just_that(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty report would replace the one before."""
    monkeypatch.setattr(round_robin, "warm_up", lambda *arguments: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run()
    assert not Path("cache/compare").exists()


def test_readme_without_comments_is_reported(run, capfd: pytest.CaptureFixture[str]) -> None:
    """A README whose comments were lost would be overwritten, or nobody learn why it does not change."""
    Path("README.md").write_text("nothing")
    assert run() == 0
    said = capfd.readouterr().err
    assert "README.md is left as it is: it lacks the lines <!-- compare -->" in said
    assert Path("README.md").read_text() == "nothing"


def test_what_cannot_be_written_is_still_shown(run, capsys: pytest.CaptureFixture[str]) -> None:
    """An hour's figures would be lost because a folder may not be written."""
    Path("taken").write_text("a file")
    with pytest.raises(CannotWrite, match=r"taken.*take the figures from stdout"):
        run("pages", "--out", "taken")
    assert "*500.0*" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--images", "0"], ["--rounds", "x"], ["--timeout", "-1"], ["--timeout", "nan"]])
def test_wrong_options_are_reported(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A run of nothing would end in a division by zero, or never."""
    with pytest.raises(SystemExit) as stop:
        compare.main(arguments)
    assert stop.value.code == 2 and "is not valid: expected" in capsys.readouterr().err


def test_a_python_that_is_none_is_reported_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Everyone else would read for minutes before RapidOCR fails to start."""
    with pytest.raises(SystemExit) as stop:
        compare.main(["--rapidocr-python", "nonexistent-python"])
    assert stop.value.code == 2 and "'nonexistent-python' is not a program" in capsys.readouterr().err


def test_wrong_names_are_reported_before_anything_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes of installing would end in "no such file"."""
    monkeypatch.setattr(compare, "contenders", lambda *arguments: pytest.fail("installed"))
    with pytest.raises(ImageNotFound):
        compare.main(["/nonexistent.jpg"])
    with pytest.raises(BadBundle):
        compare.main(["--model", "/nonexistent"])
