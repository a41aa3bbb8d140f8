"""`python -m convert compare lines`: our line model beside RapidOCR's recogniser on the same lines of unseen writers.

Both get pictures of one line each and no detection runs, so that each is judged by its reading alone. They take turns,
a line each, so that what else the machine does hits both alike.
"""

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
from tqdm import tqdm

from convert.contender import Reading, Worker, install_rapidocr, our_command, rapidocr_command
from convert.linesets import LineSet, line_sets
from convert.metrics import loose_cer, strict_cer

WARM_UP = 5
"""Lines read before any counts."""


@dataclass(frozen=True, slots=True)
class LineResult:
    """One reader on one set."""

    reader: str
    name: str
    lines: int
    loose: float
    strict: float
    cpu_ms: float
    """Processor time a line, all threads, warm."""
    peak_mb: float
    model_mb: float


def take_turns(workers: list[Worker], pictures: list[Path], name: str) -> list[list[Reading]]:
    """Every reader's reading of every picture."""
    for picture in pictures[:WARM_UP]:
        for worker in workers:
            worker.read(picture)
    readings: list[list[Reading]] = [[] for _ in workers]
    for picture in tqdm(pictures, desc=name, unit="line"):
        for worker, found in zip(workers, readings, strict=True):
            found.append(worker.read(picture))
    return readings


def compare_set(line_set: LineSet, workers: list[Worker], folder: Path) -> list[LineResult]:
    """All readers on one set."""
    pictures = []
    for number, frame in enumerate(line_set.frames):
        pictures.append(folder / f"{line_set.name.replace(' ', '-')}-{number}.png")
        cv2.imwrite(str(pictures[-1]), frame.image)
    results = []
    for worker, readings in zip(workers, take_turns(workers, pictures, line_set.name), strict=True):
        pairs = list(zip(line_set.texts, (reading.text for reading in readings), strict=True))
        cpu_ms = 1e3 * sum(reading.cpu_s for reading in readings) / len(readings)
        peak = max(reading.peak_mb for reading in readings)
        label = f"{worker.facts['name']} {worker.facts['version']}"
        results.append(
            LineResult(
                label, line_set.name, len(pairs), loose_cer(pairs), strict_cer(pairs), cpu_ms, peak,
                worker.facts["model_mb"],
            )
        )  # fmt: skip
    return results


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m convert compare lines",
        description="Read words and lines of unseen writers with our line model and with RapidOCR's recogniser, one "
        "thread each, taking turns.",
    )
    parser.add_argument("--model", type=Path, default=Path("models/lines"), help="our bundle, gets the report")
    parser.add_argument("--most", type=int, default=400, help="lines of each set (default: 400)")
    parser.add_argument("--rapidocr-python", type=Path, metavar="PYTHON", help="one that has RapidOCR already")
    options = parser.parse_args(argv)
    rival = rapidocr_command(options.rapidocr_python or install_rapidocr(), "rapidocr-line")
    results: list[LineResult] = []
    with (
        Worker("our reader", our_command(options.model, "edge-ocr-line")) as ours,
        Worker("RapidOCR", rival) as theirs,
        tempfile.TemporaryDirectory() as folder,
    ):
        for line_set in line_sets(options.most):
            results += compare_set(line_set, [ours, theirs], Path(folder))
    for row in results:
        print(
            f"{row.name:16} {row.reader:17} loose {row.loose:7.2%} strict {row.strict:7.2%} "
            f"{row.cpu_ms:6.1f} ms a line, {row.peak_mb:4.0f} MB, model {row.model_mb:5.2f} MB"
        )
    report = options.model / "report"
    report.mkdir(exist_ok=True)
    (report / "compare.json").write_text(json.dumps([asdict(row) for row in results], indent=1) + "\n")
    return 0
