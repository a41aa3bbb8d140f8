"""A picture file's first bytes -> its size, to refuse what is too large or cut short before decoding it."""

import re
import struct
from dataclasses import dataclass

PNM = re.compile(rb"P[1-6](?:\s|#[^\n]*\n)+(\d{1,9})(?:\s|#[^\n]*\n)+(\d{1,9})\s")
"""The head of PBM, PGM and PPM: width and height in decimal, comments up to the line's end."""

JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers whose segment holds the size: all SOFn, without DHT, JPG and DAC that lie among them."""

JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG markers without a length: TEM, RSTn, SOI."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture file says about itself."""

    kind: str
    """PNG, JPEG, BMP, GIF, TIFF, WebP or PNM."""
    width: int
    """In pixels, as stored: orientation is not applied."""
    height: int
    """In pixels, as stored."""
    alpha: bool = False
    """Whether pixels may be transparent."""
    whole: bool = True
    """False where the file's end is known to be missing."""


def picture_kind(data: bytes) -> str:
    """The format by its first bytes, "" if it is none of ours."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[:2] in (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6") and data[2:3].isspace():
        return "PNM"
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return kind
    return ""


def parse_header(data: bytes) -> Header:
    """Size of a picture of one of our kinds, after the formats' own specifications.

    Raises:
        ValueError: the file ends, or becomes nonsense, before its size.
    """
    try:
        return _PARSERS[picture_kind(data)](data)
    except (KeyError, IndexError, struct.error) as error:
        raise ValueError("no size in the picture's header") from error


def _png(data: bytes) -> Header:
    width, height = struct.unpack_from(">II", data, 16)
    alpha, whole, at = data[25] in (4, 6), False, 8
    while at + 8 <= len(data) and not whole:
        length, name = struct.unpack_from(">I4s", data, at)
        alpha = alpha or name == b"tRNS"
        whole = name == b"IEND"
        at += length + 12
    return Header("PNG", width, height, alpha, whole)


def _jpeg(data: bytes) -> Header:
    at, size = 2, (0, 0)
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker where a JPEG segment should begin")
        marker = data[at + 1]
        if marker == 0xFF or marker in JPEG_BARE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in JPEG_FRAMES:
            size = struct.unpack_from(">HH", data, at + 5)
        if marker in (0xDA, 0xD9):  # The pixels begin here, or the file ends.
            break
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    if not all(size):
        raise ValueError("a JPEG without a size")
    # Within the pixels 0xFF is always escaped, so an end marker after their start is one; thumbnails lie before it.
    return Header("JPEG", size[1], size[0], whole=data.find(b"\xff\xd9", at) >= 0)


def _bmp(data: bytes) -> Header:
    if struct.unpack_from("<I", data, 14)[0] == 12:  # The header of OS/2.
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return Header("BMP", abs(width), abs(height))  # A negative height says that the rows run downwards.


def _gif(data: bytes) -> Header:
    width, height = struct.unpack_from("<HH", data, 6)
    return Header("GIF", width, height, alpha=True)


def _tiff(data: bytes) -> Header:
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack_from(order + "I", data, 4)[0]
    tags = {}
    for entry in range(at + 2, at + 2 + 12 * struct.unpack_from(order + "H", data, at)[0], 12):
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        # A value of one number stands in the entry itself: 3 is a 16-bit number, 4 a 32-bit one.
        tags[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, entry + 8)[0]
    return Header("TIFF", tags[256], tags[257], alpha=338 in tags)


def _webp(data: bytes) -> Header:
    alpha, coding = False, data[12:16]
    if coding == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        alpha = bool(data[20] & 0x10)
    elif coding == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        width, height, alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    return Header("WebP", width, height, alpha, struct.unpack_from("<I", data, 4)[0] + 8 <= len(data))


def _pnm(data: bytes) -> Header:
    match = PNM.match(data)
    if match is None:
        raise ValueError("a PNM without a size")
    return Header("PNM", int(match[1]), int(match[2]))


_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"BM": "BMP",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}

_PARSERS = {"PNG": _png, "JPEG": _jpeg, "BMP": _bmp, "GIF": _gif, "TIFF": _tiff, "WebP": _webp, "PNM": _pnm}
