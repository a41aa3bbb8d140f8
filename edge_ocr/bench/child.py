"""A reader in a process of its own, so that cold starts are cold, memory is its own and backends stay apart."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from edge_ocr import errors
from edge_ocr.errors import EdgeOcrError

ROOT = Path(__file__).resolve().parents[2]
"""Where the package edge_ocr lies; children start there, so that they find the same one."""

CODE = """
import time
start = time.perf_counter()
from edge_ocr.bench.worker import main
main(time.perf_counter() - start)
"""

PATIENCE = 10
"""Seconds for a child to end once it was told to."""


@contextmanager
def _later_interrupt() -> Iterator[Callable[[], None]]:
    """Hold Ctrl-C back until the yielded function is called: inside of `Popen` it would leave an unknown process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def come() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        yield come
    finally:
        come()


class Child:
    """`with Child(options, pictures) as child: child.ask(do="read", page=0)`; see `edge_ocr.bench.worker`."""

    def __init__(self, options: dict[str, Any], pictures: list[str]) -> None:
        """Start it and wait until it has read its first page.

        Args:
            options: what `Reader.load` takes.
            pictures: absolute paths.

        Raises:
            EdgeOcrError: whatever kept it from reading, or that it died.
        """
        self.backend = str(options.get("backend", "auto"))
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the child)
        start = time.perf_counter()
        with _later_interrupt() as come:
            self._process = self._start()
            try:
                come()
                self.facts = self._ask({"options": options, "pictures": pictures}, "while it started")
            except BaseException:
                self._kill()
                raise
        self.facts["process_s"] = time.perf_counter() - start
        self.backend = self.facts["backend"]

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", CODE],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self._kill()

    def ask(self, **question: Any) -> Any:
        """Its answer; EdgeOcrError when it died or could not."""
        return self._ask(question, "while it was measured")

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        self._kill()

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]

    def _ask(self, question: dict[str, Any], when: str) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):  # It died: why is found where its answer is missing.
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            self._complaints.seek(0)
            said = self._complaints.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
            raise EdgeOcrError(
                f"the reader with backend {self.backend} died {when} (exit code {code}, {said[-1].rstrip('.')}): "
                "try `edge-ocr read` with the same --backend"
            )
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            kind = getattr(errors, answer["error"], None)
            if kind is None:
                raise EdgeOcrError(f"the reader with backend {self.backend} failed {when}: {answer['message']}")
            raise kind(answer["message"])
        return answer
