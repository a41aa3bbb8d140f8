"""A Reader in other programs: from threads, after fork, pickled to workers, and called wrongly."""

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_ocr import EdgeOcrError, Frame, Reader
from tests.places import ROOT, TINY
from tests.scenes import photograph, write

TEXTS = ("A1BO", "BOB A1", "1A", "OB1")


def frames() -> list[Frame]:
    return [photograph(write(text, size=(260, 120), capital=48, pen=6).ink) for text in TEXTS]


@pytest.mark.parametrize("how", [{"recogniser": "characters"}, {}], ids=["tiny model", "bundled models"])
def test_threads_may_share_a_reader(how: dict[str, str]) -> None:
    """Of parallel uploads to a web service nearly all would fail, or get another one's text."""
    reader = Reader.load(*([TINY] if how else []), **how)  # type: ignore[arg-type]
    pictures = frames()
    alone = [reader.read(picture).text for picture in pictures]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda number: reader.read(pictures[number % 4]).text, range(32)))
    assert together == alone * 8


def test_readings_that_wait_for_others_lose_no_time() -> None:
    """Of many uploads at once, the last would get nothing but the note that their time was over."""
    reader = Reader.load(TINY, max_seconds=1000.0)
    pictures, inside, most, upright = frames(), 0, 0, reader._upright
    alone = [reader.read(picture).text for picture in pictures]

    def counted(*given: Any) -> Any:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        try:
            return upright(*given)
        finally:
            inside -= 1

    reader._upright = counted  # type: ignore[method-assign]
    with ThreadPoolExecutor(16) as threads:
        texts = list(threads.map(lambda number: reader.read(pictures[number % 4]).text, range(64)))
    assert texts == alone * 16 and most <= (os.cpu_count() or 1)


def test_a_reader_can_be_pickled_to_workers() -> None:
    """multiprocessing would end in an error about an interpreter that cannot be pickled."""
    reader = Reader.load(pattern=r"[AB1O ]+", language="none")
    again = pickle.loads(pickle.dumps(reader))
    for frame in frames():
        assert again.read(frame) == reader.read(frame)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_reader_works_on_after_fork(tmp_path: Path) -> None:
    """A web server that loads first and forks its workers then would have them hang, or crash."""
    cv2.imwrite(str(tmp_path / "note.png"), frames()[0].image)
    program = f"""
import os, threading
from edge_ocr import Reader, load_image
reader, frame = Reader.load({str(TINY)!r}), load_image({str(tmp_path / "note.png")!r})
text, stop = reader.read(frame).text, threading.Event()
def read():
    while not stop.is_set(): assert reader.read(frame).text == text
threads = [threading.Thread(target=read)]
for thread in threads: thread.start()
codes = []
for _ in range(2):
    child = os.fork()
    if not child:
        os._exit(0 if reader.read({str(tmp_path / "note.png")!r}).text == text else 1)
    codes.append(os.waitpid(child, 0)[1])
stop.set()
for thread in threads: thread.join()
print(codes)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore:.*fork.*:DeprecationWarning", "-c", program],
        capture_output=True, text=True, timeout=120, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout == f"{[0] * 2}\n" and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"model": 5}, "model is 5: expected the folder"),
        ({"tuned": b"x"}, "tuned is b'x': expected the folder"),
        ({"charset": ["0-9"]}, "charset is"),
        ({"pattern": 7}, "pattern is 7: expected a regular expression"),
        ({"pattern_in": 7}, "pattern_in is 7"),
        ({"recogniser": None}, "recogniser is None"),
        ({"language": None}, "language is None"),
        ({"backend": 1}, "backend is 1"),
        ({"find": True}, "find is True"),
        ({"min_confidence": "high"}, "min_confidence is 'high': expected a number"),
        ({"min_confidence": 2}, "min_confidence is 2: expected a confidence from 0 to 1"),
        ({"max_seconds": "10"}, "max_seconds is '10'"),
        ({"max_seconds": float("nan")}, "max_seconds is nan"),
        ({"turn": "90"}, "turn is '90': expected degrees"),
        ({"turn": float("inf")}, "turn is inf"),
    ],
    ids=str,
)
def test_wrong_wishes_are_named(wrong: dict[str, object], words: str) -> None:
    """A wrong argument would end in a traceback from deep within."""
    with pytest.raises(EdgeOcrError, match=words):
        Reader.load(**wrong)  # type: ignore[arg-type]


def test_read_takes_whatever_a_picture_is_in(tmp_path: Path) -> None:
    """Users would first have to find out how to make a Frame."""
    reader, frame = Reader.load(TINY), frames()[0]
    cv2.imwrite(str(tmp_path / "note.png"), frame.image)
    for picture in (frame, frame.image, tmp_path / "note.png", (tmp_path / "note.png").read_bytes()):
        assert reader.read(picture).text == TEXTS[0]
    for wrong in (None, 3, Frame(None), np.zeros((3, 40, 60), np.uint8)):  # type: ignore[arg-type]
        with pytest.raises(EdgeOcrError):
            reader.read(wrong)
