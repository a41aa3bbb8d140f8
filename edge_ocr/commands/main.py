"""The command line of `edge-ocr`."""

import argparse
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

import edge_ocr
from edge_ocr.arguments import Parser, add_command, name_of
from edge_ocr.bench.options import add_bench
from edge_ocr.commands.documents import add_documents
from edge_ocr.commands.form import add_form_command
from edge_ocr.commands.form_options import add_form
from edge_ocr.commands.live_options import add_live
from edge_ocr.commands.reading_options import add_reading
from edge_ocr.output import guard

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
    add_live(commands)
    add_bench(commands, lambda parser: add_reading(parser, backend=False))
    _add_small(commands)
    return parser


def _add_small(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands that show what there is, and have hardly any options."""
    cameras = commands.add_parser(
        "cameras",
        help="list the cameras of this machine",
        description="List the cameras of this machine, one a line, each by the name that `live --camera` takes.",
    )
    cameras.add_argument("--json", action="store_true", help="as one JSON list")
    demo = commands.add_parser(
        "demo",
        help="read a photograph, then a Pi's camera or a film: see what it does",
        description="Read a sample photograph, then a Pi's camera, or a film where there is none, until its first "
        "text. With the extra `preview` the page is served meanwhile.",
    )
    demo.add_argument("--camera", metavar="SOURCE", help="as for live (default: a Pi's camera, or else a film)")
    demo.add_argument("--annotate", metavar="OUT.png", help="also draw the photograph's boxes and text")
    info = commands.add_parser(
        "info",
        help="show models, alphabets, runtimes and the machine",
        description="Show which models there are, what runs them, which packages are installed, and the machine: what "
        "a report of a fault needs.",
    )
    info.add_argument("--json", action="store_true", help="as one JSON object")
    info.add_argument("--model", metavar="FOLDER", help="a model's folder, instead of the bundled ones")
    completion = commands.add_parser(
        "completion",
        help="print a script that completes commands and options",
        description="Print a script by which Tab completes commands and options. Needs the extra `shell`; "
        "docs/usage.md says where the script belongs.",
    )
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell that will read it")
    commands.add_parser(
        "manual",
        help="print a man page",
        description="Print the man page of all commands. Needs the extra `shell`.",
    )


def _add_read(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    read = add_command(
        commands,
        "read",
        help="read pictures: their text goes to stdout",
        description="Read the handwriting in pictures. Only the text goes to stdout, an empty line between pictures.",
        epilog=READ_EXAMPLES,
    )
    add = read.add_argument
    add("images", nargs="*", metavar="IMAGE", help="a picture, a folder of pictures, or - for stdin")
    add("--image", action="append", default=[], metavar="IMAGE", help="the same, by name")
    add_documents(read)
    add("--again", action="store_true", help="also read pictures whose documents are there already")
    add("--annotate", metavar="OUT.png", help="draw what was read; with several pictures OUT-NAME.png, or a folder")
    add_form(read)
    add_reading(read)


def _add_watch(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    watch = add_command(
        commands,
        "watch",
        help="read the pictures that arrive in a folder",
        description="Read what is in a folder and in those below it, and then what arrives, each picture when it is\n"
        "whole: for scanners, and phones that sync. Needs the extra `watch`.",
        epilog=WATCH_EXAMPLES,
    )
    watch.add_argument("folder", metavar="FOLDER", type=name_of("a folder"), help="where pictures arrive")
    add_documents(watch)
    add_reading(watch)
