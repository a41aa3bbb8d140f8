"""Completion and the man page name all that there is."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edge_ocr.commands.completion import _actions, completion, manual
from edge_ocr.commands.main import COMMANDS, make_parser

pytest.importorskip("shtab", reason="shtab makes completion scripts: pip install shtab")
pytest.importorskip("argparse_manpage", reason="argparse-manpage makes the page: pip install argparse-manpage")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not there")
@pytest.mark.parametrize(("typed", "expected"), [("edge-ocr li", "live"), ("edge-ocr live --never", "--never-falling")])
def test_bash_completes_commands_and_options(typed: str, expected: str, tmp_path: Path) -> None:
    """The script is wrong, and each Tab prints an error of bash."""
    (tmp_path / "script").write_text(completion(make_parser(), "bash"))
    words = typed.split()
    ask = f"""source {tmp_path}/script
COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}
_shtab_edge_ocr; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == [expected] and done.stderr == ""


def test_zsh_and_tcsh_have_a_script() -> None:
    assert "never-falling" in completion(make_parser(), "zsh") and "live" in completion(make_parser(), "tcsh")


def test_the_man_page_names_every_command() -> None:
    page = manual(make_parser()).replace("\\-", "-")
    assert ".SH NAME\nedge-ocr - Read handwriting" in page
    assert all(f"edge-ocr {name}" in page for name in COMMANDS) and "--never-falling" in page


@pytest.mark.parametrize("name", ["edge-ocr", "_edge-ocr", "edge-ocr.1"])
def test_what_the_installer_places_knows_every_option(name: str) -> None:
    """`make shell` was forgotten: Tab and the man page do not know a new option."""
    text = Path("deploy/shell", name).read_text().replace("\\-", "-")
    options = {option for action in _actions(make_parser()) for option in action.option_strings}
    assert [option for option in sorted(options) if option not in text] == []


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not there")
def test_man_takes_the_page(tmp_path: Path) -> None:
    (tmp_path / "edge-ocr.1").write_text(manual(make_parser()))
    shown = subprocess.run(
        ["man", "--warnings", "-l", str(tmp_path / "edge-ocr.1")], capture_output=True, text=True, timeout=60
    )
    assert shown.returncode == 0 and "edge-ocr live" in shown.stdout
