"""The command line of `edge-ocr bench`."""

import argparse
from collections.abc import Callable

from edge_ocr.arguments import BACKENDS, MINUTES, PERCENT, POSITIVE, add_command, name_of, positive_int

FOLDER = name_of("a folder")

EXAMPLES = """examples:
  edge-ocr bench                                      accuracy and speed on the sample pages, some minutes on a Pi
  edge-ocr bench --data scans/                        on your own pictures; scans/truth.json holds {"a.jpg": "text"}
  edge-ocr bench --json > pi5.json                    all figures, for machines and for `bench compare`
  edge-ocr bench --minutes 10 --save report/          then read for ten minutes; all figures in report/run.json
  edge-ocr bench --backends litert,tflite-runtime     beside each other, in turns
  edge-ocr bench compare pi4.json pi5.json            with ratios, and whether they are more than noise
  edge-ocr bench --min-accuracy 95 --max-rss 120      for CI: exit code 19 when a limit is missed
  edge-ocr bench --reference last.json --max-slowdown 1.2

exit codes, besides those of `edge-ocr read`: 18 no truths, or no measurement; 19 a limit is missed; 130 after Ctrl-C,
which keeps the starts that were finished, and what a run of --minutes measured. docs/benchmark.md says how to
measure well.
"""

COMPARE_EXAMPLES = """examples:
  edge-ocr bench compare pi4.json pi5.json            two boards; the first is what the others are compared with
  edge-ocr bench compare before.json after.json       two versions on one board
  edge-ocr bench compare run.json                     the backends of one run
"""


Adder = Callable[[argparse.ArgumentParser], None]


def add_bench(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", add_reading: Adder) -> None:
    """Make the command known.

    Args:
        commands: of `edge-ocr`.
        add_reading: adds what every command that reads understands.
    """
    bench = add_command(
        commands,
        "bench",
        help="measure accuracy, speed and memory on this board",
        description="Read sample pages many times, and show how well, how fast, and what the board did meanwhile.",
        epilog=EXAMPLES,
    )
    add = bench.add_argument
    add(
        "--data",
        type=name_of("a folder"),
        metavar="FOLDER",
        help="pictures and truth.json (default: the bundled sample pages)",
    )
    add("--backends", type=_names, default=("auto",), metavar="A,B", help="what runs the models, measured in turns")
    add("--rounds", type=positive_int, default=5, metavar="N", help="readings of every page in each process (5)")
    add("--starts", type=positive_int, default=3, metavar="N", help="processes for each backend (3)")
    add(
        "--minutes", type=MINUTES, default=0.0, metavar="M", help="then read nonstop for this long, to test the cooling"
    )
    add("--json", action="store_true", help="one JSON object instead of the table; see docs/benchmark.md")
    add("--save", type=FOLDER, metavar="FOLDER", help="also write run.json there, for `bench compare` and for charts")
    add("--min-accuracy", type=PERCENT, metavar="P", help="fail below P percent of letters and digits read right")
    add("--max-rss", type=POSITIVE, metavar="MB", help="fail if a process used more memory at any time")
    add("--reference", type=name_of("a file"), metavar="RUN.json", help="an earlier run of these pages to compare with")
    add(
        "--max-slowdown", type=POSITIVE, metavar="X", help="fail if a page takes more than X times the reference's time"
    )
    add_reading(bench)
    _add_compare(bench)


def _add_compare(bench: argparse.ArgumentParser) -> None:
    actions = bench.add_subparsers(dest="action", metavar="compare", required=False, title="measurements side by side")
    compare = actions.add_parser(
        "compare",
        help="show boards, backends or versions side by side, and which differences are only noise",
        description="Boards, backends or versions side by side, with ratios, and which differences are only noise.",
        epilog=COMPARE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("runs", nargs="+", metavar="RUN.json", help="what `edge-ocr bench --json` printed")
    compare.add_argument("--json", action="store_true", help="as one JSON object")


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in BACKENDS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{text!r} names no backends: choose from {', '.join(BACKENDS)}")
    return names
