"""A reader in its own process, asked line by line: `contenders.py KIND ARGUMENT...`, KIND being one of OPENERS.

It runs with the Python of the reader's environment, so it imports only the standard library before it knows the reader.
Its first line describes the reader: {"name", "version", "model_mb"}. Then it answers each line of stdin, the path of a
picture as a JSON string, with one line of JSON: {"text", "cpu_s", "wall_s", "peak_mb"}; or {"error"}.

Times are from the decoded picture to its text, in a warm process. Only Tesseract is a program that starts for each
picture, as people use it: its times include its start and the decoding, its memory is that program's.
"""

import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ONE_THREAD = {
    "Global.log_level": "error",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
"""RapidOCR with its defaults, but on one thread."""

QUICK = {"Global.use_cls": False, "Det.limit_type": "max", "Det.limit_side_len": 736}
"""Settings that make RapidOCR faster: no classifier for upside-down lines; larger pictures are reduced to 736 pixels
instead of smaller ones enlarged to it."""


class Contender(NamedTuple):
    """A reader: its description, picture's path -> its input, input -> text."""

    facts: dict[str, Any]
    load: Callable[[str], Any]
    read: Callable[[Any], str]


def open_edge_ocr(*bundles: str) -> Contender:
    """Our reader with a bundle of characters, or with that and one of lines, which is `auto`."""
    import cv2

    import edge_ocr
    from edge_ocr.model.bundle import load_bundle
    from edge_ocr.text.by_characters import CharacterRecogniser
    from edge_ocr.text.by_lines import LineRecogniser
    from edge_ocr.text.language import Language

    cv2.setNumThreads(1)
    language = Language.load()
    characters = CharacterRecogniser(load_bundle(bundles[0]), None, None, language, "auto")
    lines = LineRecogniser(load_bundle(bundles[1]), None, None, language, "auto") if bundles[1:] else None
    reader = edge_ocr.Reader(characters, lines, max_seconds=math.inf)
    return Contender(our_facts(bundles), edge_ocr.load_image, lambda frame: reader.read(frame).text)


def open_edge_ocr_line(bundle: str) -> Contender:
    """Our line recogniser on pictures of one line each: no layout."""
    import cv2

    import edge_ocr
    from edge_ocr.ink.binarization import find_ink
    from edge_ocr.model.bundle import load_bundle
    from edge_ocr.text.by_lines import LineRecogniser
    from edge_ocr.text.language import Language

    cv2.setNumThreads(1)
    recogniser = LineRecogniser(load_bundle(bundle), None, None, Language.load(), "auto")

    def read(frame: Any) -> str:
        ink = find_ink(frame)
        height, width = frame.image.shape[:2]
        return str(recogniser.read(ink.strength, (0, 0), ink.scale, width, height).line.text)

    return Contender(our_facts((bundle,)), edge_ocr.load_image, read)


def our_facts(bundles: tuple[str, ...]) -> dict[str, Any]:
    """The size includes the language tables, which others have inside their network."""
    import edge_ocr

    language = Path(edge_ocr.__file__).parent / "data" / "english.npz.xz"
    parts = [language, *(Path(bundle, "model.tflite") for bundle in bundles)]
    size = sum(path.stat().st_size for path in parts) / 1e6
    return {"name": "edge-ocr", "version": edge_ocr.__version__, "model_mb": size}


def open_rapidocr(settings: str = "") -> Contender:
    """RapidOCR with the networks of its package, with its defaults or "quick"."""
    import cv2

    engine = rapidocr({**ONE_THREAD, **(QUICK if settings == "quick" else {})})
    parts = engine.cfg.Det, engine.cfg.Rec, *((engine.cfg.Cls,) if engine.cfg.Global.use_cls else ())
    return Contender(rapidocr_facts(engine, parts), cv2.imread, lambda image: "\n".join(engine(image).txts or ()))


def open_rapidocr_line() -> Contender:
    """RapidOCR's recogniser only, on pictures of one line each."""
    import cv2

    engine = rapidocr(ONE_THREAD)

    def read(image: Any) -> str:
        return "".join(engine(image, use_det=False, use_cls=False).txts or ())

    return Contender(rapidocr_facts(engine, (engine.cfg.Rec,)), cv2.imread, read)


def rapidocr(settings: dict[str, Any]) -> Any:
    """The engine, which loads its networks at the first reading."""
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(params=settings)


def rapidocr_facts(engine: Any, parts: tuple[Any, ...]) -> dict[str, Any]:
    """The size is that of the networks in `parts`."""
    from importlib.metadata import version

    folder = Path(engine.cfg.Global.model_root_dir)
    files = [path for part in parts for path in folder.glob(f"*_{part.task_type.value}_{part.model_type.value}.onnx")]
    size = sum(path.stat().st_size for path in files) / 1e6
    return {"name": "RapidOCR", "version": version("rapidocr"), "model_mb": size}


def open_tesseract(program: str, mode: str, tessdata: str = "") -> Contender:
    """Tesseract for English with a page segmentation mode, with the models of a folder or its default ones."""
    import subprocess

    where = ["--tessdata-dir", tessdata] if tessdata else []

    def run(*arguments: str) -> str:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise RuntimeError(done.stderr.strip() or f"exit code {done.returncode}")
        return done.stdout

    folder = tessdata or run("--list-langs").partition('"')[2].partition('"')[0]
    size = Path(folder, "eng.traineddata").stat().st_size / 1e6
    facts = {"name": "Tesseract", "version": run("--version").split()[1], "model_mb": size}
    return Contender(facts, str, lambda path: run(path, "stdout", *where, "-l", "eng", "--psm", mode))


OPENERS: dict[str, Callable[..., Contender]] = {
    "edge-ocr": open_edge_ocr,
    "rapidocr": open_rapidocr,
    "edge-ocr-line": open_edge_ocr_line,
    "rapidocr-line": open_rapidocr_line,
    "tesseract": open_tesseract,
}


def children() -> tuple[float, float]:
    """The needs of the child processes: processor seconds of all, megabytes of the largest."""
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def peak_mb() -> float:
    """Peak memory of this process in millions of bytes, as the kernel counts it, if it does.

    `ru_maxrss` alone is wrong: on Linux a child inherits its parent's value.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6
    except (OSError, StopIteration):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def timed(contender: Contender, path: str) -> dict[str, Any]:
    """Read a picture: text, processor seconds of all threads and programs, wall seconds, peak memory."""
    picture = contender.load(path)
    wall, cpu = time.perf_counter(), time.process_time() + children()[0]
    text = contender.read(picture)
    cpu_s, wall_s = time.process_time() + children()[0] - cpu, time.perf_counter() - wall
    return {"text": text, "cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": max(peak_mb(), children()[1])}


def answers(arguments: list[str], questions: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Description of the reader named by `arguments`, then its answer to each question; errors as {"error": ...}."""
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
    os.dup2(2, 1)  # Output of libraries must not mix with the answers.
    for answer in answers(arguments, sys.stdin):
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
