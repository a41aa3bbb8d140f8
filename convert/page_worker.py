"""A reader in a process of its own, asked line by line: `page_worker.py edge-ocr BUNDLE` or `page_worker.py rapidocr`.

Runs with the Python of the reader's own environment, so nothing but the standard library is imported before the reader
is chosen. It first says who it is: {"name", "version", "model_mb"}. Then it answers each line of stdin, the path of a
picture as a JSON string, with one line of JSON: {"text", "cpu_s", "wall_s", "peak_mb"}; {"error"} where that failed.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

RAPIDOCR_SETTINGS = {
    "Global.use_cls": False,
    "Global.log_level": "error",
    "Det.limit_type": "max",
    "Det.limit_side_len": 736,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
"""Its defaults, but on one thread, without the classifier that looks for lines standing on their head, and with larger
pictures reduced to 736 pixels instead of smaller ones enlarged to it: all but the first make it faster."""


class Contender(NamedTuple):
    """A reader that is ready: who it is, picture's path -> what it reads from, that -> text."""

    facts: dict[str, Any]
    load: Callable[[str], Any]
    read: Callable[[Any], str]
    engine: Any = None
    """What reads, for those who want to ask it otherwise."""


def open_edge_ocr(bundle: str) -> Contender:
    """Our reader. The size is of the network and of the language model, which others have inside their network."""
    import cv2

    import edge_ocr

    cv2.setNumThreads(1)
    reader = edge_ocr.Reader.load(bundle)
    parts = Path(bundle, "model.tflite"), Path(edge_ocr.__file__).parent / "data" / "english.npz"
    size = sum(path.stat().st_size for path in parts) / 1e6
    facts = {"name": "edge-ocr", "version": edge_ocr.__version__, "model_mb": size}
    return Contender(facts, edge_ocr.load_image, lambda frame: reader.read(frame).text)


def open_edge_ocr_line(bundle: str) -> Contender:
    """Our line recogniser on pictures of one line each: no layout."""
    import cv2

    import edge_ocr
    from edge_ocr.bundle import load_bundle
    from edge_ocr.by_lines import LineRecogniser
    from edge_ocr.ink import find_ink
    from edge_ocr.language import Language

    cv2.setNumThreads(1)
    recogniser = LineRecogniser(load_bundle(bundle), None, None, Language.load(), "auto")
    size = Path(bundle, "model.tflite").stat().st_size / 1e6

    def read(frame: Any) -> str:
        ink = find_ink(frame)
        height, width = frame.image.shape[:2]
        return str(recogniser.read(ink.strength, (0, 0), ink.scale, width, height).line.text)

    return Contender({"name": "edge-ocr", "version": edge_ocr.__version__, "model_mb": size}, edge_ocr.load_image, read)


def open_rapidocr_line() -> Contender:
    """RapidOCR's recognition alone, on pictures of one line each: no detection."""
    contender = open_rapidocr()
    engine = contender.engine
    facts = {**contender.facts, "model_mb": model_mb(engine, (engine.cfg.Rec,))}
    return contender._replace(
        facts=facts, read=lambda image: "".join(engine(image, use_det=False, use_cls=False).txts or ())
    )


def model_mb(engine: Any, parts: tuple[Any, ...]) -> float:
    """Size of some of RapidOCR's networks in millions of bytes."""
    names = [f"{part.ocr_version.value}_{part.task_type.value}_{part.model_type.value}.onnx" for part in parts]
    return sum(Path(engine.cfg.Global.model_root_dir, name).stat().st_size for name in names) / 1e6


def open_rapidocr() -> Contender:
    """RapidOCR with the networks that its package brings."""
    from importlib.metadata import version

    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    engine = RapidOCR(params=RAPIDOCR_SETTINGS)  # Loads its networks at the first reading.
    size = model_mb(engine, (engine.cfg.Det, engine.cfg.Rec))
    facts = {"name": "RapidOCR", "version": version("rapidocr"), "model_mb": size}
    return Contender(facts, cv2.imread, lambda image: "\n".join(engine(image).txts or ()), engine)


OPENERS = {
    "edge-ocr": open_edge_ocr,
    "rapidocr": open_rapidocr,
    "edge-ocr-line": open_edge_ocr_line,
    "rapidocr-line": open_rapidocr_line,
}


def peak_mb() -> float:
    """Most memory that this process ever held, in millions of bytes, by the kernel's count where it keeps one.

    `ru_maxrss` alone would not do: on Linux a child begins with its parent's.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6
    except (OSError, StopIteration):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def timed(contender: Contender, path: str) -> dict[str, Any]:
    """Read a picture. The times are from decoded picture to text: processor seconds of all threads, and the clock's."""
    picture = contender.load(path)
    wall, cpu = time.perf_counter(), time.process_time()
    text = contender.read(picture)
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - wall
    return {"text": text, "cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": peak_mb()}


def answers(arguments: list[str], questions: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Who the reader named by `arguments` is, then what it reads for each question; errors as {"error": ...}."""
    try:
        contender = OPENERS[arguments[0]](*arguments[1:])
    except Exception as error:
        yield failure(error)
        return
    yield contender.facts
    for question in questions:
        try:
            answer = timed(contender, json.loads(question))
        except Exception as error:
            answer = failure(error)
        yield answer


def failure(error: Exception) -> dict[str, Any]:
    """An error as an answer, in one line."""
    return {"error": " ".join(f"{type(error).__name__}: {error}".split())}


def main(arguments: list[str]) -> None:
    """Answer until stdin ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What a library prints must not stand between the answers.
    for answer in answers(arguments, sys.stdin):
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
