"""The cameras of this machine, found without opening any."""

import sys
from pathlib import Path
from typing import NamedTuple

from edge_ocr.board import read_fact


class Found(NamedTuple):
    """A camera of this machine."""

    source: str
    """What `--camera` takes."""
    description: str


def list_cameras(root: Path = Path("/")) -> list[Found]:
    """Pi cameras, if picamera2 is installed, and video devices that capture."""
    return [*_pi_cameras(), *_devices(root)]


def _pi_cameras() -> list[Found]:
    try:
        from picamera2 import Picamera2
    except Exception:  # Not installed, or without its libcamera: then there are none to use.
        return []
    try:
        infos = Picamera2.global_camera_info()
    except Exception as error:
        print(f"edge-ocr: libcamera does not answer ({error})", file=sys.stderr)
        return []
    return [Found(f"pi:{number}", str(info.get("Model", "camera"))) for number, info in enumerate(infos)]


def _devices(root: Path) -> list[Found]:
    """Video4Linux devices. A camera has several; the first (index 0) gives pictures."""
    found = []
    folder = root / "sys/class/video4linux"
    names = sorted(folder.glob("video*"), key=lambda path: int(path.name.removeprefix("video") or 0))
    for path in names:
        index, name = read_fact(path / "index"), read_fact(path / "name")
        # The Pi's own decoders and image processors are video devices too.
        if index == "0" and not name.startswith(("bcm2835", "pispbe", "rpivid", "rpi-hevc")):
            found.append(Found(f"/dev/{path.name}", name or "camera"))
    return found
