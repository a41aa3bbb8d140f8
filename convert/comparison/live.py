"""`python -m convert measure-live`: how fast the live loop is, what a still scene costs, what voting gains.

One thread, processor time, on films that `python -m convert film` makes. Writes the `live` section of docs/figures.md.
With --case-films: how soon a note is given out and reported gone, by the films' own time; the `live-films` section.
"""

import json
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.comparison.case_films import case_table, figures_of, films_folder, watch_all
from convert.comparison.roll import Roll
from convert.comparison.steadiness import calibration_error, voted, watch
from convert.evaluation.metrics import loose_cer
from convert.evaluation.sections import FIGURES, fill_section
from convert.synthesis.desk_film import DESK_FILMS
from convert.synthesis.film import FILMS, shoot
from convert.templates import percent, table
from edge_ocr.arguments import Parser
from edge_ocr.live.capture import Capture
from edge_ocr.live.loop import Loop
from edge_ocr.live.scene import Scene
from edge_ocr.live.steady import MIN_CONFIDENCE
from edge_ocr.live.task import Controls, Task
from edge_ocr.page import Frame
from edge_ocr.reader import Reader

STILL_FRAMES = 300
"""Frames for measuring the cost of a still scene."""

STAND = replace(FILMS[0], name="stand", shaking=0.0, turning=0.0)
"""A film from a stand: the page moves, then lies still."""

SEEDS = (7, 8, 9, 10)
"""Seeds for each bad film: a single one may be lucky."""


def processor_rate(reader: Reader, frames: list[NDArray[np.uint8]]) -> float:
    """Frames a second of processor time if every frame is read."""
    for frame in frames[:3]:
        reader.read(Frame(frame))
    start = time.process_time()
    for frame in frames:
        reader.read(Frame(frame))
    return len(frames) / (time.process_time() - start)


def loop_rate(reader: Reader, frames: list[NDArray[np.uint8]]) -> float:
    """Frames a second of processor time through change test, sharpness test, reading and vote, as `live` does it."""
    start = time.process_time()
    with Capture(Roll(frames)) as capture:
        seen = sum(1 for sight in Loop(capture, lambda region: reader, Controls(Task())) if sight.voted is not None)
    if not seen:
        raise RuntimeError("the loop read none of the film's frames")
    return len(frames) / (time.process_time() - start)


def still_cost(frame: NDArray[np.uint8]) -> float:
    """Milliseconds of processor time for a frame in which nothing changed."""
    rng = np.random.default_rng(0)
    noisy = [
        np.clip(frame + rng.normal(0, 2, frame.shape), 0, 255).astype(np.uint8) for _ in range(8)
    ]  # A sensor never gives the same picture twice.
    scene = Scene()
    scene.has_changed(noisy[0])
    start = time.process_time()
    changed = sum(scene.has_changed(noisy[number % 8]) for number in range(STILL_FRAMES))
    if changed:
        raise RuntimeError(f"{changed} of {STILL_FRAMES} still frames counted as changed")
    return 1000 * (time.process_time() - start) / STILL_FRAMES


def live_table(figures: dict[str, float]) -> str:
    """The figures beside their targets, in Markdown."""
    steady = f"{percent(figures['single_cer'])} / {percent(figures['steady_cer'])}"
    rows = [
        ("frames a second, 640x480, 21 characters that move, then lie still", "at least 60",
         f"{figures['loop_frames_a_second_on_a_stand']:.0f}"),
        ("the same, every frame read", "", f"{figures['frames_read_a_second']:.0f}"),
        ("the same, held by a hand", "", f"{figures['loop_frames_a_second_by_hand']:.0f}"),
        ("a frame in which nothing changed", "under 1 ms", f"{figures['still_ms']:.2f} ms"),
        ("wrong characters on bad films: single frames / steady text", "a third fewer", steady),
        ("calibration error of steady lines there", "at most 0.05", f"{figures['steady_calibration_error']:.3f}"),
        ("desk films in which each note is given out once, in order", "all",
         f"{figures['desk_films_each_note_once']:.0f} of {figures['desk_films']:.0f}"),
        ("texts that nobody wrote, in all of them", "0", f"{figures['false_texts']:.0f}"),
        ("longest wait, in film time, until a note that left is reported", "0.5 s", f"{figures['gone_s']:.2f} s"),
    ]  # fmt: skip
    return table(("processor time on one thread", "target", "measured"), rows)


def measure_made(reader: Reader) -> dict[str, float]:
    """The figures of made films."""
    frames = list(shoot(FILMS[0]))
    single, steady, judged = [], [], []
    every = Reader.load(min_confidence=0.0)
    for film in FILMS[1:]:
        truth = "\n".join(film.lines)
        pages = [pair for seed in SEEDS for pair in voted(every, film, seed)]
        one, other = ([(truth, page.text) for page in side] for side in zip(*pages, strict=True))
        print(f"{film.name}: single {loose_cer(one):.2%}, steady {loose_cer(other):.2%}", flush=True)
        single += one
        steady += other
        judged += [(page, truth) for _, page in pages]
    kept = watch(reader, DESK_FILMS, SEEDS)
    return {
        "frames_read_a_second": round(processor_rate(reader, frames), 1),
        "loop_frames_a_second_by_hand": round(loop_rate(reader, frames), 1),
        "loop_frames_a_second_on_a_stand": round(loop_rate(reader, list(shoot(STAND))), 1),
        "still_ms": round(still_cost(frames[-1]), 3),
        "single_cer": round(loose_cer(single), 4),
        "steady_cer": round(loose_cer(steady), 4),
        "steady_calibration_error": round(calibration_error(judged), 3),
        "desk_films": len(kept),
        "desk_films_each_note_once": sum(film.once for film in kept),
        "false_texts": sum(film.false for film in kept),
        "gone_s": round(max(seconds for film in kept for seconds in film.gone_s), 2),
    }


def measure_cases(reader: Reader) -> dict[str, float]:
    """The figures of the films of cases. Raises DataNotFound if they are not there."""
    outcomes = watch_all(reader, films_folder())
    for one in outcomes:
        print(one, flush=True)
    return figures_of(outcomes)


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert measure-live",
        description="Measure the live loop on films, on one thread: made ones, or those of cases beside the data.",
    )
    parser.add_argument("--case-films", action="store_true", help="measure the films in cases/films, and only those")
    parser.add_argument("--save", type=Path, help="write the figures to this JSON file")
    options = parser.parse_args(argv)
    cv2.setNumThreads(1)
    reader = Reader.load(min_confidence=MIN_CONFIDENCE)
    figures = measure_cases(reader) if options.case_films else measure_made(reader)
    for name, value in figures.items():
        print(f"{name:<32} {value}")
    if options.case_films:
        fill_section(FIGURES, "live-films", case_table(figures))
    else:
        fill_section(FIGURES, "live", live_table(figures))
    if options.save:
        options.save.write_text(json.dumps(figures, indent=1) + "\n")
    return 0
