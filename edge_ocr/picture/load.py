"""Files, folders and bytes -> Frame: every kind of picture becomes 8-bit grey or BGR, or one sentence says why not."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadImage, ImageNotFound
from edge_ocr.page import Frame
from edge_ocr.picture.header import Header, parse_header, picture_kind
from edge_ocr.picture.quiet import quiet_stderr

LARGEST = 50_000_000
"""Pixels: four times a good phone's picture; decoded it takes 150 MB, as much as a small board can spare."""

SMALLEST_SIDE = 8
"""Pixels: below this no character can be recognised."""

LARGEST_FILE = 256_000_000
"""Bytes: the largest picture allowed, uncompressed, with colour and transparency, and some room."""

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pbm", ".pgm", ".ppm", ".pnm"}
)
"""What counts as a picture in a folder; a file that is named directly may have any name."""

ORIENTED = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR
"""How OpenCV decodes: it keeps all bits and grey, turns by EXIF and drops transparency."""


def load_image(path: str | os.PathLike[str]) -> Frame:
    """Read one picture file: PNG, JPEG, BMP, GIF (its first picture), TIFF (its first page), WebP or PNM.

    Returns:
        A Frame of uint8, (height, width) where the file is grey, else (height, width, 3) in BGR. It is turned as EXIF
        says (not where it has transparency), laid on white where it is transparent, and 16 bits are scaled to 8.

    Raises:
        ImageNotFound: there is no such file.
        BadImage: no picture, broken, cut short, under 8x8 or over 50 megapixels (refused before decoding).
    """
    return decode_image(read_file(path), str(path))


def read_file(path: str | os.PathLike[str]) -> bytes:
    """All bytes of a picture file; raises ImageNotFound and BadImage as `load_image` does."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            return read_bytes(file, str(path))
    except FileNotFoundError as error:
        raise ImageNotFound(f"{path} does not exist: check the name") from error
    except IsADirectoryError as error:
        raise BadImage(f"{path} is a folder: expected one picture file, so name one in it") from error
    except (OSError, ValueError) as error:
        if isinstance(error, BadImage):
            raise
        why = getattr(error, "strerror", None) or error
        raise BadImage(f"{path} cannot be read ({why}): expected a picture file that you may open") from error


def read_bytes(file: BinaryIO, name: str) -> bytes:
    """All bytes of an open file or pipe; BadImage if there are more than any allowed picture has."""
    data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        limit = LARGEST_FILE // 1_000_000
        raise BadImage(f"{name} is larger than {limit} MB: scale the picture down, or store it as PNG")
    return data


def decode_image(data: bytes, name: str = "") -> Frame:
    """A picture file's bytes as a Frame called `name`; see `load_image`."""
    header = _check(data, name)
    flags = cv2.IMREAD_UNCHANGED if header.alpha else ORIENTED
    try:
        with quiet_stderr():
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except (cv2.error, MemoryError) as error:
        raise BadImage(f"{name} cannot be decoded ({_first_line(error)}): save it again as PNG or JPEG") from error
    if pixels is None:
        raise BadImage(
            f"{name} begins like a {header.kind} picture but cannot be decoded, it may be cut short: "
            "copy it again, or save it again as PNG or JPEG"
        )
    _check_size(pixels.shape[1], pixels.shape[0], name)  # A header may have lied.
    return Frame(_flatten(_to_8_bits(pixels, name)), name)


def find_images(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Files as they are, and the pictures in folders, in natural order (page2 before page10).

    `load_image` checks whether a file exists and is a picture. Hidden files and subfolders are left out.

    Raises:
        ImageNotFound: a folder holds no picture, or cannot be opened.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        found += _pictures_in(path) if path.is_dir() else [path]
    return found


def _pictures_in(folder: Path) -> list[Path]:
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.is_file()]
    except OSError as error:
        raise ImageNotFound(f"{folder} cannot be opened ({error.strerror}): expected a folder of pictures") from error
    pictures = [name for name in names if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")]
    if not pictures:
        raise ImageNotFound(f"{folder} holds no pictures: expected files such as page.jpg or page.png in it")
    return [folder / name for name in sorted(pictures, key=_natural)]


def _natural(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """Sorts numbers in names by value; the name itself decides between 01 and 1, a and A."""
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", name.casefold())
    return [(False, int(part), "") if part[0] in "0123456789" else (True, 0, part) for part in parts], name


def _check(data: bytes, name: str) -> Header:
    """The header of data worth decoding; else BadImage."""
    if not data:
        raise BadImage(f"{name} is empty: expected a picture, so copy or save it again")
    if not picture_kind(data):
        hint = "an HEIC or AVIF picture, store it as JPEG" if data[4:8] == b"ftyp" else "something else"
        raise BadImage(f"{name} is {hint}: expected a PNG, JPEG, BMP, GIF, TIFF, WebP or PNM picture")
    try:
        header = parse_header(data)
    except ValueError as error:
        raise BadImage(
            f"{name} begins like a {picture_kind(data)} picture but its header is broken or cut short: copy it again"
        ) from error
    _check_size(header.width, header.height, name)
    if not header.whole:
        raise BadImage(f"{name} is cut short: expected a whole {header.kind} picture, so copy or save it again")
    return header


def _check_size(width: int, height: int, name: str) -> None:
    if min(width, height) < SMALLEST_SIDE:
        raise BadImage(
            f"{name} is {width}x{height} pixels, too small to hold writing: "
            f"expected at least {SMALLEST_SIDE}x{SMALLEST_SIDE}"
        )
    if width * height > LARGEST:
        raise BadImage(
            f"{name} is {width}x{height} pixels, too large to read: "
            f"expected at most {LARGEST // 1_000_000} megapixels, so scale it down"
        )


def _to_8_bits(pixels: NDArray[np.generic], name: str) -> NDArray[np.uint8]:
    """Any depth as uint8. 16-bit files may use 10, 12 or 14 of their bits: the largest value shows which."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    if pixels.dtype != np.uint16:
        raise BadImage(f"{name} holds numbers of type {pixels.dtype}: expected 8 or 16 bits a channel, so convert it")
    bits = max(8, int(pixels.max()).bit_length())
    steps = np.arange(1 << bits, dtype=np.float64) * 255 / ((1 << bits) - 1)
    scaled: NDArray[np.uint8] = np.rint(steps).astype(np.uint8)[pixels]
    return scaled


def _flatten(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w), (h, w, 1), (h, w, 3) or (h, w, 4) with alpha last -> (h, w) or (h, w, 3), laid on white paper."""
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] < 4:
        return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    alpha = pixels[:, :, 3].astype(np.uint16)
    flat = np.empty((*alpha.shape, 3), np.uint8)
    for channel in range(3):  # One at a time: a quarter of the memory.
        flat[:, :, channel] = (pixels[:, :, channel] * alpha + 255 * (255 - alpha) + 127) // 255
    return flat


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
