"""Where frames come from: Pi cameras, USB cameras, streams, films, pictures, all through one small interface."""

from edge_ocr.cameras.camera import Camera, Settings
from edge_ocr.cameras.opening import open_camera

__all__ = ["Camera", "Settings", "open_camera"]
