"""A camera's name on the command line -> the camera."""

import re
from pathlib import Path

from edge_ocr.cameras.address import SCHEME, normal, shown
from edge_ocr.cameras.camera import Camera, Settings
from edge_ocr.cameras.stills import Stills
from edge_ocr.cameras.video import Device, Video
from edge_ocr.errors import CameraNotFound
from edge_ocr.picture.folder import SUFFIXES

FILMS = frozenset({
    ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mjpeg", ".mjpg", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp",
    ".ts", ".mts", ".m2ts", ".h264", ".264", ".h265", ".hevc",
})  # fmt: skip
"""File name endings of films, and of streams as `rpicam-vid` and others store them."""

KINDS = "pi, pi:N, usb:N, /dev/videoN, http://..., rtsp://..., a film, a picture or a folder of pictures"


def open_camera(source: str, settings: Settings | None = None) -> Camera:
    """The camera that `source` names; open it with `with`.

    Args:
        source: "pi" or "pi:1", "usb:0", "/dev/video0", "/dev/v4l/by-id/...", "http://..." (a stream or a snapshot),
            "rtsp://...", or the path of a film, a picture or a folder of pictures.
        settings: size, rate and more.

    Raises:
        CameraNotFound: `source` names nothing of that kind, or a file that does not exist.
    """
    settings = settings or Settings()
    if match := re.fullmatch(r"pi(?::(\d{1,4}))?", source):
        from edge_ocr.cameras.pi import PiCamera  # Only a Pi has picamera2.

        return PiCamera(int(match[1] or 0), settings)
    if match := re.fullmatch(r"usb:(\d{1,4})", source):
        return Device(source, int(match[1]), settings)
    if re.match(r"/dev/(video\d|v4l/)", source):
        return Device(source, source, settings)
    if SCHEME.match(source):
        return _open_address(normal(source), settings)
    path, name = Path(source), shown(source)
    if not source or not _exists(path):
        raise CameraNotFound(f"there is no camera or file {name!r}: expected {KINDS}")
    if not (path.is_dir() or path.is_file()):
        raise CameraNotFound(f"{name} is neither a file nor a folder: expected {KINDS}")
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return Stills(path, settings)
    if path.suffix.lower() in FILMS:
        return Video(source, source, settings, live=False)
    raise CameraNotFound(f"{name} is no camera, film or picture by its name: expected {KINDS}")


def _open_address(url: str, settings: Settings) -> Camera:
    if url.startswith("http"):
        from edge_ocr.cameras.web import WebCamera  # Its library takes longer to load than a camera to open.

        return WebCamera(url, settings)
    return Video(shown(url), url, settings, live=True)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # Its name is too long, or holds a zero.
        return False
