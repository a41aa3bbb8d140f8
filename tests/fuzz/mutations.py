"""Small pictures of every format, and ways to damage a file that decoders are known to trip over."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from datetime import datetime, timezone

import cv2
import numpy as np
from numpy.typing import NDArray

Mutation = Callable[[bytearray, random.Random], bytearray]

NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Where sizes and counts overflow."""

LONGEST = 400_000
"""Bytes of a damaged file."""


def whole_pictures() -> dict[str, bytes]:
    """A name and a file for each way of storing a picture that this OpenCV and the installed extras can write."""
    rng = np.random.default_rng(3)
    colour = cv2.GaussianBlur(rng.integers(0, 256, (48, 64, 3), np.uint8), (0, 0), 2)
    alpha = np.dstack([colour, colour[:, :, :1]])
    deep = colour.astype(np.uint16) * 257
    options = {
        "progressive.jpg": (colour, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]),
        "restarts.jpg": (colour, [cv2.IMWRITE_JPEG_RST_INTERVAL, 2]),
        "lossless.webp": (alpha, [cv2.IMWRITE_WEBP_QUALITY, 101]),
        "plain.tiff": (colour, [cv2.IMWRITE_TIFF_COMPRESSION, 1]),
        "deflate.tiff": (deep, [cv2.IMWRITE_TIFF_COMPRESSION, 8]),
        "float.tiff": (colour.astype(np.float32), []),
        "ascii.ppm": (colour, [cv2.IMWRITE_PXM_BINARY, 0]),
        "grey.pgm": (colour[:, :, 0], []),
        "bits.pbm": (colour[:, :, 0], []),
        "alpha.png": (alpha, []),
        "deep.png": (deep, []),
        "deep-alpha.png": (alpha.astype(np.uint16) * 257, []),
        "small.avif": (colour, []),
        "small.jp2": (colour, []),
    } | {f"usual{suffix}": (colour, []) for suffix in (".png", ".jpg", ".bmp", ".gif", ".tiff", ".webp", ".ppm")}
    found = {}
    for name, (pixels, how) in options.items():
        try:
            found[name] = bytes(cv2.imencode(name[name.rindex(".") :], pixels, how)[1])
        except cv2.error:  # Not every OpenCV writes every format.
            continue
    found["animated.png"] = _animated(found["usual.png"])
    return _avif(colour) | found | _heic(colour) | _pdfs(found["usual.jpg"], found["usual.png"])


def _avif(pixels: NDArray[np.uint8]) -> dict[str, bytes]:
    """For an OpenCV that writes none; nothing without a Pillow that does."""
    try:
        from PIL import Image

        file = io.BytesIO()
        Image.fromarray(pixels[:, :, ::-1]).save(file, "AVIF", quality=80)
    except (ImportError, KeyError):
        return {}
    return {"small.avif": file.getvalue()}


def _heic(pixels: NDArray[np.uint8]) -> dict[str, bytes]:
    """The same as telephones store it; nothing without the extra `heic`."""
    try:
        import pillow_heif
    except ImportError:
        return {}
    file = io.BytesIO()
    pillow_heif.encode("BGR", pixels.shape[1::-1], pixels.tobytes(), file, quality=60)
    return {"usual.heic": file.getvalue()}


def _pdfs(*pictures: bytes) -> dict[str, bytes]:
    """Pages with pictures on them, packed and plain, and one with words; nothing without the extra `pdf`."""
    try:
        import fpdf
    except ImportError:
        return {}
    found = {}
    # Points. Scans keep their pixels; words are drawn with 200 dots an inch, and rounded up.
    for name, (width, height) in {"scan.pdf": (20, 15), "plain.pdf": (20, 15), "words.pdf": (23.02, 17.26)}.items():
        book = fpdf.FPDF(unit="pt", format=(width, height))
        book.set_compression(name != "plain.pdf")
        book.set_creation_date(datetime(2020, 1, 1, tzinfo=timezone.utc))
        for picture in pictures if name != "words.pdf" else ():
            book.add_page()
            book.image(io.BytesIO(picture), 0, 0, width, height)
        if not book.page:
            book.add_page()
            book.set_font("Helvetica", size=8)
            book.text(2, 10, "A1 7Q")
        found[name] = bytes(book.output())
    return found


def damage(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """One to eight mutations of a file."""
    result = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        if rng.random() < 0.08:
            result = _spliced(result, rng.choice(others), rng)
        else:
            result = rng.choice(MUTATIONS)(result, rng)
        if len(result) < 4:
            break
    if rng.random() < 0.3 and result[:4] == b"\x89PNG":
        result = _with_checksums(result)
    return bytes(result[:LONGEST])


def _flip(data: bytearray, rng: random.Random) -> bytearray:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _noise(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data))
    count = min(rng.choice((1, 2, 4, 16, 64)), len(data) - at)
    data[at : at + count] = rng.randbytes(count)
    return data


def _number(data: bytearray, rng: random.Random) -> bytearray:
    """A number of two or four bytes at a limit, more often near the start, where headers are."""
    form = rng.choice(("<H", ">H", "<I", ">I"))
    at = int(len(data) * rng.random() ** 3)
    value = struct.pack(form, rng.choice(NUMBERS) & (0xFFFF if form[1] == "H" else 0xFFFFFFFF))
    data[at : at + len(value)] = value
    return data


def _cut(data: bytearray, rng: random.Random) -> bytearray:
    return data[: rng.randrange(1, len(data) + 1)]


def _without(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data))
    del data[at : at + rng.choice((1, 2, 12, 100))]
    return data


def _again(data: bytearray, rng: random.Random) -> bytearray:
    """A part of it stands there once or many times more."""
    at = rng.randrange(len(data))
    part = data[at : at + rng.choice((1, 4, 12, 64, 1000))]
    return data[:at] + part * rng.choice((1, 2, 50, 2000)) + data[at:]


def _moved(data: bytearray, rng: random.Random) -> bytearray:
    at, to, count = rng.randrange(len(data)), rng.randrange(len(data)), rng.choice((4, 12, 64))
    part = data[at : at + count]
    data[to : to + len(part)] = part
    return data


def _spliced(data: bytearray, other: bytes, rng: random.Random) -> bytearray:
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


MUTATIONS: tuple[Mutation, ...] = (_flip, _noise, _number, _number, _cut, _without, _again, _moved)


def _chunks(png: bytes | bytearray) -> list[tuple[bytes, bytes]]:
    parts, at = [], 8
    while at + 8 <= len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        parts.append((name, bytes(png[at + 8 : at + 8 + length])))
        at += length + 12
    return parts


def _written(parts: list[tuple[bytes, bytes]]) -> bytes:
    body = [
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part)) for name, part in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def _with_checksums(png: bytearray) -> bytearray:
    """Its chunks with right lengths and checksums, so that damage is not found before it is decoded."""
    return bytearray(_written(_chunks(png)))


def _animated(png: bytes) -> bytes:
    """The picture as an animation of two pictures."""
    parts = _chunks(png)
    control = lambda number: struct.pack(">IIIIIHHBB", number, 64, 48, 0, 0, 1, 10, 0, 0)  # noqa: E731
    frames = [(b"fdAT", struct.pack(">I", 2) + part) for name, part in parts if name == b"IDAT"]
    head = [parts[0], (b"acTL", struct.pack(">II", 2, 0)), (b"fcTL", control(0))]
    return _written([*head, *parts[1:-1], (b"fcTL", control(1)), *frames, parts[-1]])
