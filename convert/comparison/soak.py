"""`python -m convert soak`: `edge-ocr live` at full speed for hours: does memory grow, is a text lost?

The command itself reads a looped film of several scenes, in a process of its own. A film drops no picture, so every
scene of every round must be in the output. Half an hour or more is entered into docs/figures.md.
"""

import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
from rapidfuzz.distance import Levenshtein
from tqdm import tqdm

from convert.evaluation.sections import FIGURES, fill_section
from convert.synthesis.desk_film import HEIGHT, RATE, WIDTH
from convert.synthesis.film import FILMS, shoot
from convert.templates import table
from edge_ocr.arguments import MINUTES, Parser
from edge_ocr.errors import CannotWrite, EdgeOcrError, ExitCode

SETTLED = 0.1
"""Part of the run before memory counts: caches and allocators fill first."""

SAMPLE_S = 2.0
"""Seconds between two looks at the process's memory."""

LIMIT_MB = 5.0
"""Allowed growth of resident memory."""


ENOUGH_MINUTES = 29.5
"""Only longer runs are entered into docs/figures.md."""


@dataclass(frozen=True, slots=True)
class Soak:
    """The figures of a run."""

    minutes: float
    pictures: int
    rounds: int
    """Complete passes of the film."""
    texts: int
    """Entries in the output file."""
    lost: int
    """Texts on stdout that the file lacks."""
    missing: int
    """Scenes of all rounds without an entry, as far as their order shows."""
    start_mb: float
    """Median resident memory of the first tenth after it settled."""
    end_mb: float
    """That of the last tenth."""

    @property
    def grown_mb(self) -> float:
        return self.end_mb - self.start_mb


def make_film(path: Path) -> int:
    """Write all scenes of FILMS one after another; returns the number of pictures."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (WIDTH, HEIGHT))
    if not writer.isOpened():
        raise CannotWrite(f"{path} cannot be written: expected an OpenCV with FFmpeg")
    count = 0
    for film in FILMS:
        for frame in shoot(film):
            writer.write(frame)
            count += 1
    writer.release()
    return count


def scene_of(text: str) -> int:
    """Number of the scene whose text is nearest."""
    distances = [Levenshtein.normalized_distance(text, "\n".join(film.lines)) for film in FILMS]
    return distances.index(min(distances))


def count_missing(scenes: list[int], rounds: int) -> int:
    """Scenes in `rounds` of the film that a sequence of entries, perhaps several for a scene, skips."""
    visits = [scene for number, scene in enumerate(scenes) if number == 0 or scene != scenes[number - 1]]
    skipped, expected = 0, 0
    for scene in visits:
        skipped += (scene - expected) % len(FILMS)
        expected = (scene + 1) % len(FILMS)
    return max(skipped, rounds * len(FILMS) - len(visits))


def resident_mb(process: int) -> float | None:
    """Resident memory of a process in millions of bytes; None if it has ended."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024 / 1e6
    return None


def watch(process: subprocess.Popen[str], seconds: float) -> list[float]:
    """Memory samples until the time is over; Ctrl-C ends it early."""
    samples: list[float] = []
    start = time.monotonic()
    with tqdm(total=round(seconds), unit="s", desc="soak") as bar:
        while (passed := time.monotonic() - start) < seconds and process.poll() is None:
            if (resident := resident_mb(process.pid)) is None:
                break
            samples.append(resident)
            bar.update(round(passed) - bar.n)
            bar.set_postfix_str(f"{samples[-1]:.1f} MB")
            try:
                time.sleep(SAMPLE_S)
            except KeyboardInterrupt:
                break
    return samples


def soak(minutes: float, folder: Path) -> Soak:
    """Run the command for a while. Raises EdgeOcrError if it ends by itself or with an error."""
    film, output = folder / "scenes.mp4", folder / "texts.jsonl"
    length = make_film(film)
    command = [sys.executable, "-m", "edge_ocr", "live", "--camera", str(film), "--loop", "--json"]
    command += ["--output", str(output)]
    start = time.monotonic()
    with (folder / "stdout").open("w") as out, (folder / "stderr").open("w") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, text=True, start_new_session=True)
        samples = watch(process, 60 * minutes)
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
    said = (folder / "stderr").read_text()
    if code != 0:
        raise EdgeOcrError(f"edge-ocr live ended with {code}: {said.strip().splitlines()[-1:]}")
    entries = output.read_text().splitlines()
    printed = (folder / "stdout").read_text().splitlines()
    settled = samples[int(SETTLED * len(samples)) :]
    tenth = max(1, len(settled) // 10)
    pictures = int(re.findall(r"(\d+) pictures", said)[-1])
    rounds = pictures // length
    scenes = [scene_of(json.loads(line)["text"]) for line in entries]
    return Soak(
        minutes=round((time.monotonic() - start) / 60, 2),
        pictures=pictures,
        rounds=rounds,
        texts=len(entries),
        lost=len(set(printed) - set(entries)),
        missing=count_missing(scenes, rounds),
        start_mb=round(statistics.median(settled[:tenth]), 2),
        end_mb=round(statistics.median(settled[-tenth:]), 2),
    )


def soak_table(result: Soak) -> str:
    """The figures beside their targets, in Markdown."""
    rows = [
        ("growth of memory", f"under {LIMIT_MB:.0f} MB", f"{result.grown_mb:.1f} MB"),
        ("texts on stdout that the output file lacks", "0", str(result.lost)),
        ("scenes that gave no text", "0", str(result.missing)),
    ]
    return table((f"{result.minutes:.0f} minutes, {result.pictures:,} pictures", "target", "measured"), rows)


def main(argv: list[str]) -> int:
    """Returns 1 if memory grew by more than LIMIT_MB, or a text or a scene is missing from the output."""
    parser = Parser(
        prog="python -m convert soak",
        description="Run `edge-ocr live` on a looped film at full speed; fails if memory grows or a text is missing.",
    )
    parser.add_argument("--minutes", type=MINUTES, default=30.0, help="length (default: 30)")
    parser.add_argument("--save", type=Path, help="write the figures to this JSON file")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        result = soak(options.minutes, Path(folder))
    for name, value in {**asdict(result), "grown_mb": round(result.grown_mb, 2)}.items():
        print(f"{name:<10} {value}")
    if result.minutes >= ENOUGH_MINUTES:
        fill_section(FIGURES, "soak", soak_table(result))
    if options.save:
        options.save.write_text(json.dumps(asdict(result), indent=1) + "\n")
    failed = result.lost + result.missing > 0 or result.grown_mb > LIMIT_MB
    return ExitCode.FAILED if failed else ExitCode.DONE
