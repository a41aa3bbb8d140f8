"""A camera's name on the command line -> the camera."""

import re
from pathlib import Path

from edge_ocr.cameras.camera import Camera, Settings
from edge_ocr.cameras.stills import Stills
from edge_ocr.cameras.video import Video
from edge_ocr.errors import CameraNotFound
from edge_ocr.picture.folder import SUFFIXES

FILMS = frozenset({".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v", ".mjpeg", ".mjpg"})
"""File name endings of films."""

STREAM = re.compile(r"(https?|rtsp|rtmp|udp|tcp)://")

KINDS = "pi, pi:N, usb:N, /dev/videoN, http://..., rtsp://..., a film, a picture or a folder of pictures"


def open_camera(source: str, settings: Settings | None = None) -> Camera:
    """The camera that `source` names; open it with `with`.

    Args:
        source: "pi" or "pi:1", "usb:0", "/dev/video0", "http://...", "rtsp://...", or the path of a film, a picture or
            a folder of pictures.
        settings: size, rate and more.

    Raises:
        CameraNotFound: `source` names nothing of that kind, or a file that does not exist.
    """
    settings = settings or Settings()
    if match := re.fullmatch(r"pi(?::(\d{1,4}))?", source):
        from edge_ocr.cameras.pi import PiCamera  # Only a Pi has picamera2.

        return PiCamera(int(match[1] or 0), settings)
    if match := re.fullmatch(r"(?:usb:|/dev/video)(\d{1,4})", source):
        return Video(source, int(match[1]), settings, live=True)
    if STREAM.match(source):
        return Video(source, source, settings, live=True)
    path = Path(source)
    if not source or not _exists(path):
        raise CameraNotFound(f"there is no camera or file {source!r}: expected {KINDS}")
    if not (path.is_dir() or path.is_file()):
        raise CameraNotFound(f"{source} is neither a file nor a folder: expected {KINDS}")
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return Stills(path, settings)
    if path.suffix.lower() in FILMS:
        return Video(source, source, settings, live=False)
    raise CameraNotFound(f"{source} is no camera, film or picture by its name: expected {KINDS}")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # Its name is too long, or holds a zero.
        return False
