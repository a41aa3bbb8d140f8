"""A reader in its own process, so that starts are cold, memory is its own and backends stay apart."""

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from edge_ocr import errors
from edge_ocr.child import Child, ChildLost
from edge_ocr.errors import EdgeOcrError

ROOT = Path(__file__).resolve().parents[2]
"""Where the package edge_ocr is; children start there, so that they find the same one."""

CODE = """
import time
start = time.perf_counter()
from edge_ocr.bench.worker import main
main(time.perf_counter() - start)
"""


class ReaderChild:
    """`with ReaderChild(options, pictures) as child: child.ask(do="read", page=0)`; see `edge_ocr.bench.worker`."""

    def __init__(self, options: dict[str, Any], pictures: list[str]) -> None:
        """Start it and wait until it has read its first page.

        Args:
            options: what `Reader.load` takes.
            pictures: absolute paths.

        Raises:
            EdgeOcrError: whatever kept it from reading, or that it died.
        """
        self.backend = str(options.get("backend", "auto"))
        start = time.perf_counter()
        self._child = Child([sys.executable, "-c", CODE], folder=ROOT)
        try:
            self.facts = self._ask({"options": options, "pictures": pictures}, "while it started")
        except BaseException:
            self._child.kill()
            raise
        self.facts["process_s"] = time.perf_counter() - start
        self.backend = self.facts["backend"]

    def __enter__(self) -> "ReaderChild":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._child.__exit__(kind, error, at)

    def close(self) -> None:
        """End it."""
        self._child.close()

    def ask(self, **question: Any) -> Any:
        """Its answer; EdgeOcrError if it died or failed."""
        return self._ask(question, "while it was measured")

    def _ask(self, question: dict[str, Any], when: str) -> Any:
        try:
            answer = self._child.ask(question)
        except ChildLost as lost:
            raise EdgeOcrError(
                f"the reader with backend {self.backend} {lost} {when}: try `edge-ocr read` with the same --backend"
            ) from lost
        if isinstance(answer, dict) and "error" in answer:
            kind = getattr(errors, answer["error"], None)
            if kind is None:
                raise EdgeOcrError(f"the reader with backend {self.backend} failed {when}: {answer['message']}")
            raise kind(answer["message"])
        return answer
