"""A page to watch the loop on: the picture with boxes, the steady text, its history, and what is to be read."""

from edge_ocr.preview.server import Preview

__all__ = ["Preview"]
