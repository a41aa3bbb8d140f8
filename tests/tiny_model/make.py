"""Make the tiny model that the tests read with: `python -m tests.tiny_model.make`, from the checkout, with TensorFlow.

It distinguishes six shapes of straight strokes in a few kilobytes: enough to find out whether tiles, quantization,
labels and files fit together, and to read "A1BO." from a drawn page. It is no measure of anything else.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from edge_ocr.layout.tile import SIDE, cut_tile, stack_tiles

LABELS = ("A", "B", "Oo", "1", ".", "")
FOLDER = Path(__file__).parent
CANVAS = 64
"""Side of the square that a shape is drawn in, in pixels; a capital is 48 of them high."""
EACH = 400
"""Drawings of each label to learn from."""

STROKES: dict[str, list[list[tuple[int, int]]]] = {
    "A": [[(8, 56), (32, 8), (56, 56)], [(18, 38), (46, 38)]],
    "B": [[(14, 8), (14, 56)], [(14, 8), (42, 10), (44, 28), (14, 31), (50, 36), (48, 54), (14, 56)]],
    "Oo": [[(32, 8), (48, 14), (56, 32), (48, 50), (32, 56), (16, 50), (8, 32), (16, 14), (32, 8)]],
    "1": [[(22, 18), (34, 8), (34, 56)]],
    ".": [[(31, 54), (33, 56)]],
}
"""Polylines as (x, y), y down."""


def draw(label: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """One drawing of a label as a tile (32, 32): "" is a random scribble."""
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    lines = STROKES.get(label) or [rng.integers(4, 60, (2, 2)).tolist() for _ in range(rng.integers(2, 6))]
    shear, thickness = rng.uniform(-0.2, 0.2), int(rng.integers(3, 8))
    for line in lines:
        points = np.array(line, np.float64) + rng.normal(0, 1.2, (len(line), 2))
        points[:, 0] += shear * (CANVAS / 2 - points[:, 1])
        cv2.polylines(canvas, [np.round(points).astype(np.int32)], False, 255, thickness, cv2.LINE_AA)
    left, top, width, height = cv2.boundingRect(canvas)
    return cut_tile(canvas[top : top + height, left : left + width], 48.0)


def drawings(seed: int, each: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Tiles (n, 32, 32) and the index of the label of each (n,)."""
    rng = np.random.default_rng(seed)
    indices = np.repeat(np.arange(len(LABELS)), each)
    return stack_tiles([draw(LABELS[index], rng) for index in indices]), indices


def train(tiles: NDArray[np.uint8], indices: NDArray[np.int64]) -> keras.Model:
    """A network of 6,000 weights, scaled inside, with logits out."""
    layers = [keras.layers.Rescaling(1 / 255)]
    layers += [keras.layers.Conv2D(size, 3, strides=2, padding="same", activation="relu") for size in (8, 16, 16)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(len(LABELS))]
    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss)
    model.fit(tiles[..., np.newaxis].astype(np.float32), indices, batch_size=64, epochs=8, verbose=0)
    return model


def quantize(model: keras.Model, tiles: NDArray[np.uint8]) -> bytes:
    """Full int8, per channel, int8 in, int8 logits out, calibrated on tiles."""

    def calibration() -> Iterator[list[NDArray[np.float32]]]:
        for tile in tiles[:: len(tiles) // 100]:
            yield [tile[np.newaxis, ..., np.newaxis].astype(np.float32)]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = calibration
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def main() -> None:
    """Train, quantize and write model.keras, model.tflite, model.json and tiles.npz beside this file."""
    keras.utils.set_random_seed(1)
    tiles, indices = drawings(seed=1, each=EACH)
    model = train(tiles, indices)
    content = quantize(model, tiles)
    # Weights alone: the optimizer's memory would triple the file.
    keras.Sequential([keras.Input((SIDE, SIDE, 1)), *model.layers]).save(FOLDER / "model.keras")
    (FOLDER / "model.tflite").write_bytes(content)
    facts = {
        "format": 1,
        "kind": "characters",
        "name": "tiny",
        "version": "1",
        "labels": LABELS,
        "input": {"height": SIDE, "width": SIDE},
        "sha256": hashlib.sha256(content).hexdigest(),
        "made_by": {"command": "python -m tests.tiny_model.make"},
    }
    (FOLDER / "model.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    unseen, truth = drawings(seed=2, each=8)
    np.savez_compressed(FOLDER / "tiles.npz", tiles=unseen, truth=truth, logits=run(content, unseen))
    print(f"{len(content)} bytes; right on unseen drawings: {np.mean(guess(model, unseen) == truth):.3f}")


def run(content: bytes, tiles: NDArray[np.uint8]) -> NDArray[np.int8]:
    """The quantized model's own int8 logits (n, labels), one tile at a time, by none of the package's code."""
    interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    takes, gives = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    rows = []
    for tile in tiles:
        interpreter.set_tensor(takes, (tile.astype(np.int16) - 128).astype(np.int8)[np.newaxis, ..., np.newaxis])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(gives)[0])
    return np.array(rows)


def guess(model: keras.Model, tiles: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The likeliest label's index for each tile (n,), by the float model."""
    return np.asarray(model(tiles[..., np.newaxis].astype(np.float32))).argmax(axis=1)


if __name__ == "__main__":
    main()
