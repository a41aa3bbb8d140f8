"""The command line of `edge-ocr`."""

import argparse
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

import edge_ocr
from edge_ocr.arguments import BACKENDS, CONFIDENCE, SECONDS, Parser, name_of
from edge_ocr.bench.options import add_bench
from edge_ocr.commands.camera_options import add_camera
from edge_ocr.commands.configuration import FromFile
from edge_ocr.commands.documents import add_documents
from edge_ocr.commands.form import add_form_command
from edge_ocr.commands.form_options import add_form
from edge_ocr.commands.gates import add_gates
from edge_ocr.commands.programs import add_programs
from edge_ocr.ink.views import USUAL_WAY, WAYS_TO_FIND
from edge_ocr.live import steady
from edge_ocr.output import guard
from edge_ocr.outputs.recording import Room
from edge_ocr.preview.options import add_page
from edge_ocr.stopwatch import MAX_SECONDS
from edge_ocr.text.confidence import MIN_CONFIDENCE

LIVE_SECONDS = 2.0
"""Default of the longest time to read a picture in `live`: the next one may show something else."""

COMMANDS = {
    "read": "edge_ocr.commands.read",
    "watch": "edge_ocr.commands.watch",
    "form": "edge_ocr.commands.form",
    "live": "edge_ocr.commands.live",
    "cameras": "edge_ocr.commands.cameras",
    "bench": "edge_ocr.commands.bench",
    "demo": "edge_ocr.commands.demo",
    "info": "edge_ocr.commands.info",
    "completion": "edge_ocr.commands.completion",
    "manual": "edge_ocr.commands.completion",
}
"""The module of each command, imported when it is called."""

EXAMPLES = """\
examples:
  edge-ocr demo                                   see what it does
  edge-ocr read note.jpg                          the text of one photograph
  edge-ocr read scans/ --json > scans.jsonl       a folder, one JSON object a picture
  edge-ocr read note.jpg --annotate seen.png      also draw boxes and text on the picture
  edge-ocr live --camera pi                       what the Pi's camera sees, as text, without end
  edge-ocr live --camera usb:0 --preview          the same from a USB camera, with a page in the browser
  edge-ocr info                                   which model and runtime would read it
  edge-ocr bench                                  how well and how fast this board reads

`edge-ocr COMMAND --help` lists the options. EDGE_OCR_DEBUG=1 shows where an error came from.
"""

READ_EXAMPLES = r"""examples:
  edge-ocr read note.jpg                              the text on stdout, messages on stderr
  edge-ocr read page1.jpg page2.jpg scans/            several pictures and folders of pictures
  curl -s URL | edge-ocr read -                       a picture from stdin
  edge-ocr read meter.jpg --charset 0-9               digits only
  edge-ocr read plate.jpg --pattern '[A-Z]{2} \d{5}'  only what the pattern allows
  edge-ocr read scan.png --find paper                 a clean scan: quicker without looking for the writing first
  edge-ocr read note.jpg --turn 90                    on its side, turned clockwise
  edge-ocr read note.jpg --json | jq .lines[0].box    the box of the first line, in pixels
  edge-ocr read note.jpg --format pdf > note.pdf      a searchable PDF
  edge-ocr read scans/ --format pdf --output archive  one of each picture; what is there is skipped next time
  edge-ocr read --form club.toml photos/ --format csv a row for each photographed form, a column for each field

exit codes: 0 success, even if there was nothing to read; 2 wrong options; 3 no picture; 4 no such file; 5 broken model;
6 no runtime; 7 wrong charset; 8 wrong pattern; 9 cannot write; 26 wrong form; 27 not this form. If one picture cannot
be read, the others still are; the exit code is then that of the first failure.
"""

WATCH_EXAMPLES = """examples:
  edge-ocr watch scans/ --format pdf --output archive/  a searchable PDF of each scan, also of those that are there
  edge-ocr watch phone/ --json --jobs 2 >> notes.jsonl  a JSON object for each picture

Pictures whose document is there and newer are not read again, so it may be stopped and started at any time.
"""

LIVE_EXAMPLES = r"""examples:
  edge-ocr live --camera pi --preview                   read the Pi's camera, and watch it in a browser
  edge-ocr live --camera usb:0 --once --charset 0-9     the first number that holds, then end: for scripts
  edge-ocr live --camera pi --once --timeout 20         the same, but exit code 22 after 20 seconds without a text
  edge-ocr live --camera pi --json --output log.jsonl   every steady text with its time and place
  edge-ocr live --camera pi --regions regions.toml      several regions, each with its own charset or pattern
  edge-ocr live --camera pi --digits 5 --never-falling --mqtt mqtt://broker   a meter, for Home Assistant and others
  edge-ocr live --camera film.mp4                       a film instead of a camera, or a picture, or a folder
  edge-ocr live --camera pi --preview 0.0.0.0:8080 --token-file FILE   for who knows the token in FILE

A text is given out once when several readings agree on it, and again when it changes. A lost camera is retried.
`edge-ocr cameras` lists cameras. exit codes, besides those of `edge-ocr read`: 14 no such camera; 15 camera lost;
16 page cannot be served; 21 region outside the picture; 22 no steady text, with --once; 23 wrong file of regions;
24 last texts not taken by another program; 130 after Ctrl-C.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run `edge-ocr` with these arguments (of the process, if None); returns the exit code."""
    return guard(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    with suppress(AttributeError):  # stdout may be missing, or something other than a text file.
        # File names and terminals need not be UTF-8; the output always is.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    options = make_parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = import_module(COMMANDS[options.command]).run
    return command(options)


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser: argparse.ArgumentParser = Parser(
        prog="edge-ocr",
        description="Read handwriting in photographs, offline, on small boards.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"edge-ocr {edge_ocr.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_read(commands)
    _add_watch(commands)
    add_form_command(commands)
    _add_live(commands)
    add_bench(commands, lambda parser: _add_reading(parser, backend=False))
    cameras = commands.add_parser("cameras", help="list the cameras of this machine")
    cameras.add_argument("--json", action="store_true", help="as one JSON list")
    demo = commands.add_parser("demo", help="read a photograph, then a Pi's camera or a film: see what it does")
    demo.add_argument("--camera", metavar="SOURCE", help="as for live (default: a Pi's camera, or else a film)")
    demo.add_argument("--annotate", metavar="OUT.png", help="also draw the photograph's boxes and text")
    info = commands.add_parser("info", help="show models, alphabets, runtimes and the machine")
    info.add_argument("--json", action="store_true", help="as one JSON object")
    info.add_argument("--model", metavar="FOLDER", help="a model's folder, instead of the bundled ones")
    completion = commands.add_parser("completion", help="print a script that completes commands and options")
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell that will read it")
    commands.add_parser("manual", help="print a man page")
    return parser


def _add_read(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    read = commands.add_parser(
        "read",
        help="read pictures: their text goes to stdout",
        description="Read the handwriting in pictures. Only the text goes to stdout, an empty line between pictures.",
        epilog=READ_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    read.set_defaults(usage_error=read.error)
    add = read.add_argument
    add("images", nargs="*", metavar="IMAGE", help="a picture, a folder of pictures, or - for stdin")
    add("--image", action="append", default=[], metavar="IMAGE", help="the same, by name")
    add_documents(read)
    add("--again", action="store_true", help="also read pictures whose documents are there already")
    add("--annotate", metavar="OUT.png", help="draw what was read; with several pictures OUT-NAME.png, or a folder")
    add_form(read)
    _add_reading(read)


def _add_watch(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    watch = commands.add_parser(
        "watch",
        help="read the pictures that arrive in a folder",
        description="Read what is in a folder and in those below it, and then what arrives, each picture when it is "
        "whole: for scanners, and phones that sync. Needs the extra `watch`.",
        epilog=WATCH_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    watch.set_defaults(usage_error=watch.error)
    watch.add_argument("folder", metavar="FOLDER", type=name_of("a folder"), help="where pictures arrive")
    add_documents(watch)
    _add_reading(watch)


def _add_reading(
    parser: argparse.ArgumentParser,
    *,
    backend: bool = True,
    max_seconds: float = MAX_SECONDS,
    min_confidence: float = MIN_CONFIDENCE,
) -> None:
    """The options of every command that reads; `bench` takes several backends instead of one."""
    add = parser.add_argument
    add("--charset", metavar="SET", help="the only characters that may occur, such as 0-9A-Z")
    either = parser.add_mutually_exclusive_group().add_argument
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
    add("--recogniser", choices=("auto", "characters", "lines"), default="auto", help="lines: for joined writing")
    _add_turn(parser)


def _add_turn(parser: argparse.ArgumentParser) -> None:
    meaning = "degrees clockwise by which the text is turned (default: auto, which finds out)"
    parser.add_argument(
        "--find",
        choices=WAYS_TO_FIND,
        default=USUAL_WAY,
        help="how writing is found: guided by a network (the finder), by the network's map alone, or not, for upright "
        f"scans of nothing but paper, which is quicker (default: {USUAL_WAY})",
    )
    parser.add_argument("--turn", choices=("auto", "0", "90", "180", "270"), default="auto", help=meaning)


def _add_live(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    live = commands.add_parser(
        "live",
        help="read what a camera sees, steadily",
        description="Read the handwriting that a camera sees. Steady texts go to stdout, messages to stderr.",
        epilog=LIVE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    live.set_defaults(usage_error=live.error)
    add_camera(live)
    add = live.add_argument
    add("--roi", type=_roi, metavar="X,Y,W,H", help="read this part of the picture only, in pixels")
    add("--regions", metavar="FILE.toml", help="several regions by name, areas to ignore; keeps what the page changes")
    add("--once", action="store_true", help="end after the first steady text")
    add("--timeout", type=SECONDS, metavar="SECONDS", help="with --once: give up after this long without a text")
    add("--json", action="store_true", help="a JSON object for each text, one a line: time, text, confidence, boxes")
    add("--rejected", action="store_true", help="with --json: also list lines below --min-confidence")
    add("--output", metavar="FILE", help="also append to this file, flushed after each text")
    add("--record", metavar="FOLDER", help="keep pictures with their readings, to tune a model")
    add("--keep", type=_room, metavar="N", help="with --record: keep the newest N pictures, or N MB or GB (500MB)")
    add_page(live)
    add("--quiet", action="store_true", help="no view of the loop on the terminal")
    _add_reading(live, max_seconds=LIVE_SECONDS, min_confidence=steady.MIN_CONFIDENCE)
    add("--config", action=FromFile, metavar="FILE", help="options from a file: lines CAMERA=SOURCE and OPTIONS=...")
    add("--state", metavar="FOLDER", help="where to keep what outlasts a restart (default: ~/.local/state/edge-ocr)")
    add_gates(live)
    add_programs(live)


def _room(text: str) -> Room:
    match = re.fullmatch(r"([1-9]\d{0,8})(MB|GB)?", text.upper())
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not valid: expected pictures or a size, such as 1000 or 500MB")
    number = int(match[1])
    return Room(megabytes=number * (1000 if match[2] == "GB" else 1)) if match[2] else Room(pictures=number)


def _roi(text: str) -> tuple[int, int, int, int]:
    parts = text.split(",")
    if len(parts) != 4 or not all(part.isdigit() for part in parts) or not (int(parts[2]) and int(parts[3])):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a region: expected left,top,width,height, such as 100,50,640,200"
        )
    left, top, width, height = map(int, parts)
    return left, top, width, height
