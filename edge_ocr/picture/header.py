"""A picture file's first bytes -> its size and what else decides how to decode it, before anything is decoded.

`data` may be bytes or a mapped file. Every loop here is bounded, whatever the bytes are.
"""

import mmap
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from edge_ocr.picture.orientation import UPRIGHT, exif_orientation

Bytes = bytes | mmap.mmap
"""A whole file, in memory or mapped."""

HEAD = 65_536
"""Bytes of a file within which its size must stand, in formats where comments or tables may come first."""

MOST_PARTS = 100_000
"""Chunks of a PNG, segments of a JPEG. A PNG of 50 megapixels in chunks of 8 kB has 20,000."""

MOST_SCANS = 100
"""Scans of a progressive JPEG. Encoders write about ten; each costs as much time as a picture of its size."""

MOST_PAGES = 10_000
"""Pages of a TIFF that are counted."""

PNM = re.compile(rb"P[1-6](?:\s|#[^\n]*\n)+(\d{1,9})(?:\s|#[^\n]*\n)+(\d{1,9})\s")
"""The head of PBM, PGM and PPM: width and height in decimal, comments up to the line's end."""

FILL = re.compile(rb"\xff*")
"""Any number of 0xFF may stand before a JPEG marker."""

JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers whose segment holds the size: all SOFn, without DHT, JPG and DAC that lie among them."""

JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG markers without a length: TEM, RSTn, SOI."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture file says about itself."""

    kind: str
    """PNG, JPEG, BMP, GIF, TIFF, WebP, PNM, AVIF or JPEG 2000."""
    width: int
    """In pixels, as stored: orientation is not applied."""
    height: int
    """In pixels, as stored."""
    alpha: bool = False
    """Whether pixels may be transparent."""
    whole: bool = True
    """False where the file's end is known to be missing."""
    bits: int = 8
    """Of a number: 8 or 16; above 16, in a TIFF, they are no brightnesses."""
    pages: int = 1
    """Of a TIFF, from its first one on."""
    animated: bool = False
    """Whether a PNG holds an animation beside its picture."""
    channels: int = 0
    """That it becomes, 1, 3 or 4 with transparency; 0 where that is not known."""
    orientation: int = UPRIGHT
    """As EXIF says it, where OpenCV does not apply it: beside transparency."""


def picture_kind(data: Bytes) -> str:
    """The format by its first bytes, "" if it is none of ours."""
    head = data[:32]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[:2] in (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6") and head[2:3].isspace():
        return "PNM"
    if head[4:8] == b"ftyp":
        return "AVIF" if head[8:12] in (b"avif", b"avis") else ""
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    return ""


def parse_header(data: Bytes) -> Header:
    """Size of a picture of one of our kinds, after the formats' own specifications.

    Raises:
        ValueError: the file ends, or becomes nonsense, before its size.
    """
    try:
        return _PARSERS[picture_kind(data)](data)
    except (KeyError, IndexError, struct.error) as error:
        raise ValueError("no size in the picture's header") from error


def _png(data: Bytes) -> Header:
    width, height = struct.unpack_from(">II", data, 16)
    names: set[bytes] = set()
    at, parts, orientation = 8, 0, UPRIGHT
    while at + 8 <= len(data) and b"IEND" not in names:
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"eXIf":
            orientation = exif_orientation(data[at + 8 : at + 8 + min(length, HEAD)])
        names.add(name)
        at, parts = at + length + 12, parts + 1
        if parts > MOST_PARTS:
            raise ValueError("more chunks than a picture needs")
    return Header(
        "PNG", width, height, alpha=data[25] in (4, 6) or b"tRNS" in names, whole=b"IEND" in names,
        animated=b"acTL" in names, orientation=orientation, bits=max(8, data[24]),
        channels={0: 1, 2: 3, 3: 3, 6: 4}.get(data[25], 0) if b"tRNS" not in names else 0,
    )  # fmt: skip


def _jpeg(data: Bytes) -> Header:
    at, size, channels = 2, (0, 0), 0
    for _ in range(MOST_PARTS):
        if data[at] != 0xFF:  # Decoders skip stray bytes between segments, too.
            at = _found(data, b"\xff", at)
        fill = FILL.match(data, at)
        assert fill is not None
        at = fill.end() + 1
        marker = data[at - 1]
        if marker in JPEG_BARE:
            continue
        if marker in JPEG_FRAMES:
            size, channels = struct.unpack_from(">HH", data, at + 3), 1 if data[at + 7] == 1 else 3
        if marker in (0xDA, 0xD9):  # The pixels begin here, or the file ends.
            break
        at += struct.unpack_from(">H", data, at)[0]
    if not all(size):
        raise ValueError("a JPEG without a size")
    scans, scan = 1, at
    while (scan := data.find(b"\xff\xda", scan + 2)) >= 0:
        scans += 1
        if scans > MOST_SCANS:
            raise ValueError("more scans than a picture needs")
    # Within the pixels 0xFF is always escaped, so an end marker after their start is one; thumbnails lie before it.
    return Header("JPEG", size[1], size[0], whole=data.find(b"\xff\xd9", at) >= 0, channels=channels)


def _bmp(data: Bytes) -> Header:
    if struct.unpack_from("<I", data, 14)[0] == 12:  # The header of OS/2.
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    # A negative height says that the rows run downwards.
    return Header("BMP", abs(width), abs(height), channels=3 if data[28] == 24 else 0)


def _gif(data: Bytes) -> Header:
    width, height = struct.unpack_from("<HH", data, 6)
    return Header("GIF", width, height, alpha=True)


def _tiff(data: Bytes) -> Header:
    order, places = page_places(data)
    first = places[0]
    tags: dict[int, int] = {}
    for entry in range(first + 2, first + 2 + 12 * struct.unpack_from(order + "H", data, first)[0], 12):
        tag, kind, count = struct.unpack_from(order + "HHI", data, entry)
        if tag in tags:  # One reader would take the first, another the last.
            raise ValueError("a tag stands twice")
        form = order + ("H" if kind == 3 else "I")  # 3 is a 16-bit number, 4 a 32-bit one.
        size = struct.calcsize(form)
        # A value of up to four bytes stands in the entry itself, more behind its offset: of several, take the first.
        place = entry + 8 if count * size <= 4 else struct.unpack_from(order + "I", data, entry + 8)[0]
        tags[tag] = struct.unpack_from(form, data, place)[0] if tag in _TIFF_TAGS else 0
    channels = {0: 1, 1: 1, 2: 3}.get(tags.get(262, -1), 0) if 338 not in tags else 0
    return Header(
        "TIFF", tags[256], tags[257], alpha=338 in tags, bits=tags.get(258, 8), pages=len(places), channels=channels
    )


def page_places(data: Bytes) -> tuple[str, list[int]]:
    """The byte order of a TIFF, as struct names it, and where its pages are, each naming the place of the next one."""
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack_from(order + "I", data, 4)[0]
    places: dict[int, None] = {}  # In order, and quick to look in: a chain may lead round in a circle.
    while at and at not in places and len(places) < MOST_PAGES and at + 2 <= len(data):
        places[at] = None
        end = at + 2 + 12 * struct.unpack_from(order + "H", data, at)[0]
        at = struct.unpack_from(order + "I", data, end)[0] if end + 4 <= len(data) else 0
    return order, list(places)


def _webp(data: Bytes) -> Header:
    alpha, coding, orientation = False, data[12:16], UPRIGHT
    if coding == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        alpha = bool(data[20] & 0x10)
        exif = data.find(b"EXIF", 30) if data[20] & 0x08 else -1
        if exif >= 0:
            orientation = exif_orientation(data[exif + 8 : exif + 8 + HEAD])
    elif coding == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        width, height, alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    whole = struct.unpack_from("<I", data, 4)[0] + 8 <= len(data)
    return Header("WebP", width, height, alpha, whole, channels=4 if alpha else 3, orientation=orientation)


def _pnm(data: Bytes) -> Header:
    match = PNM.match(data[:HEAD])
    if match is None:
        raise ValueError("a PNM without a size")
    return Header("PNM", int(match[1]), int(match[2]), channels=3 if data[1] in b"36" else 1)


TURN_BOX = b"\0\0\0\x09irot"
"""Of AVIF: a byte follows, of quarters that the picture is to be turned anticlockwise."""

BY_QUARTERS = (1, 8, 3, 6)
"""As EXIF says it."""


def _avif(data: Bytes) -> Header:
    """The largest of its pictures: a thumbnail or a tile may stand beside it."""
    head, sizes, at = data[:HEAD], [], -1
    while (at := head.find(b"ispe", at + 1)) >= 0 and len(head) >= at + 16:
        sizes.append(struct.unpack_from(">II", head, at + 8))
    if not sizes:
        raise ValueError("an AVIF without a size")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    turn = head.find(TURN_BOX) + len(TURN_BOX)
    orientation = BY_QUARTERS[head[turn] & 3] if len(TURN_BOX) <= turn < len(head) else 1
    return Header("AVIF", width, height, alpha=b"auxiliary:alpha\0" in head, orientation=orientation)


def _jpeg_2000(data: Bytes) -> Header:
    """From the codestream's SIZ marker, which decides; the boxes around it only repeat it."""
    at = _found(data[:HEAD], b"\xff\x4f\xff\x51", 0)
    right, bottom, left, top = struct.unpack_from(">IIII", data, at + 8)
    return Header("JPEG 2000", right - left, bottom - top)


def _found(data: Bytes, what: bytes, at: int) -> int:
    """Where something stands in the data; ValueError if it does not."""
    found = data.find(what, at)
    if found < 0:
        raise ValueError("the picture's header ends too early")
    return found


_TIFF_TAGS = frozenset({256, 257, 258, 262, 338})
"""Width, height, bits, kind of colour, and what extra samples mean, transparency among it."""

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"BM": "BMP",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
}

_PARSERS: dict[str, Callable[[Bytes], Header]] = {
    "PNG": _png, "JPEG": _jpeg, "BMP": _bmp, "GIF": _gif, "TIFF": _tiff, "WebP": _webp, "PNM": _pnm, "AVIF": _avif,
    "JPEG 2000": _jpeg_2000,
}  # fmt: skip
