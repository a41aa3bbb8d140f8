"""The command line of `edge-ocr live`."""

import argparse
import re

from edge_ocr.arguments import SECONDS, add_command
from edge_ocr.commands.camera_options import add_camera
from edge_ocr.commands.configuration import FromFile
from edge_ocr.commands.gates import add_gates
from edge_ocr.commands.programs import add_programs
from edge_ocr.commands.reading_options import add_reading
from edge_ocr.live import steady
from edge_ocr.outputs.recording import Room
from edge_ocr.preview.options import add_page

LIVE_SECONDS = 2.0
"""Default of the longest time to read a picture in `live`: the next one may show something else."""

EXAMPLES = r"""examples:
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


def add_live(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    live = add_command(
        commands,
        "live",
        help="read what a camera sees, steadily",
        description="Read the handwriting that a camera sees. Steady texts go to stdout, messages to stderr.",
        epilog=EXAMPLES,
    )
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
    add_reading(live, max_seconds=LIVE_SECONDS, min_confidence=steady.MIN_CONFIDENCE)
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
