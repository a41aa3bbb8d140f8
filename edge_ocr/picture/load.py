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
from edge_ocr.picture.decoder import decode_file
from edge_ocr.picture.decoder_process import new_file, write_all
from edge_ocr.stopwatch import MAX_SECONDS, check_seconds

LARGEST_FILE = 256_000_000
"""Bytes: the largest picture allowed, uncompressed, with colour and transparency, and some room."""

LONGEST_NAME = 1000
"""Characters of a picture's name in messages."""

UNNAMED = "the picture"
"""What stands in messages for one without a name."""

KINDS = "a path, bytes, an open binary file, a NumPy array, a Pillow image or a Frame"


def load_image(source: Any, *, name: str | None = None, max_seconds: float = MAX_SECONDS) -> Frame:
    """A picture of any kind as a Frame.

    Files are decoded in a process of their own, which a broken or hostile picture may crash, or fill with at most
    400 MB; it is kept for the next picture.

    Args:
        source: a path (str or os.PathLike), a file's content (bytes, bytearray or memoryview), an open binary file, a
            NumPy array in BGR order, a Pillow image, or a Frame, which is checked. Files may be PNG, JPEG, BMP, GIF
            (the first picture), TIFF (the first page), WebP, PNM, AVIF or JPEG 2000 where OpenCV knows them, and, with
            the extras `heic` and `pdf`, HEIC and PDF (the first page).
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
    with _opened(source, name) as (file, title):
        return _load_page(file, title, max_seconds)


def load_images(source: Any, *, name: str | None = None, max_seconds: float = MAX_SECONDS) -> Iterator[Frame]:
    """All pages of a file, one after another: of a PDF or a TIFF; of another picture its only one.

    A page of a PDF is drawn as finely as the scan on it. Where there are several, their names end in `#page=2` and so
    on. Arguments and errors are those of `load_image`; `max_seconds` is for each page.
    """
    check_seconds(max_seconds)
    if isinstance(source, Frame | np.ndarray) or is_pillow(source):
        yield load_image(source, name=name)
        return
    with _opened(source, name) as (file, title):
        first = _load_page(file, title, max_seconds)
        yield replace(first, name=f"{title}#page=1") if first.pages > 1 else first
        for page in range(1, first.pages):
            yield _load_page(file, f"{title}#page={page + 1}", max_seconds, page)


def _load_page(file: int, name: str, max_seconds: float, page: int = 0) -> Frame:
    picture = decode_file(file, name[-LONGEST_NAME:] or UNNAMED, max_seconds, page)
    return Frame(picture.pixels, name, picture.pages, picture.seconds)


def read_bytes(file: BinaryIO, name: str) -> bytes:
    """All bytes of an open file or pipe; BadImage if there are more than any allowed picture has, or no bytes."""
    data = file.read(LARGEST_FILE + 1)
    if not isinstance(data, bytes):
        raise BadImage(f"{name} gives {type(data).__name__}: expected a file of bytes, such as open(path, 'rb')")
    if len(data) > LARGEST_FILE:
        raise _too_large(name)
    return data


def read_file(path: str | os.PathLike[str]) -> bytes:
    """All bytes of a picture file; raises ImageNotFound and BadImage as `load_image` does."""
    with _opened_path(Path(path), str(path)) as file:
        return read_bytes(file, str(path))


@contextmanager
def _opened(source: Any, name: str | None) -> Iterator[tuple[int, str]]:
    """The descriptor of a file with the picture, and its name."""
    if isinstance(source, str | os.PathLike):
        title = name or str(Path(source))
        with _opened_path(Path(source), title) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                with _in_memory(read_bytes(file, title), title) as copy:
                    yield copy, title
            elif status.st_size > LARGEST_FILE:
                raise _too_large(title)
            else:
                yield file.fileno(), title
    elif isinstance(source, bytes | bytearray | memoryview):
        with _in_memory(source, name or UNNAMED) as copy:
            yield copy, name or ""
    elif callable(getattr(source, "read", None)):
        title = name or str(getattr(source, "name", "") or "the file")
        with _in_memory(read_bytes(source, title), title) as copy:
            yield copy, title
    else:
        raise EdgeOcrError(f"no picture can be loaded from a {type(source).__name__}: expected {KINDS}")


@contextmanager
def _opened_path(path: Path, name: str) -> Iterator[BinaryIO]:
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


@contextmanager
def _in_memory(data: bytes | bytearray | memoryview, name: str) -> Iterator[int]:
    """A file in memory with this content, as the decoder takes it."""
    if len(data) > LARGEST_FILE:
        raise _too_large(name)
    file = new_file("picture")
    try:
        view = memoryview(data)
        write_all(file, view.cast("B") if view.c_contiguous else memoryview(view.tobytes()))
        yield file
    finally:
        os.close(file)


def _array(image: object, what: str) -> NDArray[Any]:
    if not isinstance(image, np.ndarray):
        raise BadImage(f"{what} is a {type(image).__name__}: expected a NumPy array, which load_image makes")
    return image


def _too_large(name: str) -> BadImage:
    limit = LARGEST_FILE // 1_000_000
    return BadImage(f"{name} is larger than {limit} MB: scale the picture down, or store it as PNG")
