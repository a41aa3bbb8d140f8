"""Files, bytes and other libraries' pictures -> Frame: 8-bit grey or BGR, or one sentence says why not."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadImage, EdgeOcrError, ImageNotFound
from edge_ocr.page import Frame
from edge_ocr.picture.arrays import array_pixels, is_pillow, pillow_pixels
from edge_ocr.picture.decoder import Picture, decode_file
from edge_ocr.picture.decoder_process import new_file, write_all
from edge_ocr.stopwatch import MAX_SECONDS, check_seconds

LARGEST_FILE = 256_000_000
"""Bytes: the largest picture allowed, uncompressed, with colour and transparency, and some room."""

LONGEST_NAME = 1000
"""Characters of a picture's name in messages."""

KINDS = "a path, bytes, an open binary file, a NumPy array, a Pillow image or a Frame"


def load_image(source: Any, *, name: str | None = None, max_seconds: float = MAX_SECONDS) -> Frame:
    """A picture of any kind as a Frame.

    Files are decoded in a process of their own, which a broken or hostile picture may crash, or fill with at most
    400 MB; it is kept for the next picture.

    Args:
        source: a path (str or os.PathLike), a file's content (bytes, bytearray or memoryview), an open binary file, a
            NumPy array in BGR order, a Pillow image, or a Frame, which is checked. Files may be PNG, JPEG, BMP, GIF
            (the first picture), TIFF (the first page), WebP, PNM, and AVIF or JPEG 2000 where OpenCV knows them.
        name: of the picture, for messages; None for the file's own.
        max_seconds: for decoding it.

    Returns:
        A Frame of uint8, (height, width) where the picture is grey, else (height, width, 3) in BGR. It is turned as
        EXIF says, laid on white where it is transparent, and other depths are scaled to 8 bits.

    Raises:
        ImageNotFound: there is no such file.
        BadImage: no picture, broken, cut short, under 8x8 or over 50 megapixels, or too slow to decode.
        EdgeOcrError: `source` is nothing of all that, or `max_seconds` no number above 0.
    """
    check_seconds(max_seconds)
    if isinstance(source, Frame):
        pixels = array_pixels(_array(source.image, "Frame.image"), name or source.name or "the frame")
        return replace(source, image=pixels)
    if isinstance(source, np.ndarray):
        return Frame(array_pixels(source, name or "the array"), name or "")
    if is_pillow(source):
        return Frame(pillow_pixels(source, name or "the image"), name or "")
    if isinstance(source, bytes | bytearray | memoryview):
        return _frame(_decode_bytes(source, name or "the picture", max_seconds), name or "")
    if isinstance(source, str | os.PathLike):
        return _load_path(Path(source), name or str(Path(source)), max_seconds)
    if callable(getattr(source, "read", None)):
        own = name or str(getattr(source, "name", "") or "the file")
        return _frame(_decode_bytes(read_bytes(source, own), own, max_seconds), name or own)
    raise EdgeOcrError(f"no picture can be loaded from a {type(source).__name__}: expected {KINDS}")


def read_bytes(file: BinaryIO, name: str) -> bytes:
    """All bytes of an open file or pipe; BadImage if there are more than any allowed picture has, or no bytes."""
    data = file.read(LARGEST_FILE + 1)
    if not isinstance(data, bytes):
        raise BadImage(f"{name} gives {type(data).__name__}: expected a file of bytes, such as open(path, 'rb')")
    if len(data) > LARGEST_FILE:
        raise _too_large(name)
    return data


def _load_path(path: Path, name: str, max_seconds: float) -> Frame:
    with _opened(path, name) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return _frame(_decode_bytes(read_bytes(file, name), name, max_seconds), name)
        if status.st_size > LARGEST_FILE:
            raise _too_large(name)
        return _frame(decode_file(file.fileno(), name[:LONGEST_NAME], max_seconds), name)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """All bytes of a picture file; raises ImageNotFound and BadImage as `load_image` does."""
    with _opened(Path(path), str(path)) as file:
        return read_bytes(file, str(path))


@contextmanager
def _opened(path: Path, name: str) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise ImageNotFound(f"{name} does not exist: check the name") from error
    except IsADirectoryError as error:
        raise BadImage(f"{name} is a folder: expected one picture file, so name one in it") from error
    except (OSError, ValueError) as error:
        if isinstance(error, EdgeOcrError):
            raise
        why = getattr(error, "strerror", None) or error
        raise BadImage(f"{name} cannot be read ({why}): expected a picture file that you may open") from error


def _decode_bytes(data: bytes | bytearray | memoryview, name: str, max_seconds: float) -> Picture:
    """Through a file in memory, as the process takes it."""
    if len(data) > LARGEST_FILE:
        raise _too_large(name)
    file = new_file("picture")
    try:
        view = memoryview(data)
        write_all(file, view.cast("B") if view.c_contiguous else memoryview(view.tobytes()))
        return decode_file(file, name[:LONGEST_NAME], max_seconds)
    finally:
        os.close(file)


def _frame(picture: Picture, name: str) -> Frame:
    return Frame(picture.pixels, name, picture.pages, picture.seconds)


def _array(image: object, what: str) -> NDArray[Any]:
    if not isinstance(image, np.ndarray):
        raise BadImage(f"{what} is a {type(image).__name__}: expected a NumPy array, which load_image makes")
    return image


def _too_large(name: str) -> BadImage:
    limit = LARGEST_FILE // 1_000_000
    return BadImage(f"{name} is larger than {limit} MB: scale the picture down, or store it as PNG")
