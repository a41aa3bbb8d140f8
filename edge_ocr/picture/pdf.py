"""Pages of a PDF: drawn by PDFium, through pypdfium2, as finely as the scans on them are."""

import math
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from edge_ocr.errors import BadImage, first_line
from edge_ocr.picture.decoding import LARGEST, Decoded, check_size
from edge_ocr.picture.header import MOST_PAGES, Bytes
from edge_ocr.picture.orientation import UPRIGHT

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

POINTS = 72
"""To an inch."""

USUAL_DPI = 200
"""Dots an inch for pages that are drawn, not scanned: handwriting is legible, and a sheet is 4 megapixels."""

LEAST_PART = 0.05
"""Of a page that an embedded picture must cover to be more than a logo."""

SCANNED_PART = 0.5
"""Of a page that pictures must cover together for it to be a scan; some scanners store it in strips."""

BELOW = 1 - 1e-5
"""PDFium rounds sizes up: a hair less, and a scan keeps its width and height, pixel by pixel."""

LARGEST_PAGE = LARGEST // 2
"""Pixels; while it is drawn, a page is in memory twice."""


def is_pdf(data: Bytes) -> bool:
    """By its first bytes; some programs write a little before the mark."""
    return b"%PDF-" in data[:1024]


def decode_pdf(file: BinaryIO, name: str, page: int) -> Decoded:
    """One page, from 0 on, of an open file; BadImage if it is broken or locked, or pypdfium2 is missing."""
    try:
        from pypdfium2 import PdfDocument
    except ImportError as error:
        raise BadImage(
            f"{name} is a PDF, which needs pypdfium2: pip install 'edge-ocr[pdf]', or export its pages as PNG"
        ) from error
    try:
        with PdfDocument(file) as document:
            count = len(document)
            if not count:
                raise BadImage(f"{name} is a PDF without pages: expected one with scans or photographs")
            return Decoded(_draw(document[page], name), UPRIGHT, min(count, MOST_PAGES))
    except (BadImage, MemoryError):
        raise
    except Exception as error:  # Most of all PdfiumError.
        locked = "password" in str(error).lower()
        cure = "it is locked by a password, so save it without one" if locked else "copy it again"
        raise BadImage(f"{name} is a PDF that cannot be opened ({first_line(error)}): {cure}") from error


def _draw(page: "PdfPage", name: str) -> Any:
    width, height = page.get_size()
    if not min(width, height) > 0:
        raise BadImage(f"{name} has a page without a size: save it again, or export its pages as PNG")
    scale = min(_dots_an_inch(page, width * height) / POINTS, math.sqrt(LARGEST_PAGE / (width * height)))
    check_size(round(width * scale), round(height * scale), name)
    return np.array(page.render(scale=scale, may_draw_forms=False).to_numpy())


def _dots_an_inch(page: "PdfPage", area: float) -> float:
    """Of the finest picture on a scanned page, so that its pixels are kept; of a drawn page the usual ones."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    covered, finest = 0.0, 0.0
    for image in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = image.get_bounds()
        part = (right - left) * (top - bottom) / area
        if part >= LEAST_PART:
            covered += part
            finest = max(finest, POINTS * math.sqrt(math.prod(image.get_px_size()) / (part * area)))
    return finest * BELOW if covered >= SCANNED_PART else USUAL_DPI
