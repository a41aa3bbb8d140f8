"""Every command and program of docs/forms.md, as it stands there, on the form that stands there."""

import re
import shlex
from pathlib import Path

import cv2
import pytest

from edge_ocr.commands.main import main
from tests.forms.conftest import Shoebox
from tests.forms.made import MEMBERSHIP
from tests.forms.test_form_pages import served
from tests.places import ROOT

pytestmark = pytest.mark.slow

TEXT = (ROOT / "docs" / "forms.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def commands() -> list[list[str]]:
    lines = "".join(blocks("sh")).splitlines()
    return [shlex.split(line.partition(" > ")[0], comments=True) for line in lines if line.startswith("edge-ocr")]


@pytest.fixture
def club(few: Shoebox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the page names: the form, its picture, and a photograph of a filled copy; we stand in it."""
    monkeypatch.chdir(tmp_path)
    for folder in ("photos", "seen"):
        (tmp_path / folder).mkdir()
    cv2.imwrite("club.png", 255 - MEMBERSHIP.empty())
    photo = next(copy.photo for copy in few.copies if copy.form is MEMBERSHIP).read_bytes()
    for place in ("photos/1.jpg", "photo.jpg"):
        (tmp_path / place).write_bytes(photo)
    (tmp_path / "club.toml").write_text(blocks("toml")[0], "utf-8")
    return tmp_path


def test_the_commands_do_what_the_page_says(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever copies a command gets an error, or nothing."""
    assert len(commands()) >= 6
    for _, *command in commands():
        if "new" in command or "--review" in command:
            with served(*command, *["--sure", "1"] * ("new" not in command)):
                continue
        if "--tuned" in command:
            command = [*command[: command.index("--tuned")], "--tuned", str(ROOT / "models" / "characters")]
        assert main([*command, "--max-seconds", "600"]) == 0, command
        assert "surname" in capsys.readouterr().out
    assert (club / "seen" / "1.png").is_file()


def test_the_program_runs(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A Python user copies a program that does not run."""
    exec(compile(blocks("python")[0], "docs/forms.md", "exec"), {})
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["surname", "postcode", "newsletter"]
