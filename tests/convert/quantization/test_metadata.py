"""What is written into a .tflite for other tools: it is there, it is right, and it changes no answer."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ai_edge_litert")

from convert.quantization.flatbuffer import read_model
from convert.quantization.metadata import ENTRY, IDENTIFIER, inscribe, read_labels
from convert.quantization.tensor_names import Names
from edge_ocr.model.interpreter import open_model
from tests.places import TINY

LABELS = ("A", "B", "Oo", " ", "é", "")


@pytest.fixture(scope="module")
def content() -> bytes:
    plain = (TINY / "model.tflite").read_bytes()
    return inscribe(plain, Names.of_model("x", []), LABELS, "edge-ocr tiny", "7", "tile of 32x32")


def test_labels_are_inside(content: bytes) -> None:
    """Other tools would show numbers, or one label too few where the last is empty."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["labels.txt"] and archive.testzip() is None
    assert tuple(read_labels(content)) == LABELS


def test_answers_stay_the_same(content: bytes, tmp_path: Path) -> None:
    """A name or an appended file would change what the model computes, or keep it from loading."""
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    drawn = np.load(TINY / "tiles.npz")
    batch = (drawn["tiles"] ^ np.uint8(128)).view(np.int8)[..., None]
    model = open_model(path)
    assert np.array_equal(model(batch), drawn["logits"])
    assert np.array_equal(model(batch), open_model(TINY / "model.tflite")(batch))


def test_metadata_says_what_goes_in_and_out(content: bytes) -> None:
    """The flatbuffer would be unreadable, or name a file that is not there."""
    model = read_model(content)
    (entry,) = [entry for entry in model.metadata if entry.name == ENTRY]
    data = bytes(model.buffers[entry.buffer].data)
    assert data[4:8] == IDENTIFIER
    for text in (b"edge-ocr tiny", b"labels.txt", b"tile of 32x32", b"logits", b"1.0.0"):
        assert text in data
    assert model.description == b"edge-ocr tiny"
    assert model.signatureDefs is None or model.signatureDefs[0].outputs[0].name == b"logits"


def test_the_same_model_gives_the_same_file(content: bytes) -> None:
    """`reproduce` would find a difference in every file: a zip stores the time."""
    plain = (TINY / "model.tflite").read_bytes()
    assert inscribe(plain, Names.of_model("x", []), LABELS, "edge-ocr tiny", "7", "tile of 32x32") == content
