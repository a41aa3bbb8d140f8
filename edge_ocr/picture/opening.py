"""A file's bytes and the number of a page -> its pixels, by the decoder of its kind."""

import io
import mmap
import os
import struct
from typing import BinaryIO

from edge_ocr.errors import BadImage
from edge_ocr.picture.decoding import Complaints, Decoded, Place, decode_image
from edge_ocr.picture.header import page_places, picture_kind
from edge_ocr.picture.heic import decode_heic, is_heic
from edge_ocr.picture.pdf import decode_pdf, is_pdf


def open_page(data: mmap.mmap, name: str, page: int, complaints: Complaints, place: Place | None) -> Decoded:
    """One page of a mapped file; see `decode_image`.

    Args:
        data: the file, mapped so that it may be written to without changing it, if `page` is not 0.
        name: for messages.
        page: from 0; only PDF and TIFF have more than one.
        complaints, place: as in `decode_image`.
    """
    if not picture_kind(data):
        if is_pdf(data):
            with _as_file(data, place) as file:
                return decode_pdf(file, name, page)
        if is_heic(data):
            return decode_heic(data, name)
    if page:
        _make_first(data, name, page)
    return decode_image(data, name, complaints, None if page else place)  # The file itself begins with another page.


def _as_file(data: mmap.mmap, place: Place | None) -> BinaryIO:
    """What PDFium reads as it needs it: a copy of the whole may be larger than the limit."""
    return open(place.path, "rb") if place and os.path.exists(place.path) else io.BytesIO(data[:])


def _make_first(data: mmap.mmap, name: str, page: int) -> None:
    """Let a TIFF begin with one of its pages, so that this page is checked and decoded as all first pages are."""
    order, places = page_places(data)
    if page >= len(places):
        raise BadImage(f"{name} has {len(places)} pages: expected a page of these")
    data[4:8] = struct.pack(order + "I", places[page])
