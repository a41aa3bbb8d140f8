"""A reader in its own process, asked line by line: `contenders.py KIND ARGUMENT...`, KIND being one of OPENERS.

It runs with the Python of the reader's environment, so these modules import only the standard library until a reader is
opened. Its first line describes the reader: {"name", "version", "model_mb"}. Then it answers each line of stdin, the
path of a picture as a JSON string, with one line of JSON: {"text", "cpu_s", "wall_s", "peak_mb"}; or {"error"}.

Times are from the decoded picture to its text, in a warm process. Only Tesseract is a program that starts for each
picture, as people use it: its times include its start and the decoding, its memory is that program's.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from convert.comparison.onnxocr import open_tiny, open_tiny_line
from convert.comparison.ours import open_edge_ocr, open_edge_ocr_line
from convert.comparison.rapidocr import open_rapidocr, open_rapidocr_line
from convert.comparison.reader import OpenReader
from convert.comparison.tesseract import open_tesseract
from convert.comparison.usage import children, peak_mb
from edge_ocr.child import answer_all

OPENERS: dict[str, Callable[..., OpenReader]] = {
    "edge-ocr": open_edge_ocr,
    "rapidocr": open_rapidocr,
    "edge-ocr-line": open_edge_ocr_line,
    "rapidocr-line": open_rapidocr_line,
    "tiny": open_tiny,
    "tiny-line": open_tiny_line,
    "tesseract": open_tesseract,
}


def timed(reader: OpenReader, path: str) -> dict[str, Any]:
    """Read a picture: text, processor seconds of all threads and programs, wall seconds, peak memory."""
    picture = reader.load(path)
    wall, cpu = time.perf_counter(), time.process_time() + children()[0]
    text = reader.read(picture)
    cpu_s, wall_s = time.process_time() + children()[0] - cpu, time.perf_counter() - wall
    return {"text": text, "cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": max(peak_mb(), children()[1])}


def answers(arguments: list[str], questions: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Description of the reader named by `arguments`, then its answer to each question; errors as {"error": ...}."""
    try:
        reader = OPENERS[arguments[0]](*arguments[1:])
    except Exception as error:
        yield failure(error)
        return
    yield reader.facts
    for question in questions:
        try:
            answer = timed(reader, json.loads(question))
        except Exception as error:
            answer = failure(error)
        yield answer


def failure(error: Exception) -> dict[str, Any]:
    """An error as an answer, in one line."""
    return {"error": " ".join(f"{type(error).__name__}: {error}".split())}


def main(arguments: list[str]) -> None:
    """Answer until stdin ends."""
    answer_all(partial(answers, arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
