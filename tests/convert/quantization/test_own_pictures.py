"""What users calibrate on: folders, MNIST's files and arrays become tiles as the reader cuts them."""

import gzip
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.data.arrays import BadDataset, DataNotFound
from convert.quantization.own_pictures import read_pictures
from edge_ocr.layout.tile import cut_tile
from tests.idx import write_idx
from tests.places import TINY

TILES = np.load(TINY / "tiles.npz")["tiles"]


def scan(tile: np.ndarray) -> np.ndarray:
    """A tile as MNIST has it, (28, 28)."""
    return np.asarray(cv2.resize(tile, (28, 28), interpolation=cv2.INTER_AREA), np.uint8)


SCANS = np.stack([scan(tile) for tile in TILES])


def check(images: object, tiles: np.ndarray) -> None:
    """Each is cut to its ink as the reader does."""
    for image, tile in zip(images, tiles, strict=True):  # type: ignore[call-overload]
        left, top, width, height = cv2.boundingRect((scan(tile) > 40).astype(np.uint8))
        assert np.array_equal(image, cut_tile(scan(tile)[top : top + height, left : left + width]))


@pytest.mark.parametrize("zipped", [True, False])
def test_mnists_files_bring_their_labels(tmp_path: Path, zipped: bool) -> None:
    """The commonest data set would have to be written out as 60,000 pictures."""
    path = write_idx(tmp_path / "train-images-idx3-ubyte", SCANS, zipped)
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.arange(len(SCANS)), zipped)
    found = read_pictures(path, "characters", 20, 0)
    assert len(found.images) == 20
    check(found.images, TILES[np.array(found.names)])


def test_dark_ink_is_turned_over(tmp_path: Path) -> None:
    """Ink on white paper, as arrays often have it, would be calibrated on as its own negative."""
    for name, array in {"a.npy": 255 - SCANS, "b.npy": 1 - SCANS[..., np.newaxis] / 255}.items():
        np.save(tmp_path / name, array)
        found = read_pictures(tmp_path / name, "characters", 100, 0)
        assert len(found.images) == len(SCANS) and set(found.names) == {None}
        assert all(image[0, 0] == 0 and image.max() == 255 for image in found.images)


def test_folders_are_labels(tmp_path: Path) -> None:
    """A folder for each class, as Keras reads them, would be called empty."""
    for number, name in enumerate(["A", "é", ".hidden"]):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "1.png"), SCANS[number])
    (tmp_path / "empty").mkdir()
    found = read_pictures(tmp_path, "characters", 100, 0)
    assert sorted(map(str, found.names)) == ["A", "é"] and all(image.shape == (32, 32) for image in found.images)


def test_arrays_of_strips(tmp_path: Path) -> None:
    """Lines would be taken for characters."""
    strips = np.zeros((3, 40, 64), np.uint8)
    strips[:, 10:30, 10:50] = 255
    np.save(tmp_path / "lines.npy", strips)
    assert np.array_equal(read_pictures(tmp_path / "lines.npy", "lines", 9, 0).images, strips)


@pytest.mark.parametrize("name", ["text.npy", "cut-images-idx3-ubyte", "flat.npy", "cut.gz"])
def test_a_damaged_file_is_reported(tmp_path: Path, name: str) -> None:
    """A traceback of NumPy's or gzip's."""
    content = {"text.npy": b"hello", "cut.gz": gzip.compress(b"0" * 99)[:20]}.get(name, b"\0\0\x08\x03\0\0\0\x09")
    (tmp_path / name).write_bytes(content)
    if name == "flat.npy":
        np.save(tmp_path / name, np.zeros(5))
    with pytest.raises(BadDataset, match=r"cannot be read.*expected an idx file"):
        read_pictures(tmp_path / name, "characters", 9, 0)


def test_nothing_is_reported(tmp_path: Path) -> None:
    """The converter would complain of an empty set in its own words."""
    with pytest.raises(DataNotFound, match="There is no folder"):
        read_pictures(tmp_path / "none", "characters", 9, 0)
    np.save(tmp_path / "none.npy", np.zeros((0, 28, 28)))
    with pytest.raises(DataNotFound, match="show no writing"):
        read_pictures(tmp_path / "none.npy", "characters", 9, 0)
