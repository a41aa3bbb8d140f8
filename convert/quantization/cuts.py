"""What the reader itself cuts from pictures."""

from collections.abc import Iterable
from pathlib import Path

from edge_ocr.ink.binarization import find_ink
from edge_ocr.layout.layout import Layout, find_layout
from edge_ocr.layout.strip import cut_strip
from edge_ocr.page import Frame, Gray
from edge_ocr.picture.load import load_image


def _layouts(pictures: Iterable[Path]) -> Iterable[Layout]:
    return (find_layout(find_ink(Frame(load_image(path).image, path.name))) for path in pictures)


def reader_tiles(pictures: Iterable[Path]) -> list[Gray]:
    """All tiles that the reader itself cuts from pictures, (32, 32) uint8 each."""
    return [segment.tile for layout in _layouts(pictures) for line in layout.lines for segment in line.segments]


def reader_strips(pictures: Iterable[Path]) -> list[Gray]:
    """All strips that the reader itself cuts from pictures, (40, width) uint8 each."""
    return [cut_strip(line.ink).image for layout in _layouts(pictures) for line in layout.lines]
