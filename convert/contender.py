"""Readers to compare, each in a child process (convert/page_worker.py), and the environment RapidOCR runs in."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.environment import NotInstalled, install, last_line
from edge_ocr.errors import EdgeOcrError

ROOT = Path(__file__).resolve().parents[1]
WORKER = Path(__file__).with_name("page_worker.py")

ENVIRONMENT = Path("cache/.venv-rapidocr")
"""RapidOCR's own, since it brings packages that the project does not want."""

REQUIREMENTS = ("rapidocr==3.10.*", "onnxruntime")

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""For numerical libraries that choose for themselves."""

PATIENCE = 10
"""Seconds for a child to end once it was told to."""


class NoRapidOcr(EdgeOcrError, ImportError):
    """RapidOCR is not there and could not be installed."""

    exit_code = 13


class ContenderFailed(EdgeOcrError, RuntimeError):
    """A reader in a child process died, or could not read."""

    exit_code = 17


@dataclass(frozen=True, slots=True)
class Reading:
    """One picture read once; times from the decoded picture to its text."""

    text: str
    cpu_s: float
    """Processor time of all threads."""
    wall_s: float
    """By the clock."""
    peak_mb: float
    """Most memory the process ever held until now, in millions of bytes."""


class Worker:
    """A reader in a child process: `with Worker("RapidOCR", command) as worker: worker.read(path)`."""

    def __init__(self, name: str, command: list[str]) -> None:
        """Start it and wait until it is ready.

        Raises:
            ContenderFailed: it cannot be started, died, or has something to complain about.
        """
        self.name = name
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the child)
        try:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **ONE_THREAD},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                text=True,
            )
        except OSError as error:
            self._complaints.close()
            raise ContenderFailed(f"{name} cannot be started: {command[0]} cannot be run ({error.strerror})") from error
        try:
            self.facts = self._answer("while it started")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def read(self, picture: Path) -> Reading:
        """Read one picture; ContenderFailed when the reader died or refused it."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # It died: why is found where its answer is missing.
            self._process.stdin.write(json.dumps(str(picture.resolve())) + "\n")
            self._process.stdin.flush()
        return Reading(**self._answer(f"at {picture}"))

    def close(self) -> None:
        """End the child."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._complaints.close()

    def _answer(self, when: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            self._complaints.seek(0)
            why = last_line(self._complaints.read().decode(errors="replace")) or "it said nothing"
            raise ContenderFailed(f"{self.name} died {when} with exit code {code} ({why}): mend that and run it again")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ContenderFailed(f"{self.name} failed {when} ({answer['error']}): mend that and run it again")
        return answer


def our_command(bundle: Path, kind: str = "edge-ocr") -> list[str]:
    """What starts our reader, with the Python that runs now; `kind` is one of page_worker's OPENERS."""
    return [sys.executable, "-m", "convert.page_worker", kind, str(bundle.resolve())]


def rapidocr_command(python: Path, kind: str = "rapidocr") -> list[str]:
    """What starts RapidOCR with its Python; isolated (-I), so that nothing of this project can get in its way."""
    return [str(python.absolute()), "-I", str(WORKER), kind]


def install_rapidocr(folder: Path = ENVIRONMENT, python: str = sys.executable) -> Path:
    """The Python of RapidOCR's environment, made and filled the first time; NoRapidOcr when that is not possible."""
    try:
        return install(folder, REQUIREMENTS, 400, python)
    except NotInstalled as error:
        cure = "connect to the internet and run it again, or name a Python that has it with --rapidocr-python"
        raise NoRapidOcr(f"RapidOCR could not be installed ({error}): {cure}") from error
