"""The prepared data as arrays: isolated characters (EMNIST) and pen strokes with their text (UNIPEN).

`python -m convert prepare` writes these files from the official distributions; everything else in `convert/` reads
them here. Layout of the folder: `characters/emnist-{train,test}.npz`, `strokes/unipen-CATEGORY-{train,test}.npz`.
"""

import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convert.paths import ROOT
from edge_ocr.errors import EdgeOcrError, ExitCode

Split = Literal["train", "test"]

DATA_VARIABLE = "EDGE_OCR_DATA"
"""Environment variable that names the data folder."""

X_SCALE = {"aga": 979.3 / 856.7}
"""UNIPEN provider -> factor that brings its x to the scale of its y; all others have square units."""

STROKE_KEYS = ("points", "stroke_len", "num_strokes", "labels", "writers")
IMAGE_KEYS = ("images", "chars", "case_known", "label_set")


class DataNotFound(EdgeOcrError, FileNotFoundError):
    """The data folder or a file in it does not exist."""

    exit_code = ExitCode.DATA_NOT_FOUND


class BadDataset(EdgeOcrError, ValueError):
    """A data file is truncated, of another format, or inconsistent."""

    exit_code = ExitCode.BAD_DATASET


@dataclass(frozen=True)
class Images:
    """Isolated characters, one entry each in all four arrays."""

    images: NDArray[np.uint8]
    """(n, 28, 28) bright ink on black, upright."""
    chars: NDArray[np.str_]
    """(n,) one of 0-9 A-Z a-z."""
    case_known: NDArray[np.bool_]
    """(n,) False where `chars` says which letter but not which case."""
    label_set: NDArray[np.str_]
    """(n,) the EMNIST split the label came from."""

    def __len__(self) -> int:
        return len(self.chars)

    def select(self, which: NDArray[Any]) -> "Images":
        """The entries picked by an index or boolean array (n,)."""
        return Images(self.images[which], self.chars[which], self.case_known[which], self.label_set[which])


@dataclass(frozen=True)
class Strokes:
    """Handwritten samples as pen strokes; samples, strokes and points are concatenated."""

    points: NDArray[np.int32]
    """(p, 2) x to the right, y up, in the writer's tablet units as published."""
    stroke_len: NDArray[np.uint32]
    """(s,) points of each stroke, at least one."""
    num_strokes: NDArray[np.uint16]
    """(n,) strokes of each sample, at least one."""
    labels: NDArray[np.str_]
    """(n,) the text."""
    writers: NDArray[np.str_]
    """(n,) provider/writer."""
    _stroke_start: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    """(s + 1,) index into `points`."""
    _sample_start: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    """(n + 1,) index into `stroke_len`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stroke_start", _starts(self.stroke_len))
        object.__setattr__(self, "_sample_start", _starts(self.num_strokes))

    def __len__(self) -> int:
        return len(self.num_strokes)

    def sample(self, index: int) -> list[NDArray[np.float32]]:
        """Strokes of one sample, float32 (k, 2) each, with square units, x to the right and y DOWN as in images.

        Raises IndexError outside 0 .. len - 1.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")
        starts = self._stroke_start[self._sample_start[index] : self._sample_start[index + 1] + 1]
        provider = str(self.writers[index]).partition("/")[0]
        points = self.points[starts[0] : starts[-1]].astype(np.float32)
        points *= np.array([X_SCALE.get(provider, 1.0), -1.0], np.float32)
        return np.split(points, starts[1:-1] - starts[0])


def data_folder() -> Path:
    """The folder named by EDGE_OCR_DATA, else `shared/data` beside the checkout; DataNotFound if it is missing."""
    named = os.environ.get(DATA_VARIABLE)
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        raise DataNotFound(
            f"There is no data folder {folder}: set {DATA_VARIABLE} to one written by `python -m convert prepare`."
        )
    return folder


def load_images(split: Split) -> Images:
    """The isolated characters of a split; DataNotFound or BadDataset if the file is missing or broken."""
    path = data_folder() / "characters" / f"emnist-{split}.npz"
    images = Images(**_load(path, IMAGE_KEYS))
    if images.images.shape != (len(images), 28, 28):
        raise _contradiction(path)
    return images


def load_strokes(category: str, split: Split) -> Strokes:
    """The samples of a UNIPEN category (1a, 1b, 1c, 1d, 3, 7, 8); DataNotFound or BadDataset as `load_images`."""
    path = data_folder() / "strokes" / f"unipen-{category}-{split}.npz"
    strokes = Strokes(**_load(path, STROKE_KEYS))
    counts_agree = (
        int(strokes.stroke_len.sum()) == len(strokes.points)
        and int(strokes.num_strokes.sum()) == len(strokes.stroke_len)
        and len(strokes.labels) == len(strokes.writers) == len(strokes)
    )
    if not counts_agree:
        raise _contradiction(path)
    return strokes


def load_fonts() -> list[Path]:
    """The font files, sorted; DataNotFound if there is none."""
    folder = data_folder() / "fonts"
    found = sorted(folder.glob("*.ttf"))
    if not found:
        raise DataNotFound(f"There are no fonts in {folder}: put handwriting fonts there, one .ttf for each family.")
    return found


def _starts(lengths: NDArray[Any]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def _load(path: Path, keys: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    if not path.is_file():
        raise DataNotFound(f"There is no {path}: write it with `python -m convert prepare`, or set {DATA_VARIABLE}.")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {key: stored[key] for key in keys}
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise BadDataset(
            f"{path} is not a complete .npz with {', '.join(keys)} ({error}): "
            "write it again with `python -m convert prepare`."
        ) from error


def _contradiction(path: Path) -> BadDataset:
    return BadDataset(f"The arrays in {path} are inconsistent: write it again with `python -m convert prepare`.")
