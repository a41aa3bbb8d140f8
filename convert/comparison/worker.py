"""A reader in a child process (`page_worker`), asked picture by picture; what it fails at is reported."""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.environment import last_line
from convert.paths import ROOT
from edge_ocr.errors import EdgeOcrError, ExitCode

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
"""For libraries and programs that choose for themselves."""

START_TIMEOUT = 300.0
"""Seconds for a reader to be ready: it may have to load from a cold disk."""

READ_TIMEOUT = 120.0
"""Seconds for one picture."""

PATIENCE = 10
"""Seconds for a child to end once it was told to."""

TYPES = {str: str, float: (int, float)}
"""Type of a record's field -> what JSON may hold there."""


class ContenderFailed(EdgeOcrError, RuntimeError):
    """A reader in a child process died, hung, answered rubbish, or could not read."""

    exit_code = ExitCode.CONTENDER_FAILED


@dataclass(frozen=True, slots=True)
class Facts:
    """What a reader says of itself."""

    name: str
    version: str
    model_mb: float
    """The files of its networks and language models, in millions of bytes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One picture read once; what the times hold is said in convert/comparison/page_worker.py."""

    text: str
    cpu_s: float
    """Processor time of all threads."""
    wall_s: float
    """By the clock."""
    peak_mb: float
    """Most memory the process ever held until now, in millions of bytes."""


class Worker:
    """A reader in a child process: `with Worker("RapidOCR", command) as worker: worker.read(path)`."""

    def __init__(self, name: str, command: list[str], timeout: float = READ_TIMEOUT) -> None:
        """Start it and wait until it is ready; each reading may then take `timeout` seconds.

        Raises:
            ContenderFailed: it cannot be started, died, hangs, or has something to complain about.
        """
        self.name, self.timeout = name, timeout
        self.broken = False
        """Whether it cannot be asked any more: dead, hanging, or its answers out of step with the questions."""
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the child)
        try:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **ONE_THREAD}, text=True, errors="replace",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints,
                start_new_session=True,  # Ctrl-C is for us; and what it started itself can be ended with it.
            )  # fmt: skip
        except OSError as error:
            self._complaints.close()
            raise ContenderFailed(f"{name} cannot be started: {command[0]} cannot be run ({error.strerror})") from error
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        try:
            self.facts: Facts = self._answer(Facts, "while it started", max(timeout, START_TIMEOUT))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def read(self, picture: Path) -> Reading:
        """Read one picture; ContenderFailed when the reader died, hung, or refused it."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # It died: why is found where its answer is missing.
            self._process.stdin.write(json.dumps(str(picture.resolve())) + "\n")
            self._process.stdin.flush()
        reading: Reading = self._answer(Reading, f"at {picture.name}", self.timeout)
        return reading

    def close(self) -> None:
        """End the child and what it started: it is asked first, unless it is broken."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        if not self.broken:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._listener.join(PATIENCE)
        if not self._listener.is_alive():
            self._process.stdout.close()
        self._complaints.close()

    def _listen(self) -> None:
        """Hand on what the child says, and "" when it will say no more."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _answer(self, kind: type, when: str, timeout: float) -> Any:
        """The child's next line as a `kind`."""
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            raise self._failure(f"gave no answer {when} within {timeout:g} s", "run it alone on that") from None
        if not line:
            self._lines.put("")  # For whoever asks again.
            code = self._process.wait()
            self._complaints.seek(0)
            why = last_line(self._complaints.read().decode(errors="replace")) or "it said nothing"
            raise self._failure(f"died {when} with exit code {code} ({why})")
        try:
            content = json.loads(line)
            if "error" in content:
                raise ContenderFailed(f"{self.name} failed {when} ({content['error']}): mend that and run it again")
            made = kind(**content)
            if not all(isinstance(content[key], TYPES[wanted]) for key, wanted in kind.__annotations__.items()):
                raise TypeError
            return made
        except (ValueError, TypeError) as error:
            said = line.strip()[:60]
            raise self._failure(f"answered {said!r} {when}, which is no {kind.__name__.lower()}") from error

    def _failure(self, what: str, cure: str = "mend that and run it again") -> ContenderFailed:
        """A failure after which it cannot be asked again."""
        self.broken = True
        return ContenderFailed(f"{self.name} {what}: {cure}")
