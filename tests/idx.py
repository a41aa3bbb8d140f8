"""Files as MNIST's, for tests."""

import gzip
from pathlib import Path

import numpy as np


def write_idx(path: Path, array: np.ndarray, zipped: bool = False) -> Path:
    """An array of bytes as an idx file, gzipped or not."""
    lengths = b"".join(int(length).to_bytes(4, "big") for length in array.shape)
    content = bytes((0, 0, 8, array.ndim)) + lengths + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if zipped else content)
    return path
