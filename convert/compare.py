"""`python -m convert compare`: our reader beside RapidOCR on the same pictures: time, memory, size and errors.

Each reader is a process of its own and they take turns, so that what else the machine does hits both alike.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from convert.contender import (
    ROOT,
    ContenderFailed,
    Reading,
    Worker,
    install_rapidocr,
    our_command,
    rapidocr_command,
)
from convert.environment import last_line
from convert.metrics import loose_cer, strict_cer
from convert.spread import Spread
from edge_ocr.board import find_board
from edge_ocr.bundle import load_bundle
from edge_ocr.image import find_images, load_image

SAMPLE = "edge_ocr/samples/note.jpg"

WARM_UP = 2
"""Readings of each picture before any counts: RapidOCR's second is still slower than its third."""

IMPORTS = 5
"""Times that `import edge_ocr` is timed; the fastest counts, as the others waited for the disk or the processor."""

IMPORT_CODE = """
import time, sys
start = time.perf_counter()
import edge_ocr
print(time.perf_counter() - start, "tensorflow" in sys.modules)
"""

READ_CODE = """
import sys
from edge_ocr.cli import main
code = main()
from convert.page_worker import peak_mb
print(peak_mb())
sys.exit(code)
"""
"""What the script `edge-ocr` does, and then what it needed."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one reader needs and how well it reads, over all pictures."""

    name: str
    version: str
    cpu_ms: Spread
    """Processor time a picture, all threads, warm."""
    wall_ms: Spread
    """By the clock."""
    peak_mb: float
    """Most memory of the process that read all the pictures, in millions of bytes."""
    model_mb: float
    """Its networks' and language models' files."""
    loose: float | None
    """Character error rates, None when the pictures' texts are not known."""
    strict: float | None


@dataclass(frozen=True, slots=True)
class Footprint:
    """What the program `edge-ocr` needs."""

    read_peak_mb: float
    """Most memory of `edge-ocr read` with one picture, in millions of bytes."""
    import_s: float
    """`import edge_ocr` in a new Python."""
    tensorflow: bool
    """Whether that import loaded TensorFlow."""


def take_turns(workers: list[Worker], pictures: list[Path], rounds: int) -> list[list[list[Reading]]]:
    """Readings by worker, round and picture: each round, everyone reads all pictures, in an order that alternates."""
    for worker in workers:
        for picture in pictures * WARM_UP:
            worker.read(picture)
    readings: list[list[list[Reading]]] = [[] for _ in workers]
    for number in tqdm(range(rounds), desc="rounds", leave=False, disable=None):
        order = range(len(workers)) if number % 2 else reversed(range(len(workers)))
        for index in order:
            readings[index].append([workers[index].read(picture) for picture in pictures])
    return readings


def summarise(facts: dict[str, Any], rounds: list[list[Reading]], truths: list[str | None]) -> Result:
    """One reader's figures: times a picture by round, error rates of the last round where the text is known."""
    pairs = [(truth, reading.text) for truth, reading in zip(truths, rounds[-1], strict=True) if truth is not None]
    return Result(
        name=facts["name"],
        version=facts["version"],
        cpu_ms=Spread.of(_milliseconds(rounds, lambda reading: reading.cpu_s)),
        wall_ms=Spread.of(_milliseconds(rounds, lambda reading: reading.wall_s)),
        peak_mb=max(reading.peak_mb for row in rounds for reading in row),
        model_mb=facts["model_mb"],
        loose=loose_cer(pairs) if pairs else None,
        strict=strict_cer(pairs) if pairs else None,
    )


def _milliseconds(rounds: list[list[Reading]], seconds: Callable[[Reading], float]) -> list[float]:
    """A picture, of each round."""
    return [1e3 * sum(map(seconds, row)) / len(row) for row in rounds]


def cpu_ratio(ours: list[list[Reading]], theirs: list[list[Reading]]) -> Spread:
    """How many times our processor time the other reader takes, round by round."""
    pairs = zip(ours, theirs, strict=True)
    return Spread.of(sum(r.cpu_s for r in their) / sum(r.cpu_s for r in our) for our, their in pairs)


def known_text(picture: Path) -> str | None:
    """What stands in a picture, from the truth.json beside it (file name -> text)."""
    path = picture.with_name("truth.json")
    text = json.loads(path.read_text(encoding="utf-8")).get(picture.name) if path.exists() else None
    return None if text is None else str(text)


def footprint(bundle: Path, picture: Path) -> Footprint:
    """Memory of `edge-ocr read` and time of `import edge_ocr`, in processes of their own."""
    peak = _child(READ_CODE, "read", str(picture.resolve()), "--model", str(bundle.resolve()))
    imports = [_child(IMPORT_CODE).split() for _ in range(IMPORTS)]
    return Footprint(
        float(peak.splitlines()[-1]), min(float(row[0]) for row in imports), any(row[1] == "True" for row in imports)
    )


def _child(code: str, *arguments: str) -> str:
    """What a new Python prints that runs `code`; ContenderFailed when it fails."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        why = last_line(done.stderr) or f"exit code {done.returncode}"
        raise ContenderFailed(f"edge-ocr failed in a process of its own ({why}): mend that and run it again")
    return done.stdout


def print_table(results: list[Result], ratio: Spread, needs: Footprint) -> None:
    print(f"{'':17} {'processor ms a page':>22} {'clock ms':>9} {'memory':>8} {'models':>9} {'loose':>7} {'strict':>7}")
    for row in results:
        rates = " ".join("      -" if rate is None else f"{rate:7.2%}" for rate in (row.loose, row.strict))
        sizes = f"{row.peak_mb:5.0f} MB {row.model_mb:6.2f} MB"
        name = f"{row.name} {row.version}"
        print(f"{name:17} {row.cpu_ms.text(1):>22} {row.wall_ms.median:9.1f} {sizes} {rates}")
    print(f"RapidOCR takes {ratio.text(1)} times our processor time")
    print(f"`edge-ocr read` needs {needs.read_peak_mb:.1f} MB, `import edge_ocr` {needs.import_s:.2f} s", end="")
    print(" and loads TensorFlow" if needs.tensorflow else "")


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m convert compare",
        description="Read pictures with our reader and with RapidOCR 3.10 (which is installed into an environment of "
        "its own the first time), one thread each, taking turns. Error rates need a truth.json beside the pictures. "
        "`compare lines` is for the line model.",
    )
    parser.add_argument("images", nargs="*", metavar="IMAGE", default=[SAMPLE], help=f"default: {SAMPLE}")
    parser.add_argument("--model", type=Path, default=Path("models/characters"), help="our bundle, gets the report")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each reader (default: 9)")
    parser.add_argument("--rapidocr-python", type=Path, metavar="PYTHON", help="one that has RapidOCR already")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(argv)
    if options.rounds < 1:
        parser.error("--rounds is 1 or more")
    return options


def main(argv: list[str]) -> int:
    if argv[:1] == ["lines"]:
        from convert import compare_lines

        return compare_lines.main(argv[1:])
    options = parse(argv)
    bundle = load_bundle(options.model)
    pictures = find_images(options.images)
    for picture in pictures:
        load_image(picture)  # A wrong name is told before anything is installed.
    rival = rapidocr_command(options.rapidocr_python or install_rapidocr())
    with Worker("our reader", our_command(options.model)) as ours, Worker("RapidOCR", rival) as theirs:
        readings = take_turns([ours, theirs], pictures, options.rounds)
    truths = [known_text(picture) for picture in pictures]
    results = [summarise(w.facts, rounds, truths) for w, rounds in zip((ours, theirs), readings, strict=True)]
    ratio, needs = cpu_ratio(*readings), footprint(options.model, pictures[0])
    figures = {
        "sha256": bundle.sha256,
        "cpu": find_board().cpu,
        "pictures": [picture.name for picture in pictures],
        "rounds": options.rounds,
        "readers": [asdict(result) for result in results],
        "ratio": asdict(ratio),
        **asdict(needs),
    }
    content = json.dumps(figures, indent=1)
    report = options.model / "report"
    report.mkdir(exist_ok=True)
    (report / "compare.json").write_text(content + "\n")
    if options.json:
        print(content)
    else:
        print_table(results, ratio, needs)
    return 0
