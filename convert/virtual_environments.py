"""Separate virtual environments for programs whose packages the project does not want."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from edge_ocr.child import last_line
from edge_ocr.errors import EdgeOcrError
from edge_ocr.output import note


class NotInstalled(EdgeOcrError, ImportError):
    """An environment cannot be made; the text is only the reason, for use inside a sentence."""


def install(folder: Path, requirements: Sequence[str], megabytes: int, python: str = sys.executable) -> Path:
    """The Python of an environment with these packages, which the first call makes.

    Args:
        folder: of the environment.
        requirements: as for pip; messages name the first.
        megabytes: about how large it will be.
        python: what makes it.

    Raises:
        NotInstalled: `python` has no venv, or pip could not install them.
    """
    inside, installed = folder / "bin" / "python", folder / "installed"
    if not installed.exists():
        note(f"installing {requirements[0]} into {folder} (once, some {megabytes} MB)")
        _run([python, "-m", "venv", str(folder)])
        _run([str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements])
        installed.touch()
    return inside


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise NotInstalled(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        # venv complains on stdout, pip on stderr, where the line of the error is not always the last.
        lines = (done.stdout + done.stderr).splitlines()
        errors = [line for line in lines if line.startswith("ERROR:")]
        raise NotInstalled(last_line("\n".join(errors or lines)) or f"exit code {done.returncode}")
