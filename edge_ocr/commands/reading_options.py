"""The options of every command that reads: what may stand there, how it is found, and what reads it."""

import argparse

from edge_ocr.arguments import BACKENDS, CONFIDENCE, SECONDS
from edge_ocr.ink.views import USUAL_WAY, WAYS_TO_FIND
from edge_ocr.model.choice import RECOGNISERS
from edge_ocr.stopwatch import MAX_SECONDS
from edge_ocr.text.confidence import MIN_CONFIDENCE

FIND_HELP = (
    "how writing is found. guided: a network, the finder, shows where it is; map: by the finder's map alone; paper: "
    f"nothing is looked for, which is quicker, for upright scans of nothing but paper (default: {USUAL_WAY})"
)


def add_reading(
    parser: argparse.ArgumentParser,
    *,
    backend: bool = True,
    max_seconds: float = MAX_SECONDS,
    min_confidence: float = MIN_CONFIDENCE,
) -> None:
    """Add these options to a command; `bench` takes several backends instead of one."""
    group = parser.add_argument_group("what is read, and how")
    add = group.add_argument
    add("--charset", metavar="SET", help="the only characters that may occur, such as 0-9A-Z")
    either = group.add_mutually_exclusive_group().add_argument
    either("--pattern", metavar="REGEX", help="what each line must look like, as a regular expression")
    either("--pattern-in", metavar="REGEX", help="what a part of a line must look like; gives that part alone")
    add(
        "--min-confidence",
        type=CONFIDENCE,
        default=min_confidence,
        metavar="C",
        help=f"leave out lines less certain than this, 0 to 1 (default: {min_confidence:g})",
    )
    add(
        "--max-seconds",
        type=SECONDS,
        default=max_seconds,
        metavar="S",
        help=f"stop reading a picture after this long and give out the lines read so far (default: {max_seconds:g})",
    )
    add("--language", choices=("english", "none"), default="english", help="none: letter by letter (default: english)")
    if backend:
        add("--backend", choices=BACKENDS, default="auto", help="what runs the model (default: the lightest installed)")
    add("--model", metavar="FOLDER", help="folder of model.tflite and model.json (default: the bundled models)")
    add("--tuned", metavar="FOLDER", help="a model tuned to your hand, instead of the bundled one of its kind")
    add("--recogniser", choices=RECOGNISERS, default="auto", help="lines: for joined writing")
    add("--find", choices=WAYS_TO_FIND, default=USUAL_WAY, help=FIND_HELP)
    turn = "degrees clockwise by which the text is turned (default: auto, which finds out)"
    add("--turn", choices=("auto", "0", "90", "180", "270"), default="auto", help=turn)
