"""The page of the loop: the picture with boxes, the steady text, its history, and the settings."""

from edge_ocr.preview.server import Preview

__all__ = ["Preview"]
