"""A picture file's bytes -> 8-bit grey or BGR pixels, or one sentence says why not.

It is careful, but native decoders are not: what a stranger gives goes through `edge_ocr.picture.decoder`, which runs
this in a process of its own.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadImage, first_line
from edge_ocr.picture.avif import decode_avif
from edge_ocr.picture.header import Bytes, Header, parse_header, picture_kind
from edge_ocr.picture.orientation import oriented

LARGEST = 50_000_000
"""Pixels: four times a good phone's picture; decoded it takes 150 MB, as much as a small board can spare."""

LARGEST_DECODED = 4 * LARGEST
"""Bytes of a decoded picture, before it becomes 8-bit grey or BGR: the largest one, with colour and transparency."""

SMALLEST_SIDE = 8
"""Pixels: below this no character can be recognised."""

DEEPEST = 16
"""Bits of a channel; more are floating-point numbers or measurements, whose brightness is not known."""

ORIENTED = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR
"""How OpenCV decodes: it keeps all bits and grey, turns by EXIF and drops transparency."""

REDUCED = cv2.IMREAD_REDUCED_COLOR_2
"""How it decodes a JPEG at half its size, at once: for phones of 50 to 200 megapixels."""

STRIPE = 1_000_000
"""Pixels that are converted at a time, so that a picture is never in memory twice."""

NOT_EVERYWHERE = frozenset({"AVIF", "JPEG 2000", "GIF"})
"""Kinds that some builds of OpenCV leave out."""

KNOWS_JPEG_2000 = int(cv2.__version__.partition(".")[0]) >= 5
"""Whether this OpenCV survives damaged JPEG 2000: in 4.11 `make fuzz` finds crashes within minutes."""

READABLE = "a PNG, JPEG, BMP, GIF, TIFF, WebP, PNM, AVIF, JPEG 2000 or HEIC picture, or a PDF"

STILL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"eXIf", b"IDAT", b"IEND"})
"""PNG chunks that say how the picture looks; all others are comments, or further pictures of an animation."""

Complaints = Callable[[], str]
"""What the native decoder has said on stderr since it was asked last."""


class Place(Protocol):
    """Where a picture may be decoded to at once, and the file that it is in."""

    path: str

    def __call__(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """The place, of this shape; it is asked for once at most."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture as OpenCV gives it, and how to make a frame of it."""

    pixels: NDArray[np.generic]
    """(height, width), or with 1, 3 or 4 channels, of uint8 or uint16."""
    orientation: int
    """To be applied, as EXIF says it."""
    pages: int
    """Of the file."""

    def stripes(self) -> "Iterator[NDArray[np.uint8]]":
        """Rows of the frame, from its top to its bottom, some at a time: (rows, width) or (rows, width, 3) uint8."""
        pixels = oriented(self.pixels, self.orientation)
        to_8_bits = eight_bits(pixels)
        rows = max(1, STRIPE // max(1, pixels.shape[1]))
        for top in range(0, len(pixels), rows):
            yield on_white(to_8_bits(pixels[top : top + rows]))


def decode_image(data: Bytes, name: str, complaints: Complaints = str, place: Place | None = None) -> Decoded:
    """Decode a picture file's bytes in this process; see `edge_ocr.picture.load.load_image`.

    `complaints` shows whether a JPEG without an end marker holds all of its pixels; without it, it counts as whole.
    `place` is where the pixels are then, if that was possible: most photographs need not be copied.
    """
    header = _check(data, name)
    stored = data
    if header.animated:  # OpenCV 4.11 crashes on some animations; others would show another picture than the still one.
        data = still_png(data)
    elif header.kind == "JPEG" and not header.whole:  # Small cameras leave the end marker out.
        data = data[:] + b"\xff\xd9"
    complaints()
    try:
        pixels = _decode(data, header, place if data is stored else None)
    except (cv2.error, MemoryError) as error:
        if isinstance(error, MemoryError) or error.code == cv2.Error.StsNoMem:
            raise BadImage(f"{name} needs too much memory to be decoded: scale it down, or save it anew") from error
        raise BadImage(f"{name} cannot be decoded ({first_line(error)}): save it again as PNG or JPEG") from error
    if pixels is None and header.kind == "AVIF":
        pixels = decode_avif(data)
    if pixels is None:
        raise _undecoded(name, header)
    if not header.whole and "premature end" in complaints():
        raise _cut_short(name, header)
    check_size(pixels.shape[1], pixels.shape[0], name)  # A header may have lied.
    if pixels.dtype not in (np.uint8, np.uint16):
        raise BadImage(f"{name} holds numbers of type {pixels.dtype}: expected 8 or 16 bits a channel, so convert it")
    if pixels.nbytes > LARGEST_DECODED:
        raise BadImage(f"{name} takes {pixels.nbytes // 1_000_000} MB decoded: scale it down, or save it with 8 bits")
    is_turned = header.kind != "AVIF" and not header.alpha  # By OpenCV, as EXIF says.
    return Decoded(pixels, 1 if is_turned else header.orientation, header.pages)


def _decode(data: Bytes, header: Header, place: Place | None) -> NDArray[np.generic] | None:
    """What OpenCV makes of it: None, or cv2.error or MemoryError, where that is nothing."""
    flags = cv2.IMREAD_UNCHANGED if header.alpha else REDUCED if _reduction(header) > 1 else ORIENTED
    if header.kind == "AVIF" and not header.alpha:  # Its EXIF may say it again.
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    if place and header.channels and flags != REDUCED:
        shape = (header.height, header.width, header.channels)[: 2 + (header.channels > 1)]
        is_frame = header.bits == 8 and header.channels < 4
        target = place(shape) if is_frame else np.empty(shape, np.uint8 if header.bits == 8 else np.uint16)
        try:
            return cv2.imread(place.path, target, flags)  # In half of the memory: imdecode's pixels are copied.
        except cv2.error as error:  # Most of all, if it isn't of that shape after all.
            if error.code == cv2.Error.StsNoMem:
                raise
    return cv2.imdecode(np.frombuffer(data, np.uint8), flags)


def still_png(data: Bytes) -> bytes:
    """A PNG without its animation: its picture alone, as decoders that know no animations see it."""
    kept, at = [data[:8]], 8
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name in STILL_CHUNKS:
            kept.append(data[at : at + length + 12])
        at += length + 12
    return b"".join(kept)


def eight_bits(pixels: NDArray[np.generic]) -> Callable[[NDArray[np.generic]], NDArray[np.uint8]]:
    """What makes parts of a uint8 or uint16 picture uint8.

    16-bit files may use 10, 12 or 14 of their bits: the largest value shows which.
    """
    if pixels.dtype == np.uint8:
        return lambda part: part.astype(np.uint8, copy=False)
    bits = max(8, int(pixels.max()).bit_length())
    steps = np.arange(1 << bits, dtype=np.float64) * 255 / ((1 << bits) - 1)
    table = np.rint(steps).astype(np.uint8)
    return lambda part: np.asarray(table[part], np.uint8)


def on_white(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w), (h, w, 1), (h, w, 3) or (h, w, 4) with alpha last -> (h, w) or (h, w, 3), laid on white paper."""
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] < 4:
        return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    alpha = pixels[:, :, 3:].astype(np.uint16)
    return ((pixels[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def check_size(width: int, height: int, name: str, smallest: int = SMALLEST_SIDE) -> None:
    """Raise BadImage for a picture in which nothing can be read, or that is too large."""
    if min(width, height) < smallest:
        raise BadImage(
            f"{name} is {width}x{height} pixels, too small to hold writing: expected at least {smallest}x{smallest}"
        )
    if width * height > LARGEST:
        raise BadImage(
            f"{name} is {width}x{height} pixels, too large to read: "
            f"expected at most {LARGEST // 1_000_000} megapixels, so scale it down"
        )


def _check(data: Bytes, name: str) -> Header:
    """The header of data worth decoding; else BadImage."""
    if not len(data):
        raise BadImage(f"{name} is empty: expected a picture, so copy or save it again")
    if not picture_kind(data):
        raise BadImage(f"{name} is {_otherwise(data[:32])}: expected {READABLE}")
    try:
        header = parse_header(data)
    except ValueError as error:
        raise BadImage(
            f"{name} begins like a picture of kind {picture_kind(data)} but its header is broken ({error}): copy it "
            "again, or save it again as PNG or JPEG"
        ) from error
    reduction = _reduction(header)
    check_size(header.width // reduction, header.height // reduction, name)
    if not header.whole and header.kind != "JPEG":
        raise _cut_short(name, header)
    if header.kind == "JPEG 2000" and not KNOWS_JPEG_2000:
        raise BadImage(f"{name} is a JPEG 2000 picture, on which OpenCV {cv2.__version__} may crash: store it as PNG")
    if header.bits > DEEPEST:
        raise BadImage(f"{name} holds numbers of {header.bits} bits: expected 8 or 16 bits a channel, so convert it")
    return header


def _reduction(header: Header) -> int:
    """2 for a JPEG that is too large by itself: decoders make half the size at a quarter of the memory."""
    return 2 if header.kind == "JPEG" and header.width * header.height > LARGEST else 1


def _otherwise(head: bytes) -> str:
    """What a file is that is no picture of ours."""
    return "a film" if head[4:8] == b"ftyp" else "something else"


def _cut_short(name: str, header: Header) -> BadImage:
    return BadImage(
        f"{name} is cut short: expected a whole {header.kind} picture, so wait until it is written, or copy or save it "
        "again"
    )


def _undecoded(name: str, header: Header) -> BadImage:
    unknown = f", or OpenCV {cv2.__version__} does not know its kind" if header.kind in NOT_EVERYWHERE else ""
    way = "run pip install 'edge-ocr[heic]', " if header.kind == "AVIF" else ""
    return BadImage(
        f"{name} begins like a picture of kind {header.kind} but cannot be decoded: it may be cut short{unknown}, so "
        f"{way}copy it again, or save it again as PNG or JPEG"
    )
