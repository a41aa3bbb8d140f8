"""Training of lines: batches that can be aligned, a loss that counts every character alike, a training that resumes."""

import argparse
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.synthesis.augmentation import vary_strip  # noqa: E402
from convert.training import lines as train_lines  # noqa: E402
from convert.training.lines import (  # noqa: E402
    MOST_LOSS,
    NUMBER,
    WIDTHS,
    ctc_loss,
    is_alignable,
    pack,
    plan_batches,
    truncated_ctc_loss,
)
from convert.training.log import history  # noqa: E402
from convert.training.networks import LINE_STRIDE, line_network  # noqa: E402
from edge_ocr.layout.strip import HEIGHT  # noqa: E402

pytestmark = pytest.mark.slow


def strip(width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, width)).astype(np.uint8)


def sure(text: str, frames: int) -> np.ndarray:
    """(1, 1, frames, classes) logits of a network that is sure of `text`."""
    logits = np.full((1, 1, frames, len(NUMBER) + 1), -20.0, np.float32)
    path = [number for char in text for number in (NUMBER[char], 0)]
    for frame in range(frames):
        logits[0, 0, frame, path[frame] if frame < len(path) else 0] = 20.0
    return logits


def loss(text: str, logits: np.ndarray, width: int) -> float:
    _, truth = pack([strip(width)], [text], width)
    return float(keras.ops.convert_to_numpy(ctc_loss(truth, logits))[0])


def test_what_is_read_right_costs_nothing() -> None:
    """Blank or characters are numbered otherwise in the loss than in the labels."""
    assert loss("ab 1", sure("ab 1", 16), 64) < 0.01
    assert loss("ab 1", sure("ab 2", 16), 64) > 5


def test_a_network_that_knows_nothing_learns() -> None:
    """Its loss is above what truncation lets pass, and training from chance stands still."""
    model = train_lines.compiled()
    assert model.loss is ctc_loss and train_lines.compiled(truncated_ctc_loss).loss is truncated_ctc_loss
    _, truth = pack([strip(64)], ["ab"], 64)
    logits = model(np.zeros((1, HEIGHT, 64, 1), np.float32))
    assert float(keras.ops.convert_to_numpy(ctc_loss(truth, logits))[0]) > MOST_LOSS


def test_what_nobody_could_read_does_not_teach() -> None:
    """A wrong label pulls harder than all right ones."""
    _, truth = pack([strip(64)] * 2, ["ab 1", "ab 2"], 64)
    losses = truncated_ctc_loss(truth, np.repeat(sure("ab 1", 16), 2, axis=0))
    assert keras.ops.convert_to_numpy(losses).tolist() == pytest.approx([0, MOST_LOSS], abs=0.01)


def test_what_lies_beyond_the_strip_does_not_count() -> None:
    """A short line is judged by the padding behind it."""
    logits = sure("ab", 40)
    logits[0, 0, 16:] = np.random.default_rng(0).normal(0, 9, logits[0, 0, 16:].shape)
    _, truth = pack([strip(64)], ["ab"], 160)
    assert float(keras.ops.convert_to_numpy(ctc_loss(truth, logits))[0]) < 0.01


@given(st.lists(st.integers(16, 900), max_size=400), st.integers(0, 99))
@settings(max_examples=30)
def test_batches_are_of_few_shapes_and_hold_each_strip_once(widths: list[int], seed: int) -> None:
    """Convolutions are compiled anew in every step, or a strip is cut off."""
    batches = plan_batches(np.array(widths, int), np.random.default_rng(seed))
    numbers = [int(number) for _, chosen in batches for number in chosen]
    assert len(numbers) == len(set(numbers))
    for width, chosen in batches:
        assert width in WIDTHS and len(chosen) == train_lines.COLUMNS_A_BATCH // width
        assert all(widths[number] <= width or width == WIDTHS[-1] for number in chosen)


def test_a_strip_needs_a_frame_for_every_character() -> None:
    assert is_alignable(3 * LINE_STRIDE, "abc") and not is_alignable(3 * LINE_STRIDE, "abb")


@given(st.integers(16, 700), st.integers(0, 999))
@settings(max_examples=40)
def test_variation_keeps_height_and_ink(width: int, seed: int) -> None:
    varied = vary_strip(strip(width, seed), np.random.default_rng(seed))
    assert varied.shape[0] == HEIGHT and varied.dtype == np.uint8 and varied.any()
    assert 0.6 * width < varied.shape[1] < 1.5 * width + 20


def test_an_interrupted_training_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours of training begin anew, or the log forgets them."""
    shards = []
    for number in range(2):
        widths = np.full(140, 60, np.int32)
        columns = np.concatenate([strip(60, k).T for k in range(140)])
        shards.append(tmp_path / f"{number}.npz")
        np.savez(shards[-1], columns=columns, widths=widths, texts=np.array(["ab"] * 140))
    small = train_lines.line_network
    monkeypatch.setattr(train_lines, "line_network", lambda classes, norm: small(classes, (4, 4, 4), 8, 1, norm=norm))
    monkeypatch.setattr(train_lines, "VALIDATION", 128)

    def run(epochs: int, out: Path, start: Path | None = None) -> list[float]:
        options = argparse.Namespace(seed=1, epochs=epochs, shards_an_epoch=1, rate=1e-3, verbose=0, start=start)
        train_lines.train(out, shards, options)
        return [entry["epoch"] for entry in history(out)]

    first, second = tmp_path / "first", tmp_path / "second"
    assert run(1, first) == [1]
    assert run(2, first) == [1, 2]
    assert run(1, second, first / "float.keras") == [1, 2, 3]
    assert (second / "float.keras").exists()


def test_the_network_gives_a_frame_for_every_stride() -> None:
    """Training would give CTC another number of frames than the network has."""
    logits = line_network(3)(np.zeros((1, HEIGHT, 30 * LINE_STRIDE, 1), np.float32))
    assert logits.shape == (1, 1, 30, 3)
