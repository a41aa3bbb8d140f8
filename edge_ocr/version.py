"""The version of edge-ocr, apart, so that every module may name it."""

__version__ = "0.1.0"
