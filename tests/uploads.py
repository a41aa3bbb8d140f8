"""`python -m tests.uploads --count 64`: so many uploads at once to the FastAPI example of docs/python.md.

The example runs in a process of its own, started as its reader starts it. Each answer must hold its own picture's text.
"""

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.documented import PROGRAMS, texts_of, write_pictures
from tests.live.test_capture import wait_for
from tests.places import ROOT

START_S, ANSWER_S = 60.0, 300.0
"""Seconds that the server may take to start, and for an answer."""


def answers(post: Callable[..., Any], pictures: list[Path], count: int) -> list[Any]:
    """The answers to `count` uploads at the same time, of the pictures in turn; `post` is a client's."""

    def upload(number: int) -> Any:
        path = pictures[number % len(pictures)]
        return post("/read", files={"picture": (path.name, path.read_bytes())})

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(upload, range(count)))


def is_right(answer: Any, text: str) -> bool:
    """Whether this is the picture's text, all of it."""
    return answer.status_code == 200 and answer.json()["text"] == text and not answer.json()["partial"]


@contextmanager
def served(folder: Path) -> Iterator[httpx.Client]:
    """A client of the example, which runs meanwhile."""
    (folder / "server.py").write_text(PROGRAMS["server.py"], encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(folder), "--port", str(port), "server:app"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=ANSWER_S) as client:
            if not wait_for(lambda: _is_up(client), START_S):
                raise SystemExit("the server of docs/python.md does not start: pip install uvicorn, or see it by hand")
            yield client
    finally:
        process.terminate()
        process.wait(START_S)


def _is_up(client: httpx.Client) -> bool:
    try:
        return client.get("/openapi.json").is_success
    except httpx.TransportError:
        return False


def main() -> int:
    """Returns 0 if every answer was right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=64, help="uploads at the same time (64)")
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        pictures = write_pictures(folder)
        texts = texts_of(pictures)
        with served(folder) as client:
            began = time.monotonic()
            found = answers(client.post, pictures, count)
            seconds = time.monotonic() - began
    right = sum(is_right(answer, texts[number % len(texts)]) for number, answer in enumerate(found))
    print(f"{count} uploads at once: {right} right answers in {seconds:.1f} s")
    return right < count


if __name__ == "__main__":
    sys.exit(main())
