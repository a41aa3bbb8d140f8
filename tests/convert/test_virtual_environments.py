"""Environments of their own for packages that are only compared with."""

from pathlib import Path

import pytest

from convert.virtual_environments import NotInstalled, install
from tests.fakes import program

WANTED = ("rapidocr==3.10.*", "onnxruntime")


def making(commands: str) -> str:
    """Shell commands that make `python -m venv FOLDER` put a Python there that runs `commands`."""
    return f'mkdir -p "$3/bin"; printf "#!/bin/sh\\n{commands}\\n" > "$3/bin/python"; chmod +x "$3/bin/python"'


def test_without_venv_nothing_is_installed(tmp_path: Path) -> None:
    """Debian's Python without python3-venv would leave half an environment that is taken for whole the next time."""
    python = program(tmp_path, "echo 'The environment was not created because ensurepip is not available.'; exit 1")
    with pytest.raises(NotInstalled, match=r"ensurepip is not available$"):
        install(tmp_path / "env", WANTED, 400, python)
    assert not (tmp_path / "env" / "installed").exists()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("/usr/bin/python3: No module named pip", "No module named pip"),
        ("ERROR: Could not find a version that satisfies rapidocr\nWARNING: pip is old", "Could not find a version"),
    ],
    ids=["pip is missing", "offline"],
)
def test_failed_installation_has_a_reason(tmp_path: Path, said: str, reason: str) -> None:
    """pip's pages of output, or none at all, would stand for one sentence; and the next run would not try again."""
    complaint = tmp_path / "complaint"
    complaint.write_text(said)
    python = program(tmp_path, making(f"cat {complaint} >&2; exit 1"))
    with pytest.raises(NotInstalled, match=reason):
        install(tmp_path / "env", WANTED, 400, python)
    assert not (tmp_path / "env" / "installed").exists()


def test_installed_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Every comparison would install RapidOCR again, or nobody would know why the first one takes minutes."""
    inside = install(tmp_path / "env", WANTED, 400, program(tmp_path, making("exit 0")))
    assert inside == tmp_path / "env" / "bin" / "python" and inside.exists()
    assert f"installing rapidocr==3.10.* into {tmp_path / 'env'} (once, some 400 MB)" in capfd.readouterr().err
    assert install(tmp_path / "env", WANTED, 400, "/nonexistent/python") == inside
    assert capfd.readouterr().err == ""
