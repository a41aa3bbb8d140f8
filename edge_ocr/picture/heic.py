"""HEIC, as phones store photographs: decoded by libheif, through pillow-heif."""

import numpy as np

from edge_ocr.errors import BadImage, first_line
from edge_ocr.picture.decoding import Decoded, check_size
from edge_ocr.picture.header import Bytes
from edge_ocr.picture.orientation import UPRIGHT

BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""Of files that may hold such a picture; `ftyp` stands before them."""


def is_heic(data: Bytes) -> bool:
    """By its first bytes."""
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS


def decode_heic(data: Bytes, name: str) -> Decoded:
    """The file's primary picture, as it is to be seen; BadImage if that is not possible, or pillow-heif is missing."""
    try:
        from pillow_heif import open_heif
    except ImportError as error:
        raise BadImage(
            f"{name} is an HEIC picture, which needs pillow-heif: pip install 'edge-ocr[heic]', or store it as JPEG"
        ) from error
    try:
        file = open_heif(data[:], bgr_mode=True)  # Its header alone; libheif turns the pixels when they are asked for.
        width, height = file.size
        check_size(width, height, name)
        pixels = np.array(file)
    except (BadImage, MemoryError):
        raise
    except Exception as error:  # Broken files make it raise whatever comes, IndexError among it.
        raise BadImage(
            f"{name} begins like an HEIC picture but cannot be decoded ({first_line(error)}): copy it again"
        ) from error
    return Decoded(pixels, UPRIGHT, 1)
