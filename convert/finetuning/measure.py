"""`python -m convert measure-finetune`: what fine-tuning gains on unseen writers, and what it costs.

The writers are those of UNIPEN's test words with the most different words. Some of a writer's words are learned; all
others, and other writers' words and lines, are read before and after.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from convert.data.arrays import DataNotFound, Strokes, load_strokes
from convert.evaluation.gates import FORGETTING
from convert.evaluation.metrics import loose_cer
from convert.finetuning.examples import LINE_LABELS, Examples, Scores, line_examples, split
from convert.finetuning.finetune import FLOAT_SHARE, HELD_OUT, RATE, STEPS, check_base
from convert.finetuning.interpolation import Point
from convert.finetuning.rehearsal import held_out, page_samples, replay, unseen, usable, written
from convert.finetuning.training import Course, open_network, score, tune
from convert.paths import LINES, SAMPLE_PAGES
from edge_ocr.arguments import LEARNING_RATE, Parser, positive_int
from edge_ocr.folders import check_file, make_folder, writing
from edge_ocr.text.ctc import greedy, transcribe
from edge_ocr.text.language import Language

FEWEST_WORDS = 260
"""Different words that a writer must have: 200 to learn and some to judge."""

MOST_WRITERS = 3


@dataclass(frozen=True, slots=True)
class Change:
    """Loose character error rates of one set before and after."""

    samples: int
    greedy: tuple[float, float]
    """Without search and language."""
    english: tuple[float, float]
    """With both."""


@dataclass(frozen=True, slots=True)
class Run:
    """One writer, one number of samples."""

    writer: str
    samples: int
    """Words from the writer; a part of them was held out to choose the factor."""
    factor: float
    """Weight of the tuned model, from 0 to 1."""
    tried: list[Point]
    """All mixtures."""
    own: Change
    others: dict[str, Change]


def choose_writers(strokes: Strokes, numbers: Iterable[int]) -> dict[str, list[int]]:
    """The writers with the most different words, each word once; DataNotFound if none has enough."""
    words: dict[str, dict[str, int]] = defaultdict(dict)
    for number in numbers:
        words[str(strokes.writers[number])].setdefault(str(strokes.labels[number]), number)
    ranked = sorted(words, key=lambda writer: (-len(words[writer]), writer))[:MOST_WRITERS]
    chosen = {writer: list(words[writer].values()) for writer in ranked if len(words[writer]) >= FEWEST_WORDS}
    if not chosen:
        raise DataNotFound(f"No writer of UNIPEN's test words has {FEWEST_WORDS} different ones: prepare all of it.")
    return chosen


def others(writer: str) -> dict[str, Examples]:
    """Words and lines of other writers, who had no part in tuning, and the sample pages."""
    sets = unseen(judging=False, but=writer)
    pages = line_examples(page_samples(SAMPLE_PAGES))[0]
    return {"other writers' words": sets["7"], "other writers' lines": sets["8"], "sample pages, line by line": pages}


def read(examples: Examples, scores: Scores, language: Language) -> tuple[float, float]:
    """Loose character error rates, greedy and with search and language."""
    found = scores(examples.images)
    texts = [[greedy(frames, LINE_LABELS) for frames in found]]
    texts.append([transcribe(frames, LINE_LABELS, language).text for frames in found])
    one, other = (loose_cer(zip(examples.truths.tolist(), some, strict=True)) for some in texts)
    return one, other


def run(writer: str, own: Examples, count: int, network: Any, base: list[np.ndarray], course: Course) -> Run:
    """Tune on `count` of the writer's words and read everything else before and after."""
    order = np.random.default_rng(course.seed).permutation(len(own))
    given, rest = own.pick(order[:count]), own.pick(order[count:])
    sets, language, scores = {"": rest, **others(writer)}, Language.load(), partial(score, network)
    network.set_weights(base)
    general = replay("lines"), held_out("lines", scores, but=writer)
    before = {name: read(some, scores, language) for name, some in sets.items()}
    chosen, points = tune(network, split(given, given.truths.tolist(), HELD_OUT, course.seed), general, course)
    after = {name: read(some, scores, language) for name, some in sets.items()}
    changes = {
        name: Change(len(some), *((before[name][k], after[name][k]) for k in (0, 1))) for name, some in sets.items()
    }
    return Run(writer, count, chosen.factor, points, changes.pop(""), changes)


def print_run(result: Run) -> None:
    print(f"{result.writer}, {result.samples} samples, factor {result.factor}")
    for name, change in {"own hand, other words": result.own, **result.others}.items():
        greedy_rates, english = (f"{pair[0]:.2%} -> {pair[1]:.2%}" for pair in (change.greedy, change.english))
        print(f"  {name:<28} {change.samples:>4}  greedy {greedy_rates:<18} with English {english}", flush=True)


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert measure-finetune",
        description="Tune with some words of each of UNIPEN's test writers, and read the writer's other words, and "
        "other writers' words and lines, before and after.",
    )
    add = parser.add_argument
    add("--samples", type=positive_int, nargs="+", default=[50, 200], metavar="N", help="words to learn from (50 200)")
    add("--writers", type=positive_int, default=MOST_WRITERS, help=f"number of writers ({MOST_WRITERS})")
    add("--steps", type=positive_int, default=STEPS, help=f"of training (default: {STEPS})")
    add("--rate", type=LEARNING_RATE, default=RATE, help=f"highest learning rate (default: {RATE})")
    add("--base", type=Path, default=LINES, help="the model to start from (default: models/lines)")
    add("--save", type=Path, default=LINES / "report" / "finetune.json", help="file for the figures")
    options = parser.parse_args(argv)
    course = Course(options.steps, options.rate, FLOAT_SHARE * FORGETTING)
    check_base(options.base, "lines")
    check_file(options.save)
    network = open_network("lines", options.base / "model.keras")
    base = network.get_weights()
    strokes = load_strokes("7", "test")
    runs = []
    for writer, numbers in list(choose_writers(strokes, usable(strokes, "7")).items())[: options.writers]:
        own = line_examples(written(strokes, numbers))[0]
        for count in options.samples:
            runs.append(run(writer, own, count, network, base, course))
            print_run(runs[-1])
            facts = {"course": asdict(course), "runs": [asdict(one) for one in runs]}
            with writing(options.save):
                make_folder(options.save.parent)
                options.save.write_text(json.dumps(facts, indent=1) + "\n")
    return 0
