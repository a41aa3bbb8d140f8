"""`python -m convert finetune`: a model learns your own hand without losing the general one."""

import argparse
import shlex
import subprocess
import sys
from dataclasses import asdict
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from convert.data.arrays import BadDataset, DataNotFound
from convert.evaluation.gates import FORGETTING, tuning_failures
from convert.finetuning.corrections import CORRECTIONS, make_corrections
from convert.finetuning.dataset import read_hand
from convert.finetuning.examples import KINDS, by_chance, line_examples, split, tile_examples
from convert.finetuning.rehearsal import held_out, replay
from convert.finetuning.report import EXAMPLES as KEPT
from convert.finetuning.report import NETWORK, conclude, rate_both, read_report
from convert.finetuning.samples import Sample
from convert.paths import CACHE, MODELS
from edge_ocr.arguments import LEARNING_RATE, Parser, positive_int, seed_number
from edge_ocr.errors import BadBundle, ExitCode
from edge_ocr.folders import check_folder, make_folder, writing
from edge_ocr.model.bundle import load_bundle
from edge_ocr.output import note

FLOAT_SHARE = 1 / 3
"""Part of the limit that the float network may use on the judging writers; others may lose more, and so may int8."""

HELD_OUT = 0.2
"""Part of the own texts that judge the tuned network."""

FEWEST = 10
"""Fewest samples that allow learning and judging."""

STEPS, RATE = 200, 3e-4
"""Of training: batches, and the highest learning rate."""

EXAMPLES = f"""examples:
  python -m convert finetune --data mine --make-corrections   list what `edge-ocr live --record mine` read
  python -m convert finetune --data mine                      after correcting mine/{CORRECTIONS}: tune, check, install
  edge-ocr read note.jpg --tuned models/mine                  read with it

mine may also hold pictures of one line, word or character each, with a file truth.txt of lines `picture<TAB>text`.
docs/finetune.md has the rest. Exits with {ExitCode.FAILED:d} when the tuned model reads your hand no
better or others worse.
"""


def choose_kind(samples: tuple[Sample, ...]) -> str:
    """The kind of model that the samples are for: mostly lone characters, or words and lines."""
    return "characters" if 2 * sum(len(sample.text) == 1 for sample in samples) > len(samples) else "lines"


def learn(options: argparse.Namespace) -> int:
    """The first half: read the folder, tune, judge the float network; saves it with its report and the held-out part.

    Returns 0 if it may become a bundle.
    """
    samples = _read(options.data)
    kind = choose_kind(samples) if options.model == "auto" else options.model
    base = options.base or MODELS / kind
    check_base(base, kind)
    check_folder(options.out)
    work = make_folder(options.work)
    from convert.finetuning.training import Course, open_network, score, tune  # Keras takes seconds to load.

    network = open_network(kind, base / "model.keras")
    scores = partial(score, network)
    own, groups = line_examples(samples) if kind == "lines" else tile_examples(samples, scores)
    if len(own) < FEWEST:
        raise BadDataset(f"{options.data} gives {len(own)} characters that could be cut out: use --model lines.")
    mine, general = split(own, groups, HELD_OUT, options.seed), (replay(kind), held_out(kind, scores))
    if not len(general[1]):
        raise DataNotFound(f"There is no general writing to judge {base} by: run it in a checkout with tests/pages.")
    if general[0] is None:
        note(f"cache/ has no general training data of `python -m convert train {kind}`: tuning on your samples alone")
    note(f"tuning {base}: {len(mine[0])} {kind} to learn from, {len(mine[1])} held out, {len(general[1])} general ones")
    course = Course(options.steps, options.rate, FLOAT_SHARE * FORGETTING, options.seed)
    chosen, points = tune(network, mine, general, course)
    with writing(work):
        network.save(work / NETWORK, include_optimizer=False)
        for name, examples in zip(KEPT, (own, mine[1], general[1]), strict=True):
            examples.save(work / f"{name}.npz")
    before, after = ((point.own, point.general) for point in (points[0], chosen))
    rates = rate_both((len(mine[1]), len(general[1])), before, after)
    found = tuning_failures(*rates, FORGETTING, by_chance(mine[1], points[0].own))
    if chosen.factor == 0:
        found.append("no mixture of the weights reads your held-out texts better: give more samples")
    facts = {
        "kind": kind, "base": str(base), "samples": len(samples), "learned": len(mine[0]), "course": asdict(course),
        "factor": chosen.factor, "tried": [asdict(point) for point in points],
    }  # fmt: skip
    return conclude(work, "float", rates, facts, found)


def _read(folder: Path) -> tuple[Sample, ...]:
    """The folder's samples, if there are enough; reports what was left out."""
    hand = read_hand(folder)
    for complaint in hand.complaints():
        note(complaint)
    if len(hand.samples) < FEWEST:
        count = len(hand.samples)
        raise DataNotFound(f"{folder} holds {count} usable samples: {FEWEST} are the fewest, 50 or more are better.")
    return hand.samples


def check_base(base: Path, kind: str) -> None:
    """BadBundle if there is no float network of this kind to start from; checked before the long work."""
    bundle = load_bundle(base)
    if bundle.kind != kind:
        raise BadBundle(f"{base} reads {bundle.kind}, these samples are for {kind}: name another --base or --model")
    if not (base / "model.keras").is_file():
        raise BadBundle(f"{base} has no model.keras, the float network: name a model of a checkout as --base")


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert finetune",
        description="Tune a model to your own hand, check that it reads you better and others no worse, and write it\n"
        "as your own model.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_options(parser)
    options = parser.parse_args(argv)
    if options.install:
        read_report(options.work)  # Report errors in it before loading TensorFlow.
        from convert.finetuning.install import install  # Needs TensorFlow, which the first half does not.

        return install(options.work, options.out)
    if options.data is None:
        parser.error("give --data FOLDER")
    if options.make_corrections:
        count = make_corrections(options.data)
        print(f"{options.data / CORRECTIONS}: {count} lines added; correct their texts, then run it without the option")
        return 0
    code = learn(options)
    if code:
        return code
    again = ["finetune", "--install", "--work", str(options.work), "--out", str(options.out)]
    if find_spec("tensorflow") is None:
        print(f"now run, where TensorFlow is installed: python -m convert {shlex.join(again)}")
        return 0
    return subprocess.run([sys.executable, "-m", "convert", *again], check=False).returncode


def _add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--data", type=Path, metavar="FOLDER", help="pictures with texts, or what `edge-ocr live --record` kept")
    add("--make-corrections", action="store_true", help=f"only write FOLDER/{CORRECTIONS}, the readings to correct")
    add("--model", choices=("auto", *KINDS), default="auto", help="which model learns (default: by the data)")
    add("--out", type=Path, default=MODELS / "mine", metavar="FOLDER", help="your model (default: models/mine)")
    add("--base", type=Path, metavar="FOLDER", help="the model to start from (default: models/characters or lines)")
    add("--work", type=Path, default=CACHE / "finetune", metavar="FOLDER", help="intermediate results and report")
    add("--steps", type=positive_int, default=STEPS, help=f"steps of training (default: {STEPS})")
    add("--rate", type=LEARNING_RATE, default=RATE, help=f"highest learning rate (default: {RATE})")
    add("--seed", type=seed_number, default=1, help="for the held-out part and the training")
    add("--install", action="store_true", help="only the second half, where TensorFlow is: int8 from --work")
