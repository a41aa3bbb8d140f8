"""Official EMNIST files -> `Images`.

A split is `emnist-SPLIT-{train,test}-{images-idx3,labels-idx1}-ubyte.gz` with `emnist-SPLIT-mapping.txt`, as in the
`gzip.zip` that NIST publishes (Cohen, Afshar, Tapson, van Schaik: EMNIST, an extension of MNIST to handwritten
letters, 2017). The images are published transposed; here they are upright.
"""

import gzip
import math
import string
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.data.arrays import BadDataset, DataNotFound, Images, Split

SPLITS = ("byclass", "bymerge", "balanced", "letters", "digits", "mnist")
"""By trust in a duplicate's label: only ByClass distinguishes the case of every letter."""

FOLDED = {
    "bymerge": frozenset("CIJKLMOPSUVWXYZ"),
    "balanced": frozenset("CIJKLMOPSUVWXYZ"),
    "letters": frozenset(string.ascii_uppercase),
}
"""Split -> letters whose capital and small form share one class, so that the label does not give the case."""

SIDE = 28
"""Height and width of an EMNIST image, in pixels."""

IDX_UNSIGNED_BYTE = 0x08
"""Third byte of an idx file: the type of its values."""


def present_splits(folder: Path) -> list[str]:
    """The splits that have any file in `folder`, most trusted first; DataNotFound if there is none."""
    found = [split for split in SPLITS if any(folder.glob(f"emnist-{split}-*"))]
    if not found:
        raise DataNotFound(
            f"There are no EMNIST files in {folder}: unpack the official gzip.zip there (emnist-byclass-mapping.txt, "
            "emnist-byclass-train-images-idx3-ubyte.gz, ...)."
        )
    return found


def read_split(folder: Path, split: str, part: Split) -> Images:
    """One part of one split; DataNotFound for a missing file, BadDataset for a broken or contradictory one."""
    image_path = folder / f"emnist-{split}-{part}-images-idx3-ubyte.gz"
    label_path = folder / f"emnist-{split}-{part}-labels-idx1-ubyte.gz"
    transposed, classes = read_idx(image_path, axes=3), read_idx(label_path, axes=1)
    if transposed.shape[1:] != (SIDE, SIDE):
        raise BadDataset(
            f"{image_path} holds images of {transposed.shape[1:]} pixels instead of 28x28: fetch it again."
        )
    if len(transposed) != len(classes):
        raise BadDataset(
            f"{image_path.name} holds {len(transposed)} images but {label_path.name} holds {len(classes)} labels: "
            "fetch both again."
        )
    mapping_path = folder / f"emnist-{split}-mapping.txt"
    chars = _chars_of(classes, read_mapping(mapping_path), mapping_path)
    return Images(
        images=np.ascontiguousarray(transposed.transpose(0, 2, 1)),
        chars=chars,
        case_known=~np.isin(chars, sorted(FOLDED.get(split, ()))),
        label_set=np.full(len(chars), split),
    )


def read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """A gzipped idx file of bytes as an array of `axes` dimensions.

    The header is 0, 0, the type, the number of axes, then each length as a big-endian 32-bit number.
    DataNotFound if the file is missing; BadDataset if it is truncated, not gzip, or something else.
    """
    try:
        with gzip.open(path) as file:
            content = file.read()
    except FileNotFoundError as error:
        raise DataNotFound(f"There is no {path}: unpack the official gzip.zip of EMNIST there.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise BadDataset(f"{path} is truncated or not a gzip file ({error}): fetch it again.") from error
    try:
        return parse_idx(content, axes)
    except ValueError as error:
        raise BadDataset(f"{path} {error}: fetch it again.") from error


def parse_idx(content: bytes, axes: int) -> NDArray[np.uint8]:
    """The array of an idx file's bytes; ValueError says what is wrong, to stand behind the file's name."""
    start = 4 + 4 * axes
    if len(content) < start or content[:4] != bytes((0, 0, IDX_UNSIGNED_BYTE, axes)):
        raise ValueError(f"does not begin like an idx{axes} file of bytes")
    shape = [int(length) for length in np.frombuffer(content, ">u4", count=axes, offset=4)]
    if len(content) - start != math.prod(shape):
        raise ValueError(f"announces {math.prod(shape)} bytes of data and holds {len(content) - start}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read_mapping(path: Path) -> dict[int, str]:
    """Class number -> character, from lines of a class number and its character code.

    Letters lists two codes (capital and small); the first counts. DataNotFound or BadDataset as `read_idx`.
    """
    try:
        lines = path.read_text("ascii").splitlines()
        return {int(line.split()[0]): chr(int(line.split()[1])) for line in lines if line.strip()}
    except FileNotFoundError as error:
        raise DataNotFound(f"There is no {path}, which names the labels: fetch it with the images.") from error
    except (ValueError, IndexError, OverflowError) as error:
        raise BadDataset(f"{path} should hold lines of a class number and a character code: fetch it again.") from error


def _chars_of(classes: NDArray[np.uint8], mapping: dict[int, str], mapping_path: Path) -> NDArray[np.str_]:
    unknown = sorted({int(number) for number in np.unique(classes)} - mapping.keys())
    if unknown:
        raise BadDataset(f"{mapping_path} has no line for class {unknown[0]} of its labels: fetch both again.")
    table = np.full(256, "", dtype="U1")
    for number, char in mapping.items():
        if 0 <= number < len(table):
            table[number] = char
    return table[classes]
