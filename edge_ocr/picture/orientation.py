"""How EXIF says that a picture is to be turned, where the decoder leaves that to us."""

import struct
from typing import Any

from numpy.typing import NDArray

UPRIGHT = 1
"""EXIF's number for pictures that are stored as they are to be seen."""

ORIENTATION = 0x112
"""EXIF's tag for it."""


def exif_orientation(exif: bytes) -> int:
    """1 to 8, from a block of EXIF with or without its "Exif" in front; UPRIGHT where it says nothing that we know."""
    exif = exif.removeprefix(b"Exif\0\0")
    order = ">" if exif[:2] == b"MM" else "<"
    try:
        start = struct.unpack_from(order + "I", exif, 4)[0]
        count = struct.unpack_from(order + "H", exif, start)[0]
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(order + "HHIH", exif, entry)
            if tag == ORIENTATION and 1 <= value <= 8:
                return int(value)
    except struct.error:
        pass
    return UPRIGHT


def oriented(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """(height, width, ...) as stored -> as it is to be seen; a view where that is possible."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
