"""`edge-ocr cameras`: the cameras of this machine, one a line, as for `live --camera`."""

import argparse
import json

from edge_ocr.cameras.listing import list_cameras
from edge_ocr.output import note, say


def run(options: argparse.Namespace) -> int:
    """Print the cameras. Returns 0, even if there are none."""
    found = list_cameras()
    if options.json:
        say(json.dumps([{"source": camera.source, "description": camera.description} for camera in found]))
        return 0
    for camera in found:
        say(f"{camera.source:<14} {camera.description}")
    if not found:
        note("no camera found: a film, a picture or a folder of pictures can replace one (`edge-ocr live --help`)")
    return 0
