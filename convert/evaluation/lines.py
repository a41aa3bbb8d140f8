"""`python -m convert evaluate lines`: the line model on words and lines of unseen writers, and its card.

Exits non-zero when int8 reads worse than float by more than it may.
"""

import json
import math
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

from convert.data.arrays import DataNotFound, data_folder
from convert.evaluation.character_sets import page_truths
from convert.evaluation.gates import line_failures
from convert.evaluation.line_card import write_line_card
from convert.evaluation.line_sets import LineSet, line_sets, real_lines
from convert.evaluation.metrics import loose_cer, strict_cer
from convert.evaluation.results import LineRates
from convert.paths import LINES, SAMPLE_PAGES
from edge_ocr.arguments import Parser, positive_int
from edge_ocr.errors import ExitCode
from edge_ocr.ink.binarization import find_ink
from edge_ocr.layout.strip import cut_strip
from edge_ocr.model.bundle import load_bundle
from edge_ocr.model.choice import RECOGNISERS
from edge_ocr.model.lines import LineModel
from edge_ocr.page import Frame
from edge_ocr.picture.load import load_image
from edge_ocr.reader import Reader
from edge_ocr.text.ctc import greedy, transcribe
from edge_ocr.text.language import Language

WHOLE_LINES = 300
"""Pictures of each set that go through the whole pipeline, once with each recogniser."""

Scores = list[np.ndarray]
"""(frames, classes) log probabilities of each line."""


def score_lines(line_set: LineSet, models: tuple[LineModel, ...]) -> tuple[Scores, ...]:
    """Each model's scores of every line, from the same strips."""
    found: tuple[Scores, ...] = tuple([] for _ in models)
    for frame in tqdm(line_set.frames, desc=line_set.name, unit="line"):
        strip = cut_strip(find_ink(frame).strength).image
        for scores, model in zip(found, models, strict=True):
            scores.append(model(strip))
    return found


def of_one_row(line_set: LineSet, exact: Scores, int8: Scores) -> tuple[LineSet, Scores, Scores]:
    """The lines of a set that are written in one row, with their scores."""
    kept = [number for number, single in enumerate(line_set.in_one_row) if single]
    frames, texts = (tuple(line_set.frames[k] for k in kept), tuple(line_set.texts[k] for k in kept))
    alone = LineSet(f"{line_set.name}, in one row", frames, texts, (True,) * len(kept))
    return alone, [exact[k] for k in kept], [int8[k] for k in kept]


def rates(line_set: LineSet, exact: Scores, int8: Scores, labels: tuple[str, ...], language: Language) -> LineRates:
    """Both models' error rates on a set."""
    readings = [[greedy(scores, labels) for scores in model] for model in (exact, int8)]
    searched = [transcribe(scores, labels, language).text for scores in int8]
    pairs = [list(zip(line_set.texts, texts, strict=True)) for texts in (*readings, searched)]
    same = np.mean([one == other for one, other in zip(*readings, strict=True)])
    return LineRates(
        line_set.name, len(line_set.texts), loose_cer(pairs[0]), loose_cer(pairs[1]), loose_cer(pairs[2]),
        strict_cer(pairs[1]), strict_cer(pairs[2]), float(same),
    )  # fmt: skip


def read_all(frames: Iterable[Frame], texts: Iterable[str], recogniser: str, name: str) -> list[tuple[str, str]]:
    """(truth, reading) of pictures, through the same `Reader.read` that everyone calls."""
    reader = Reader.load(recogniser=recogniser, max_seconds=math.inf)
    described = tqdm(zip(frames, texts, strict=True), desc=f"{name}, {recogniser}", unit="picture")
    return [(text, reader.read(frame).text.replace("\n", " ")) for frame, text in described]


def compare_recognisers(sets: list[LineSet]) -> dict[str, dict[str, float]]:
    """Loose error rates of each recogniser on every development set, whole pipeline, English."""
    folders = {"sample pages": SAMPLE_PAGES}
    with suppress(DataNotFound):
        real = data_folder() / "real"
        names = {"photographs: pages": "pages", "photographs: notes, forms, cards": "cases"}
        folders |= {name: real / folder for name, folder in names.items() if (real / folder).is_dir()}
    pictures = {row.name: (row.frames, row.texts) for row in sets}
    for name, folder in folders.items():
        truths = page_truths(folder)
        pictures[name] = (tuple(load_image(path) for path in truths), tuple(truths.values()))
    return {
        name: {recogniser: loose_cer(read_all(*pair, recogniser, name)) for recogniser in RECOGNISERS}
        for name, pair in pictures.items()
    }


def described(row: LineRates) -> str:
    """A set's error rates in one sentence."""
    return (
        f"{row.name}: {row.lines} lines, loose CER greedy {row.float_greedy:.2%} float {row.int8_greedy:.2%} int8, "
        f"with language {row.loose:.2%}; strict {row.strict_greedy:.2%} greedy {row.strict:.2%} with language"
    )


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert evaluate lines",
        description="Measure the line model on words and lines of writers it never saw, float and int8, and write its "
        "card. Exits with 1 when int8 reads worse than float by more than it may.",
    )
    parser.add_argument("bundle", type=Path, nargs="?", default=LINES, help="its folder (default: models/lines)")
    parser.add_argument(
        "--most", type=positive_int, default=0, help="lines of each set, for a quick look (default: all)"
    )
    options = parser.parse_args(argv)
    bundle = load_bundle(options.bundle)
    models = LineModel(bundle, "keras"), LineModel(bundle)
    language = Language.load()
    measured = []
    for line_set in [*line_sets(options.most), *real_lines(options.most)]:
        exact, int8 = score_lines(line_set, models)
        parts = [(line_set, exact, int8)]
        if not all(line_set.in_one_row):
            parts.append(of_one_row(line_set, exact, int8))
        for part in parts:
            measured.append(rates(*part, bundle.labels, language))
            print(described(measured[-1]))
    whole = compare_recognisers(line_sets(options.most or WHOLE_LINES))
    for name, row in whole.items():
        print(f"{name}, whole pipeline: " + ", ".join(f"{recogniser} {rate:.2%}" for recogniser, rate in row.items()))
    if not options.most:
        report = options.bundle / "report"
        report.mkdir(exist_ok=True)
        figures = {"lines": [asdict(row) for row in measured], "recognisers": whole}
        (report / "figures.json").write_text(json.dumps(figures, indent=1))
        write_line_card(options.bundle, bundle, measured, whole)
    problems = line_failures(measured)
    for problem in problems:
        print(problem, file=sys.stderr)
    return ExitCode.FAILED if problems else 0
