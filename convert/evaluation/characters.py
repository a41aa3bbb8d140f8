"""`python -m convert evaluate`: float and int8 on every test set, and pages from end to end.

Exits with 1 if int8 loses too much.
"""

import json
import math
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

from convert.data.arrays import DataNotFound, data_folder
from convert.evaluation.card import fill_dashboard, write_card
from convert.evaluation.character_sets import TestSet, character_sets, page_truths
from convert.evaluation.gates import character_failures
from convert.evaluation.metrics import loose_cer, strict_cer
from convert.evaluation.results import Comparison
from convert.evaluation.sections import FIGURES
from convert.paths import CHARACTERS, SAMPLE_PAGES
from convert.plots import plot_confusion
from edge_ocr.arguments import Parser
from edge_ocr.errors import ExitCode
from edge_ocr.model.bundle import load_bundle
from edge_ocr.model.characters import CharacterModel
from edge_ocr.picture.load import load_image
from edge_ocr.reader import Reader


def compare(test_set: TestSet, exact: CharacterModel, int8: CharacterModel) -> tuple[Comparison, np.ndarray]:
    """Both models on one set, and int8's confusion counts (groups, groups)."""
    both = [model(test_set.tiles) for model in (exact, int8)]
    groups = np.array(test_set.groups)
    ranked = [groups[np.argsort(-test_set.scores(scores), axis=1)[:, :3]] for scores in both]
    hits = [
        np.array([[name in truth for name in row] for row, truth in zip(rows, test_set.truths, strict=True)])
        for rows in ranked
    ]
    believed = np.maximum(both[0], both[1]) > np.log(1e-3)
    result = Comparison(
        test_set.name,
        len(test_set.tiles),
        float(hits[0][:, 0].mean()),
        float(hits[1][:, 0].mean()),
        float(hits[0].any(axis=1).mean()),
        float(hits[1].any(axis=1).mean()),
        float((ranked[0][:, 0] == ranked[1][:, 0]).mean()),
        float(np.abs(both[0] - both[1])[believed].max()),
    )
    return result, confusion(test_set, ranked[1][:, 0])


def confusion(test_set: TestSet, read: np.ndarray) -> np.ndarray:
    """(groups, groups) counts, rows the truth; a truth of two groups counts as the one that was read, if any."""
    numbers = {name: number for number, name in enumerate(test_set.groups)}
    counts = np.zeros((len(numbers), len(numbers)), np.int64)
    for name, truth in zip(read, test_set.truths, strict=True):
        counts[numbers[name if name in truth else min(truth)], numbers[name]] += 1
    return counts


def read_pages(folder: Path, reader: Reader) -> list[tuple[str, str]]:
    """(truth, reading) of every page of a folder with a truth.json."""
    truths = page_truths(folder)
    return [(text, reader.read(load_image(path)).text) for path, text in tqdm(truths.items(), desc=folder.name)]


def evaluate_pages(bundle: Path) -> dict[str, dict[str, float]]:
    """Strict and loose character error rates of the sample pages and the photographed pages."""
    folders = {"sample pages": SAMPLE_PAGES}
    try:
        folders["photographs: pages"] = data_folder() / "real" / "pages"
    except DataNotFound as error:
        print(error, file=sys.stderr)
    rates = {}
    for name, folder in folders.items():
        for language in ("none", "english"):
            pairs = read_pages(folder, Reader.load(bundle, language=language, max_seconds=math.inf))
            rates[f"{name}, language {language}"] = {
                "pages": len(pairs), "loose": loose_cer(pairs), "strict": strict_cer(pairs)
            }  # fmt: skip
    return rates


def print_table(comparisons: list[Comparison], pages: dict[str, dict[str, float]]) -> None:
    print(f"{'':47} {'tiles':>6} {'float':>7} {'int8':>7} {'top-3':>7} {'agree':>7} {'diff':>6}")
    for row in comparisons:
        rates = f"{row.float_accuracy:7.2%} {row.int8_accuracy:7.2%} {row.int8_top3:7.2%} {row.agreement:7.2%}"
        print(f"{row.name:47} {row.count:6} {rates} {row.largest_difference:6.2f}")
    for name, rate in pages.items():
        print(f"{name:47} {rate['pages']:6} loose CER {rate['loose']:.2%}, strict CER {rate['strict']:.2%}")


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert evaluate",
        description="Measure a bundle on every test set, float and int8, and write its card. Exits with 1 when int8 "
        "agrees with float on too few photographs or loses too much accuracy. `evaluate lines` and "
        "`evaluate finder` do the same for the other models. `evaluate confidence` measures how right confidence is, "
        "`evaluate patterns` what patterns find; `evaluate cards` writes the cards again, from stored figures.",
    )
    parser.add_argument(
        "bundle", type=Path, nargs="?", default=CHARACTERS, help="its folder (default: models/characters)"
    )
    options = parser.parse_args(argv)
    bundle = load_bundle(options.bundle)
    models = CharacterModel(bundle, "keras"), CharacterModel(bundle)
    report = options.bundle / "report"
    report.mkdir(exist_ok=True)
    comparisons = []
    for number, test_set in enumerate(character_sets()):
        row, counts = compare(test_set, *models)
        comparisons.append(row)
        title = f"{row.name}: {row.int8_accuracy:.1%}"
        plot_confusion(counts, test_set.groups, title, report / f"confusion-{number}.png")
    pages = evaluate_pages(options.bundle)
    print_table(comparisons, pages)
    figures = {"characters": [asdict(row) for row in comparisons], "pages": pages}
    (report / "figures.json").write_text(json.dumps(figures, indent=1))
    targets = write_card(options.bundle, bundle, comparisons, pages)
    if options.bundle == CHARACTERS:
        fill_dashboard(FIGURES, targets)
    problems = character_failures(comparisons)
    for problem in problems:
        print(problem, file=sys.stderr)
    return ExitCode.FAILED if problems else 0
