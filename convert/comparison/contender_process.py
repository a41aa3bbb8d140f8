"""A reader in a child process (`contenders`), asked picture by picture; failures are reported."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.paths import ROOT
from edge_ocr.child import Child, ChildDied, ChildGarbled, ChildHung
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
            start = max(timeout, START_TIMEOUT)
            self.facts: Facts = self._answer(Facts, lambda: self.child.answer(start), "while it started", start)
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
        question = str(picture.resolve())
        reading: Reading = self._answer(
            Reading, lambda: self.child.ask(question, self.timeout), f"at {picture.name}", self.timeout
        )
        return reading

    def _answer(self, kind: type, ask: Callable[[], Any], when: str, timeout: float) -> Any:
        """The child's answer, as a `kind`."""
        try:
            content = ask()
        except ChildHung as hung:
            raise ContenderFailed(
                f"{self.name} gave no answer {when} within {timeout:g} s: run it alone on that"
            ) from hung
        except ChildDied as died:
            why = died.said or "it said nothing"
            raise ContenderFailed(f"{self.name} died {when} with exit code {died.code} ({why}): {CURE}") from died
        except ChildGarbled as garbled:
            raise self._rubbish(garbled.line, when, kind) from garbled
        if isinstance(content, dict) and "error" in content:
            raise ContenderFailed(f"{self.name} failed {when} ({content['error']}): {CURE}")
        wanted = kind.__annotations__
        if (
            not isinstance(content, dict)
            or content.keys() != wanted.keys()
            or not all(isinstance(content[key], TYPES[wanted[key]]) for key in wanted)
        ):
            self.child.lost = True
            raise self._rubbish(json.dumps(content), when, kind)
        return kind(**content)

    def _rubbish(self, said: str, when: str, kind: type) -> ContenderFailed:
        return ContenderFailed(
            f"{self.name} answered {said[:60]!r} {when}, which is no {kind.__name__.lower()}: {CURE}"
        )
