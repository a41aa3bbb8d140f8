"""Pictures that other libraries hold in memory -> 8-bit grey or BGR pixels, or one sentence says why not."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadImage
from edge_ocr.picture.decoding import check_size, eight_bits, on_white
from edge_ocr.picture.orientation import ORIENTATION, oriented

SHAPES = "expected (height, width) grey, or (height, width, 3) BGR, or 4 channels with transparency last"


def array_pixels(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    """An array of any depth as uint8: numbers up to 1.0, up to 255, or of 10, 12, 14 or 16 bits, or truth values.

    Raises:
        BadImage: another shape, other numbers, no numbers at all, too small or too large.
    """
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise BadImage(f"{name} has shape {array.shape}: {SHAPES}")
    check_size(array.shape[1], array.shape[0], name, smallest=1)  # It may be a part of a camera's picture.
    return on_white(_bytes(array, name))


def is_pillow(source: object) -> bool:
    """Whether it is one of Pillow's images; Pillow itself is not needed for that."""
    return any(kind.__module__ == "PIL.Image" and kind.__name__ == "Image" for kind in type(source).__mro__)


def pillow_pixels(image: Any, name: str) -> NDArray[np.uint8]:
    """A Pillow image as it is to be seen: turned as its EXIF says, laid on white where it is transparent."""
    check_size(image.size[0], image.size[1], name)
    try:
        orientation = image.getexif().get(ORIENTATION, 1)
        if image.mode not in ("1", "L", "I", "I;16", "F"):  # Of these, an array is grey.
            image = image.convert("RGBA" if "A" in image.mode or "transparency" in image.info else "RGB")
        array = np.asarray(image)
    except (OSError, ValueError, SyntaxError) as error:  # Pillow decodes only now.
        raise BadImage(f"{name} cannot be decoded by Pillow ({error}): save it again as PNG or JPEG") from error
    if array.ndim == 3:
        array = array[:, :, [2, 1, 0, 3][: array.shape[2]]]
    return oriented(array_pixels(array, name), orientation)


def _bytes(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind not in "uif":
        raise BadImage(f"{name} holds {array.dtype}: expected numbers, such as uint8 from 0 to 255")
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high) and low >= 0 and high <= 65535):
        raise BadImage(f"{name} holds numbers from {low} to {high}: expected 0 to 1, 0 to 255 or 0 to 65535")
    if array.dtype.kind == "f":
        if high > 255:
            raise BadImage(f"{name} holds {array.dtype} up to {high}: expected 0 to 1 or 0 to 255, so scale it")
        return np.rint(array * (255.0 if high <= 1 else 1.0)).astype(np.uint8)
    whole = array.astype(np.uint16, copy=False)
    return eight_bits(whole)(whole)
