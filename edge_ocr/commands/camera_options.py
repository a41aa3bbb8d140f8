"""The options that choose and set a camera, and the camera that they name."""

import argparse
import os
from pathlib import Path

from edge_ocr.arguments import FRAME_RATE, bounded_float, duration, positive_int, read_text
from edge_ocr.cameras import Camera, Settings, open_camera
from edge_ocr.cameras.camera import SNAPSHOT_S
from edge_ocr.cameras.pacing import Paced
from edge_ocr.cameras.turning import Turned
from edge_ocr.cameras.video import Video
from edge_ocr.errors import CameraNotFound

VARIABLE = "EDGE_OCR_CAMERA"
"""Of the environment: the camera where --camera does not name one."""

FOCUS = bounded_float("dioptres of a Pi's camera (10 is 10 cm away), or a USB camera's own steps", 0, 10_000)
SPEED = bounded_float("a factor from 0 to 100, such as 1; 0 is as fast as it can be read", 0, 100)


def add_camera(parser: argparse.ArgumentParser) -> None:
    """Add these options to a command."""
    add = parser.add_argument_group("camera").add_argument
    add(
        "--camera",
        default=os.environ.get(VARIABLE, "pi"),
        metavar="SOURCE",
        help=f"pi, pi:1, usb:0, a URL, a film, a picture, a folder; @FILE: what the file says, for a URL with a "
        f"password (default: {VARIABLE} of the environment, or pi)",
    )
    add("--size", type=_size, default=(1280, 720), metavar="WxH", help="picture asked of the camera (1280x720)")
    add("--fps", type=FRAME_RATE, default=30.0, metavar="N", help="pictures a second asked of the camera (30)")
    add("--exposure", type=positive_int, metavar="US", help="shutter time, microseconds (default: the camera's choice)")
    add("--no-autofocus", action="store_true", help="leave the focus where it is")
    add("--focus", type=FOCUS, metavar="N", help="fix the lens: dioptres (10: 10 cm) of a Pi's camera, a USB's steps")
    add("--rotate", choices=("0", "90", "180", "270", "auto"), default="0", help="turn each picture "
        "clockwise; auto: by the text that holds (default: 0)")  # fmt: skip
    add("--flip", action="store_true", help="mirror each picture left to right, before --rotate")
    add("--interval", type=duration, metavar="TIME", help="read, close the camera, and again after 30s, 5m or 1h")
    add("--loop", action="store_true", help="start a film or a folder again when it ends")
    add("--speed", type=SPEED, metavar="N", help="play a film at N times its rate and drop what is not read in time; "
        "0: read every picture (default: 1 with --preview, else 0)")  # fmt: skip


def chosen_camera(options: argparse.Namespace) -> Camera:
    """The camera that the options name, not open yet. Raises CameraNotFound."""
    width, height = options.size
    settings = Settings(
        width,
        height,
        options.fps,
        loop=options.loop,
        autofocus=not options.no_autofocus,
        exposure_us=options.exposure,
        focus=options.focus,
        snapshot_s=min(SNAPSHOT_S, options.interval or SNAPSHOT_S),
    )
    camera = open_camera(_source(options.camera), settings)
    if options.interval and not camera.live:
        options.usage_error("--interval is for cameras and streams: leave it out for a film, a picture or a folder")
    if options.speed is not None and camera.live:
        options.usage_error("--speed is for films: leave it out for a camera or a stream")
    usual = 1.0 if options.preview is not None and isinstance(camera, Video) and not camera.live else 0.0
    if speed := usual if options.speed is None else options.speed:
        camera = Paced(camera, speed)
    degrees = 0 if options.rotate == "auto" else int(options.rotate)
    return Turned(camera, degrees, mirrored=options.flip) if options.rotate != "0" or options.flip else camera


def _source(named: str) -> str:
    """The camera's name, from a file if it is @FILE."""
    if not named.startswith("@"):
        return named
    return read_text(Path(named[1:]), "a file with a camera's name", CameraNotFound).strip()


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 16 <= int(width) <= 8192 and 16 <= int(height) <= 8192):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size: expected width x height in pixels, such as 1280x720")
    return int(width), int(height)
