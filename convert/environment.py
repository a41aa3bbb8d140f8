"""Environments for packages that the project must not depend on: made and filled the first time they are needed."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from edge_ocr.cli import note
from edge_ocr.errors import EdgeOcrError

FOLDER = Path("cache")
"""Holds them, as .venv-NAME."""


class NotInstalled(EdgeOcrError, ImportError):
    """A package that is only needed here could not be installed into an environment of its own."""

    exit_code = 13


def make_environment(
    name: str, requirements: Sequence[str], *, about: str = "", folder: Path | None = None, python: str = sys.executable
) -> Path:
    """The Python of an environment that has `requirements`, made and filled the first time.

    Args:
        name: what it is for; it lies in cache/.venv-NAME unless `folder` says otherwise.
        requirements: what pip is asked for, the main package first.
        about: what to tell who waits, as "some 400 MB".
        python: makes it.

    Raises:
        NotInstalled: that is not possible; the next call tries again.
    """
    folder = folder or FOLDER / f".venv-{name}"
    inside, installed = folder / "bin" / "python", folder / "installed"
    if not installed.exists():
        note(f"installing {requirements[0]} into {folder} (once{', ' + about if about else ''})")
        _install(requirements[0], [python, "-m", "venv", str(folder)])
        pip = [str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _install(requirements[0], [*pip, *requirements])
        installed.touch()
    return inside


def _install(package: str, command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise _not_installed(package, f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        # venv complains on stdout, pip on stderr, where the line of the error is not always the last.
        lines = (done.stdout + done.stderr).splitlines()
        errors = [line for line in lines if line.startswith("ERROR:")]
        raise _not_installed(package, last_line("\n".join(errors or lines)) or f"exit code {done.returncode}")


def _not_installed(package: str, why: str) -> NotInstalled:
    return NotInstalled(f"{package} could not be installed ({why}): connect to the internet and run it again")


def last_line(text: str) -> str:
    """The last line that holds anything, without its full stop."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else ""
