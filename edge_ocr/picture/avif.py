"""AVIF where OpenCV was built without it: decoded by Pillow, which has had it since 11.3."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.picture.header import Bytes


def decode_avif(data: Bytes) -> NDArray[np.uint8] | None:
    """The pixels as they are stored, (height, width, 3 or 4) BGR; None where Pillow is missing, or cannot read it."""
    try:
        from PIL import Image
    except ImportError:
        return None
    try:
        with Image.open(io.BytesIO(data[:]), formats=("AVIF",)) as file:
            pixels = np.asarray(file.convert("RGBA" if file.has_transparency_data else "RGB"))
    except MemoryError:
        raise
    except Exception:  # Broken files make it raise whatever comes; so does a Pillow that knows no AVIF.
        return None
    swap = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(pixels, swap), np.uint8)
