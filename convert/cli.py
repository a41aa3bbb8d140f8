"""`python -m convert`: a table of commands, each a module with `main(arguments) -> exit code`, imported when called."""

import sys
from importlib import import_module

from edge_ocr.errors import ExitCode
from edge_ocr.output import guard, note

COMMANDS = {
    "prepare": ("data.prepare", "official EMNIST and UNIPEN files -> arrays"),
    "lexicon": ("data.lexicon", "public word frequencies -> the language model of edge_ocr"),
    "pages": ("synthesis.pages", "strokes and fonts -> sample pages as a camera sees them, with their text"),
    "train": ("training.train", "arrays -> Keras model, with checkpoints and learning curves"),
    "average": ("training.average", "the mean of several trainings' weights, which often errs less than each"),
    "quantize": ("quantization.quantize", "Keras model, ours or yours -> int8 bundle"),
    "schemes": ("quantization.schemes", "ways to quantize a model, in one table: size, errors, agreement, time"),
    "layer-error": ("quantization.layer_error", "what each layer of a model loses as int8"),
    "reproduce": ("quantization.reproduce", "a bundle made again from its recipe, and what differs"),
    "finetune": ("finetuning.finetune", "a model learns your own handwriting"),
    "measure-finetune": ("finetuning.measure", "what fine-tuning gains on unseen writers, and costs on others"),
    "confidence": ("evaluation.confidence_fit", "fit how a model's evidence becomes confidence"),
    "evaluate": (
        "evaluation.evaluate",
        "figures of characters, lines, finder, confidence or patterns; the int8 gate; cards",
    ),
    "compare": ("comparison.compare", "edge-ocr, Tesseract, RapidOCR and PP-OCRv6 tiny on the same pictures"),
    "readme": ("comparison.summary", "the README's comparison, from what `compare` stored"),
    "bench-report": ("comparison.bench_report", "charts of what `edge-ocr bench --save` measured on a board"),
    "film": ("synthesis.film", "films of a shaking camera over handwriting, for `edge-ocr live`"),
    "measure-live": ("comparison.live", "the live loop: frame rate, cost of still scenes, gain of voting"),
    "soak": ("comparison.soak", "`edge-ocr live` at full speed for a long time: memory, lost texts"),
    "throughput": ("comparison.throughput", "pictures a second by several processes, and by simulated machines"),
    "page-film": ("page_film", "the README's moving picture: a browser's view of the live page"),
    "speed": ("quantization.speed", "time and memory of a character and of a page"),
}
"""Each command's module and purpose, in the order of making a model."""

EXAMPLES = """\
a model from nothing:
  python -m convert train characters      hours; the same command resumes where it was stopped
  python -m convert quantize characters   minutes; writes models/characters/
  python -m convert confidence characters fits its confidence; a quarter of an hour
  python -m convert evaluate              fails if int8 loses too much; writes its card
the same with `lines` and `finder` (which has no confidence): `evaluate lines`, `evaluate finder`

more measurements and their documents:
  python -m convert evaluate confidence   is confidence right? docs/confidence.md
  python -m convert evaluate patterns     what patterns find and cost: docs/figures.md
  python -m convert evaluate cards        cards again, from the figures measured last

a model of your own, trained with Keras:
  python -m convert quantize my_model.keras --labels labels.txt --calibration photos/ --name mine

`python -m convert COMMAND --help` lists the options of a command.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command with these arguments (of the process, if None); returns the exit code."""
    return guard(lambda: _run(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(help_text())
        return 0 if arguments else ExitCode.USAGE
    command, *rest = arguments
    if command not in COMMANDS:
        note(f"there is no command {command!r}: choose one of {', '.join(COMMANDS)}")
        return ExitCode.USAGE
    code: int = import_module(f"convert.{COMMANDS[command][0]}").main(rest)
    return code


def help_text() -> str:
    """What `python -m convert --help` prints."""
    rows = [f"  {name:<16} {purpose}" for name, (_, purpose) in COMMANDS.items()]
    return "\n".join(["usage: python -m convert COMMAND ...", "", "commands:", *rows, "", EXAMPLES.rstrip()])
