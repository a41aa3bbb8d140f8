"""A reader in a child process (`contenders`), asked picture by picture; failures are reported."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.paths import ROOT
from edge_ocr.child import Child, ChildLost
from edge_ocr.errors import EdgeOcrError, ExitCode

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
"""Environment for one thread in libraries and programs."""

START_TIMEOUT = 300.0
"""Longest start of a reader in seconds: it may load from a cold disk."""

READ_TIMEOUT = 120.0
"""Longest time for one picture, in seconds."""

CURE = "fix that and run it again"

TYPES: dict[type, type | tuple[type, ...]] = {str: str, float: (int, float)}
"""Type of a record's field -> what JSON may hold there."""


class ContenderFailed(EdgeOcrError, RuntimeError):
    """A reader in a child process died, hung, gave a wrong answer, or could not read."""

    exit_code = ExitCode.CONTENDER_FAILED


@dataclass(frozen=True, slots=True)
class Facts:
    """A reader's description of itself."""

    name: str
    version: str
    model_mb: float
    """Its networks and language models on disk, in millions of bytes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One picture read once; convert/comparison/contenders.py says what the times include."""

    text: str
    cpu_s: float
    """Processor time of all threads."""
    wall_s: float
    """Wall time."""
    peak_mb: float
    """Peak memory of the process until now, in millions of bytes."""


class Worker:
    """A reader in a child process: `with Worker("RapidOCR", command) as worker: worker.read(path)`."""

    def __init__(self, name: str, command: list[str], timeout: float = READ_TIMEOUT) -> None:
        """Start it and wait until it is ready; each reading may then take `timeout` seconds.

        Raises:
            ContenderFailed: it cannot start, died, hangs, or reports an error.
        """
        self.name, self.timeout = name, timeout
        try:
            self.child = Child(command, folder=ROOT, surroundings=ONE_THREAD)
        except OSError as error:
            raise ContenderFailed(f"{name} cannot be started: {command[0]} cannot be run ({error.strerror})") from error
        try:
            self.facts: Facts = self._answer(Facts, "while it started", max(timeout, START_TIMEOUT))
        except BaseException:
            self.child.kill()
            raise

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *error: object) -> None:
        self.child.close()

    @property
    def broken(self) -> bool:
        """Whether it is unusable: dead, hanging, or its answers out of step with the questions."""
        return self.child.lost

    def read(self, picture: Path) -> Reading:
        """Read one picture; ContenderFailed if the reader died, hung, or refused it."""
        reading: Reading = self._answer(Reading, f"at {picture.name}", self.timeout, str(picture.resolve()))
        return reading

    def _answer(self, kind: type, when: str, timeout: float, question: str | None = None) -> Any:
        """The child's answer to a question, or what it says unasked, as a `kind`."""
        try:
            content = self.child.answer(timeout) if question is None else self.child.ask(question, timeout)
        except ChildLost as lost:
            raise ContenderFailed(f"{self.name} {lost} {when}: {CURE}") from lost
        if isinstance(content, dict) and "error" in content:
            raise ContenderFailed(f"{self.name} failed {when} ({content['error']}): {CURE}")
        with suppress(TypeError, KeyError):
            if all(isinstance(content[name], TYPES[wanted]) for name, wanted in kind.__annotations__.items()):
                return kind(**content)
        self.child.lost = True  # The next line may be the answer to this question.
        said = json.dumps(content)[:60]
        raise ContenderFailed(f"{self.name} answered {said!r}, which is no {kind.__name__.lower()}, {when}: {CURE}")
