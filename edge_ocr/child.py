"""A program in a process of its own, asked in lines of JSON: it may crash, hang or be killed without harm to us.

One line in, one line out. The child's first line says that it is ready; what it writes to stderr is kept as the reason
of its death. `answer_all` is the child's half, for programs of ours.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

PATIENCE = 10
"""Seconds for a child to end once it is asked to."""


class ChildLost(Exception):
    """A child that cannot be asked any more: "died with exit code 1 (out of memory)", "gave no answer within 9 s"."""

    def __init__(self, what: str, code: int | None = None, said: str = "") -> None:
        """
        Args:
            what: happened, to stand behind the child's name.
            code: of one that died: its exit code, negative for the signal that killed it.
            said: of one that died: the last line that it wrote to stderr, without its full stop.
        """
        super().__init__(what)
        self.code, self.said = code, said


class Child:
    """`with Child(command) as child: child.ask({"do": "read"})`; leaving ends it, and what it started itself."""

    def __init__(self, command: Sequence[str], *, folder: Path, surroundings: Mapping[str, str] | None = None) -> None:
        """Start it, in a session of its own: Ctrl-C is for us, and its own children can be ended with it.

        Args:
            command: what runs.
            folder: where it runs.
            surroundings: environment variables that it gets beside ours.

        Raises:
            OSError: the program cannot be run.
        """
        self.lost = False
        """Whether it cannot be asked any more."""
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the child)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        started: Future[subprocess.Popen[str]] = Future()
        environment = {**os.environ, **(surroundings or {})}
        self._listener = threading.Thread(
            target=self._start_and_listen, args=(command, folder, environment, started), daemon=True
        )
        try:
            self._listener.start()
            self._process = started.result()
        except OSError:
            self._complaints.close()
            raise
        except KeyboardInterrupt:
            self._process = started.result(PATIENCE)
            self.kill()
            raise

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close() if kind is None else self.kill()

    @property
    def code(self) -> int | None:
        """Its exit code; None while it lives."""
        return self._process.poll()

    def ask(self, question: Any, timeout: float | None = None) -> Any:
        """Its answer to a question, both as JSON has them; raises as `answer` does."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # It died: why is found where its answer is missing.
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        return self.answer(timeout)

    def answer(self, timeout: float | None = None) -> Any:
        """What it says next, waited for `timeout` seconds, or for ever; ChildLost if it died, hung or says no JSON."""
        try:
            line = self._lines.get(timeout=timeout)
            if line:
                return json.loads(line)
        except queue.Empty:
            raise self._lost(f"gave no answer within {timeout:g} s") from None
        except ValueError:
            raise self._lost(f"answered {line.strip()[:60]!r}, which is no JSON,") from None
        self._lines.put("")  # For whoever asks again.
        code, said = self._process.wait(), self._last_words()
        raise self._lost(f"died with exit code {code} ({said or 'it said nothing'})", code, said)

    def close(self) -> None:
        """Let it end: it is asked first, unless it is lost."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        if not self.lost:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)
        self.kill()

    def kill(self) -> None:
        """End it and what it started at once."""
        assert self._process.stdin is not None and self._process.stdout is not None
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        with suppress(OSError):
            self._process.stdin.close()
        self._listener.join(PATIENCE)
        if not self._listener.is_alive():
            self._process.stdout.close()
        self._complaints.close()

    def _start_and_listen(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        started: "Future[subprocess.Popen[str]]",
    ) -> None:
        """Start the process, hand on what it says, and "" when it will say no more.

        In a thread, which Ctrl-C does not interrupt: inside of `Popen` that would leave an unknown process.
        """
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, text=True, errors="replace", start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints,
            )  # fmt: skip
        except OSError as error:
            started.set_exception(error)
            return
        started.set_result(process)
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _lost(self, what: str, code: int | None = None, said: str = "") -> ChildLost:
        self.lost = True
        return ChildLost(what, code, said)

    def _last_words(self) -> str:
        self._complaints.seek(0)
        return last_line(self._complaints.read().decode(errors="replace"))


def last_line(text: str) -> str:
    """The last line that holds anything, without its full stop."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else ""


def answer_all(answers: Callable[[Iterable[str]], Iterator[Any]]) -> None:
    """The child's half: give each line of stdin to `answers`, and print what it yields, until stdin ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What a library prints must not stand between the answers.
    for answer in answers(sys.stdin):
        print(json.dumps(answer), file=out, flush=True)
