"""`python -m convert prepare`: official EMNIST and UNIPEN files -> the arrays that `convert.data.arrays` reads."""

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from convert.data import emnist, unipen
from convert.data.arrays import DATA_VARIABLE, IMAGE_KEYS, STROKE_KEYS, BadDataset, DataNotFound, Images, Split, Strokes
from edge_ocr.arguments import Parser
from edge_ocr.errors import CannotWrite

TEST_SPLITS = frozenset(("byclass", "bymerge"))
"""EMNIST splits whose official test parts become the test file, where they are present."""


def main(argv: list[str] | None = None) -> int:
    """Write the arrays of what was given; 0, or an EdgeOcrError whose text is one sentence for the user."""
    parser = Parser(
        prog="python -m convert prepare",
        description="Turn official EMNIST and UNIPEN files into the arrays that training and measuring read.",
    )
    parser.add_argument(
        "--emnist", type=Path, metavar="DIR", help="folder of emnist-SPLIT-... files (gzip.zip unpacked)"
    )
    parser.add_argument("--unipen", type=Path, metavar="DIR", help="folder that holds UNIPEN's data/ and include/")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder to write the arrays into")
    parser.add_argument(
        "--test-writers",
        type=Path,
        metavar="FILE",
        help="UNIPEN writers for the test files, one provider/writer a line",
    )
    options = parser.parse_args(argv)
    if options.emnist is None and options.unipen is None:
        parser.error("give --emnist DIR, --unipen DIR or both")
    if options.emnist is not None:
        prepare_emnist(options.emnist, options.out)
    if options.unipen is not None:
        prepare_unipen(options.unipen, options.out, _writer_test(options.test_writers))
    print(f"Set {DATA_VARIABLE}={options.out} to train on them.")
    return 0


def prepare_emnist(source: Path, out: Path) -> None:
    """Write `characters/emnist-{test,train}.npz`: each image once, and none of the test file in the train file."""
    folder = source / "gzip" if (source / "gzip").is_dir() else source
    present = emnist.present_splits(folder)
    tests = [split for split in present if split in TEST_SPLITS] or present
    seen: set[bytes] = set()
    todo: tuple[tuple[Split, list[str]], ...] = (("test", tests), ("train", present))
    for part, splits in todo:  # the test file first: what it holds is then no news to the train file
        fresh = [
            _unseen(emnist.read_split(folder, split, part), seen)
            for split in tqdm(splits, f"EMNIST {part}", unit="split")
        ]
        images = Images(**{key: np.concatenate([getattr(some, key) for some in fresh]) for key in IMAGE_KEYS})
        path = out / "characters" / f"emnist-{part}.npz"
        save(path, {key: getattr(images, key) for key in IMAGE_KEYS})
        print(f"{path}: {len(images)} characters")


def prepare_unipen(source: Path, out: Path, is_test: Callable[[str], bool] = unipen.is_test_writer) -> None:
    """Write `strokes/unipen-CATEGORY-{train,test}.npz` of every category that the tree has."""
    root = unipen.find_root(source)
    files = {category: unipen.category_files(root, category) for category in unipen.CATEGORIES}
    if not any(files.values()):
        raise DataNotFound(
            f"{root / 'data'} has no segment files of the categories {', '.join(files)}: unpack it again."
        )
    for category, paths in files.items():
        samples: list[unipen.Sample] = []
        left_out = 0
        for path in tqdm(paths, f"UNIPEN {category}", unit="file"):
            found, missed = unipen.read_segments(root, category, path)
            samples += found
            left_out += missed
        if paths and not samples:
            raise BadDataset(
                f"None of the {left_out} segments in {root / 'data' / category} could be read: unpack it again."
            )
        if paths:
            _save_strokes(out, category, "train", unipen.pack([one for one in samples if not is_test(one.writer)]))
            _save_strokes(out, category, "test", unipen.pack([one for one in samples if is_test(one.writer)]))
            print(f"UNIPEN {category}: {left_out} segments left out (no text, no such components, or marked bad)")


def save(path: Path, arrays: dict[str, Any]) -> None:
    """Store the arrays at `path` whole or not at all, also when interrupted; CannotWrite if the disk refuses."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            np.savez_compressed(file, **arrays)
        os.replace(partial, path)
    except OSError as error:
        raise CannotWrite(f"{path} could not be written ({error}): choose another --out or make room.") from error
    finally:
        with contextlib.suppress(OSError):  # on success it is gone already
            partial.unlink()


def _unseen(images: Images, seen: set[bytes]) -> Images:
    """Those whose pixels are not in `seen` yet, each once; `seen` then holds them too."""
    fresh = []
    for index, image in enumerate(images.images):
        digest = hashlib.blake2b(image.tobytes(), digest_size=16).digest()
        if digest not in seen:
            seen.add(digest)
            fresh.append(index)
    return images.select(np.array(fresh, np.intp))


def _save_strokes(out: Path, category: str, split: Split, strokes: Strokes) -> None:
    path = out / "strokes" / f"unipen-{category}-{split}.npz"
    save(path, {key: getattr(strokes, key) for key in STROKE_KEYS})
    print(f"{path}: {len(strokes)} samples by {len(np.unique(strokes.writers))} writers")


def _writer_test(path: Path | None) -> Callable[[str], bool]:
    if path is None:
        return unipen.is_test_writer
    try:
        return frozenset(path.read_text("utf-8").split()).__contains__
    except OSError as error:
        raise DataNotFound(
            f"The list of test writers {path} cannot be read ({error}): give one writer a line."
        ) from error
    except UnicodeDecodeError as error:
        raise BadDataset(f"{path} is no list of writers: give a text file with one provider/writer a line.") from error
