"""convert.data.emnist: official idx files and mappings become upright, labelled images."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from convert.data.arrays import BadDataset, DataNotFound
from convert.data.emnist import present_splits, read_idx, read_mapping, read_split

MAPPINGS = {
    "byclass": "".join(f"{n} {ord(c)}\n" for n, c in enumerate("0123456789ABCabc")),
    "bymerge": "".join(f"{n} {ord(c)}\n" for n, c in enumerate("0123456789ABCab")),
    "letters": "1 65 97\n2 66 98\n3 67 99\n",
    "digits": "".join(f"{n} {48 + n}\n" for n in range(10)),
}


def idx_bytes(values: np.ndarray) -> bytes:
    """The idx format: 0, 0, type 8, number of axes, big-endian lengths, bytes."""
    header = bytes((0, 0, 8, values.ndim)) + b"".join(length.to_bytes(4, "big") for length in values.shape)
    return header + values.tobytes()


def write_part(folder: Path, split: str, part: str, upright: np.ndarray, classes: list[int]) -> None:
    """One part of a split as NIST publishes it: transposed, gzipped, with its mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.ascontiguousarray(upright.transpose(0, 2, 1))
    stem = f"emnist-{split}-{part}"
    (folder / f"{stem}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx_bytes(images)))
    (folder / f"{stem}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_bytes(np.array(classes, np.uint8))))
    (folder / f"emnist-{split}-mapping.txt").write_text(MAPPINGS[split])


def some_images(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)


@given(values=npst.arrays(np.uint8, npst.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6)))
def test_idx_round_trip(tmp_path_factory: pytest.TempPathFactory, values: np.ndarray) -> None:
    """If this fails, some shape of an idx file is read as other values than were written."""
    path = tmp_path_factory.mktemp("idx") / "values.gz"
    path.write_bytes(gzip.compress(idx_bytes(values)))
    np.testing.assert_array_equal(read_idx(path, values.ndim), values)


@given(values=npst.arrays(np.uint8, (3, 4)), data=st.data())
def test_no_prefix_of_a_file_is_read(
    tmp_path_factory: pytest.TempPathFactory, values: np.ndarray, data: st.DataObject
) -> None:
    """If this fails, a download that broke off is taken for a smaller data set."""
    whole = gzip.compress(idx_bytes(values))
    path = tmp_path_factory.mktemp("idx") / "values.gz"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(BadDataset):
        read_idx(path, 2)


def test_images_stand_upright(tmp_path: Path) -> None:
    """If this fails, the network learns characters lying on their side."""
    tall = np.zeros((1, 28, 28), np.uint8)
    tall[0, 4:24, 10] = 255  # one vertical bar, left of the middle
    write_part(tmp_path, "byclass", "train", tall, [1])
    images = read_split(tmp_path, "byclass", "train")
    np.testing.assert_array_equal(images.images, tall)
    assert images.images.flags.c_contiguous
    assert images.chars.tolist() == ["1"]
    assert images.label_set.tolist() == ["byclass"]


@pytest.mark.parametrize(
    ("split", "classes", "chars", "case_known"),
    [
        ("byclass", [0, 10, 12, 15], ["0", "A", "C", "c"], [True, True, True, True]),
        ("bymerge", [0, 10, 12, 13], ["0", "A", "C", "a"], [True, True, False, True]),
        ("letters", [1, 2, 3], ["A", "B", "C"], [False, False, False]),
        ("digits", [7], ["7"], [True]),
    ],
)
def test_case_is_known_only_where_the_source_kept_it(
    tmp_path: Path, split: str, classes: list[int], chars: list[str], case_known: list[bool]
) -> None:
    """If this fails, a folded label teaches the network the wrong case."""
    write_part(tmp_path, split, "test", some_images(len(classes)), classes)
    images = read_split(tmp_path, split, "test")
    assert images.chars.tolist() == chars
    assert images.case_known.tolist() == case_known


def test_other_contents_are_refused(tmp_path: Path) -> None:
    """If this fails, labels given for images (or any other gzip file) are read as pixels."""
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(idx_bytes(np.zeros(40, np.uint8))))
    with pytest.raises(BadDataset, match="does not begin like an idx3"):
        read_idx(path, 3)
    path.write_bytes(gzip.compress(idx_bytes(some_images(2))[:-1]))
    with pytest.raises(BadDataset, match="announces 1568 bytes of data and holds 1567"):
        read_idx(path, 3)
    path.write_bytes(b"this is not a gzip file")
    with pytest.raises(BadDataset, match="not a gzip file"):
        read_idx(path, 3)


def test_other_sizes_are_refused(tmp_path: Path) -> None:
    """If this fails, images of another size end in a numpy error far from their file."""
    write_part(tmp_path, "digits", "train", np.zeros((1, 20, 20), np.uint8), [1])
    with pytest.raises(BadDataset, match="instead of 28x28"):
        read_split(tmp_path, "digits", "train")


def test_counts_must_agree(tmp_path: Path) -> None:
    """If this fails, labels slide against their images."""
    write_part(tmp_path, "digits", "train", some_images(3), [1, 2])
    with pytest.raises(BadDataset, match=r"3 images but .* 2 labels"):
        read_split(tmp_path, "digits", "train")


def test_missing_files_are_named(tmp_path: Path) -> None:
    """Someone who forgot a file does not learn which."""
    with pytest.raises(DataNotFound, match="no EMNIST files"):
        present_splits(tmp_path)
    write_part(tmp_path, "digits", "train", some_images(1), [1])
    assert present_splits(tmp_path) == ["digits"]
    with pytest.raises(DataNotFound, match="emnist-digits-test-images"):
        read_split(tmp_path, "digits", "test")
    (tmp_path / "emnist-digits-mapping.txt").unlink()
    with pytest.raises(DataNotFound, match=r"emnist-digits-mapping\.txt"):
        read_split(tmp_path, "digits", "train")


def test_bad_mappings_are_refused(tmp_path: Path) -> None:
    """If this fails, a class without a character becomes an empty label."""
    write_part(tmp_path, "digits", "train", some_images(1), [11])
    with pytest.raises(BadDataset, match="no line for class 11"):
        read_split(tmp_path, "digits", "train")
    for text in ("0 zero\n", "0\n", "0 -1\n"):
        (tmp_path / "emnist-digits-mapping.txt").write_text(text)
        with pytest.raises(BadDataset, match="class number and a character code"):
            read_mapping(tmp_path / "emnist-digits-mapping.txt")
