"""edge_ocr.model.characters: pixels go into the model as it was calibrated, and come out as log probabilities."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edge_ocr.model import bundle as bundles
from edge_ocr.model.bundle import load_bundle
from edge_ocr.model.characters import CharacterModel, dequantize, log_softmax, pixel_steps
from edge_ocr.model.interpreter import Tensor
from tests.places import TINY


class Recorder:
    """A model that keeps what it was fed and answers with a fixed row."""

    def __init__(self, takes: Tensor, gives: Tensor) -> None:
        self.input, self.output = takes, gives

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        self.fed = batch
        row = np.array([0, 10, 20, 30, 40, 50], self.output.dtype)
        return np.tile(row, (len(batch), 1))


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a CharacterModel around a Recorder whose input is (dtype, scale, zero point)."""

    def make(dtype: str, scale: float, zero_point: int) -> tuple[CharacterModel, Recorder]:
        model = Recorder(Tensor((32, 32, 1), dtype, scale, zero_point), Tensor((6,), "int8", 0.5, 3))
        monkeypatch.setattr(bundles, "open_model", lambda *_: model)
        return CharacterModel(load_bundle(TINY)), model

    return make


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    """Drawings that the tiny model never saw: tiles (48, 32, 32) uint8 and truth (48,)."""
    return dict(np.load(TINY / "tiles.npz"))


def test_tiny_model_reads_its_drawings(drawn: dict[str, np.ndarray]) -> None:
    """Tiles, input step, model, output step or labels do not fit together."""
    model = CharacterModel(load_bundle(TINY))
    scores = model(drawn["tiles"])
    assert (scores.shape, scores.dtype) == ((48, 6), np.float32)
    assert model.labels == ("A", "B", "Oo", "1", ".", "")
    assert (scores.argmax(axis=1) == drawn["truth"]).mean() >= 0.95
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1, rtol=1e-5)


def test_float_model_reads_alike(drawn: dict[str, np.ndarray]) -> None:
    """The keras backend is fed or read out otherwise than the int8 model."""
    pytest.importorskip("keras")
    exact, coarse = (CharacterModel(load_bundle(TINY), backend)(drawn["tiles"]) for backend in ("keras", "auto"))
    assert exact.dtype == np.float32
    assert (exact.argmax(axis=1) == coarse.argmax(axis=1)).mean() >= 0.95


def test_no_tiles_are_no_scores() -> None:
    """A page with an empty line stops the reader."""
    scores = CharacterModel(load_bundle(TINY))(np.zeros((0, 32, 32), np.uint8))
    assert (scores.shape, scores.dtype) == ((0, 6), np.float32)


def test_tiles_of_another_size_are_refused() -> None:
    """A convolutional network takes any size, so wrong tiles would be read wrongly in silence."""
    with pytest.raises(ValueError, match=r"expected \(n, 32, 32\)"):
        CharacterModel(load_bundle(TINY))(np.zeros((1, 28, 28), np.uint8))


@pytest.mark.parametrize("quantization", [("int8", 1.0, -128), ("int8", 1.001, -128), ("int8", 0.9, -120)])
def test_int8_input(recorded: Any, drawn: dict[str, np.ndarray], quantization: tuple[str, float, int]) -> None:
    """The quick input step is taken where it is not exact, or the slow one does not round and clip."""
    model, seen = recorded(*quantization)
    model(drawn["tiles"])
    _, scale, zero_point = quantization
    expected = np.clip(np.round(drawn["tiles"].astype(np.float32) / np.float32(scale)) + zero_point, -128, 127)
    assert (seen.fed.shape, seen.fed.dtype) == ((48, 32, 32, 1), np.int8)
    assert np.array_equal(seen.fed[..., 0], expected)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_other_inputs_take_the_pixels_as_they_are(recorded: Any, drawn: dict[str, np.ndarray], dtype: str) -> None:
    """A uint8 or float model is fed int8's shifted numbers."""
    model, seen = recorded(dtype, 1.0, 0)
    model(drawn["tiles"])
    assert seen.fed.dtype == dtype
    assert np.array_equal(seen.fed[..., 0], drawn["tiles"])


def test_output_is_dequantized_before_the_softmax(recorded: Any, drawn: dict[str, np.ndarray]) -> None:
    """Confidences are far too sure or unsure: the output's scale was left out."""
    model, _ = recorded("int8", 1.0, -128)
    logits = np.array([0, 5, 10, 15, 20, 25], np.float64)
    expected = logits - np.log(np.exp(logits).sum())
    np.testing.assert_allclose(model(drawn["tiles"][:2]), [expected, expected], rtol=1e-5)


@given(
    dtype=st.sampled_from(["int8", "uint8"]),
    scale=st.floats(2**-6, 8, width=32),
    offset=st.integers(0, 255),
    pixel=st.integers(0, 255),
)
def test_quantization_rounds_and_clips(dtype: str, scale: float, offset: int, pixel: int) -> None:
    """A model calibrated on another range is fed numbers that wrap around or are cut off instead of rounded."""
    low, high = (-128, 127) if dtype == "int8" else (0, 255)
    zero_point = low + offset
    steps = pixel_steps(Tensor((32, 32, 1), dtype, scale, zero_point))
    assert (steps.shape, steps.dtype) == ((256,), dtype)
    assert steps[pixel] == min(max(round(float(np.float32(pixel) / np.float32(scale))) + zero_point, low), high)


@given(arrays.arrays(np.int8, (3, 7)), st.floats(0.001, 5), st.integers(-128, 127))
def test_probabilities_sum_to_one(numbers: np.ndarray, scale: float, zero_point: int) -> None:
    """A confidence is no probability, or large logits overflow."""
    logits = dequantize(numbers, Tensor((7,), "int8", scale, zero_point))
    np.testing.assert_allclose(logits, (numbers.astype(float) - zero_point) * scale, rtol=1e-5, atol=1e-4)
    scores = log_softmax(logits)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1, rtol=1e-4)
    assert np.array_equal(scores.argmax(axis=1), logits.argmax(axis=1))


def test_import_is_light() -> None:
    """The Raspberry Pi loads half a gigabyte of TensorFlow, or the runtime has come to need the workstation's half."""
    script = (
        "import sys, edge_ocr.model.characters\n"
        "print(sorted({'tensorflow', 'keras', 'convert', 'ai_edge_litert', 'tflite_runtime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
