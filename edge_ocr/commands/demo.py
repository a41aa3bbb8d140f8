"""`edge-ocr demo`: what it does in half a minute: a photograph, then a Pi's camera or a film, read live."""

import argparse
from importlib.util import find_spec
from pathlib import Path

from edge_ocr.cameras.listing import list_cameras
from edge_ocr.commands import live, read
from edge_ocr.commands.main import make_parser
from edge_ocr.output import note

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


def run(options: argparse.Namespace) -> int:
    """Read the sample photograph, and then live until the first text; returns an exit code as `read` and `live` do."""
    photograph = ["read", str(SAMPLES / "note.jpg")]
    note("a photograph" + (f", also drawn with boxes in {options.annotate}:" if options.annotate else ":"))
    if options.annotate:
        photograph += ["--annotate", options.annotate]
    if code := read.run(make_parser().parse_args(photograph)):
        return code
    source = options.camera or next((it.source for it in list_cameras() if it.source.startswith("pi:")), None)
    if source:
        note("the camera, read live: hold writing before it")
    else:
        note("a film instead of a camera, read live:")
    watched = ["live", "--once", "--camera", source or str(SAMPLES / "note.mp4")]
    if find_spec("tornado"):
        watched += ["--preview", "127.0.0.1:0"]
    return live.run(make_parser().parse_args(watched))
