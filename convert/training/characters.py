"""`python -m convert train characters`: from the data to a trained float model, resumable at every epoch."""

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path

# Keras runs on what is installed; PyTorch trains this network three times as fast as TensorFlow on a CPU.
if "KERAS_BACKEND" not in os.environ:
    from importlib.util import find_spec

    os.environ["KERAS_BACKEND"] = "torch" if find_spec("torch") else "tensorflow"

import cv2
import keras
import numpy as np
from keras import ops

from convert.data.classes import LABELS
from convert.plots import plot_curves
from convert.synthesis.tiles import load_shard, make_shards, shard_path
from convert.training.log import BEFORE, history
from convert.training.networks import BatchNorm, character_network
from edge_ocr.arguments import LEARNING_RATE, positive_int, seed_number
from edge_ocr.layout.tile import SIDE
from edge_ocr.page import Gray

CACHE = Path("cache")
"""Where shards, checkpoints and logs are kept; can be deleted at any time, at the cost of doing the work again."""

VALIDATION = 16_384
"""Tiles of the last shard that are never trained on."""


def set_cross_entropy(smoothing: float = 0.03):
    """Cross entropy where a label may be a set of two classes: -log of the probability of the whole set.

    For `classes` (n, 2), the same twice when the label is sure. So a letter whose case is unknown teaches which letter
    it is and leaves its case alone. `smoothing` spreads a part of the target over all classes (Szegedy et al., 2016).
    """

    def loss(classes, logits):
        log_probability = ops.log_softmax(ops.cast(logits, "float32"))
        first = ops.take_along_axis(log_probability, ops.cast(classes[:, :1], "int32"), axis=1)[:, 0]
        second = ops.take_along_axis(log_probability, ops.cast(classes[:, 1:], "int32"), axis=1)[:, 0]
        either = ops.where(classes[:, 0] == classes[:, 1], first, ops.logaddexp(first, second))
        return -(1 - smoothing) * either - smoothing * ops.mean(log_probability, axis=1)

    return loss


def set_accuracy(classes, logits):
    """How often the likeliest class is one of the label's two."""
    likeliest = ops.expand_dims(ops.cast(ops.argmax(logits, axis=1), classes.dtype), 1)
    return ops.cast(ops.any(classes == likeliest, axis=1), "float32")


def vary(tile: Gray, rng: np.random.Generator) -> Gray:
    """One more variation a time that a tile is shown: few pixels a character, or a finer or broader stroke.

    Cheap enough to be done while training: shrinking to 9 to 20 pixels and back, and a power law of strength.
    """
    if rng.random() < 0.2:
        side = int(rng.integers(9, 21))
        small = cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA)
        tile = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.3:
        curve = 255 * (np.arange(256) / 255) ** np.exp(rng.normal(0, 0.4))
        tile = cv2.LUT(tile, curve.astype(np.uint8))
    return tile


class CosineRate(keras.callbacks.Callback):
    """Learning rate: a linear start, then half a cosine to zero (Loshchilov and Hutter, 2017), set at every step.

    A function of the share of the training that is done, so that a resumed training may have another length.
    """

    WARM_UP = 500

    def __init__(self, highest: float, steps: int, done: int) -> None:
        super().__init__()
        self._highest, self._steps, self._step = highest, steps, done

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        share = min(1.0, self._step / self._steps)
        rate = self._highest * max(0.002, 0.5 * (1 + np.cos(np.pi * share)))
        self.model.optimizer.learning_rate = float(rate * min(1.0, (self._step + 1) / self.WARM_UP))
        self._step += 1


class ShardBatches(keras.utils.PyDataset):
    """Batches from a few shards at a time, others every epoch, in an order given by the seed and the epoch."""

    def __init__(self, shards: list[Path], shards_an_epoch: int, batch: int, seed: int, first_epoch: int) -> None:
        super().__init__()
        self._shards, self._at_once, self._batch, self._seed = shards, shards_an_epoch, batch, seed
        self._epoch = first_epoch
        self._load()

    def _load(self) -> None:
        start = self._epoch * self._at_once
        parts = [load_shard(self._shards[(start + k) % len(self._shards)]) for k in range(self._at_once)]
        self._tiles = np.concatenate([part.tiles for part in parts])
        self._classes = np.concatenate([part.classes for part in parts])
        self._order = np.random.default_rng([self._seed, self._epoch]).permutation(len(self._tiles))

    def __len__(self) -> int:
        return len(self._tiles) // self._batch

    @property
    def samples(self) -> int:
        """Tiles shown in an epoch."""
        return len(self) * self._batch

    def __getitem__(self, index: int):
        which = self._order[index * self._batch : (index + 1) * self._batch]
        rng = np.random.default_rng([self._seed, self._epoch, index])
        tiles = np.stack([vary(tile, rng) for tile in self._tiles[which]])
        return network_input(tiles), self._classes[which].astype(np.int32)

    def on_epoch_end(self) -> None:
        self._epoch += 1
        self._load()


def network_input(tiles: np.ndarray) -> np.ndarray:
    """(n, 32, 32) uint8 -> (n, 32, 32, 1) float32, still 0 to 255, for a model called from Keras."""
    return tiles[..., None].astype(np.float32)


class SaveState(keras.callbacks.Callback):
    """Keeps model, optimizer and log after every epoch, so that an interrupted training goes on where it was."""

    def __init__(self, folder: Path, log: list[dict[str, float]], samples: int) -> None:
        """`samples`: shown in an epoch."""
        super().__init__()
        self._folder, self.log, self._samples = folder, log, samples

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        rate = float(ops.convert_to_numpy(self.model.optimizer.learning_rate))
        measured = {key: float(value) for key, value in (logs or {}).items()}
        self.log.append({"epoch": epoch + 1, "rate": rate, "samples": self._samples, **measured})
        partial = self._folder / "partial.keras"
        self.model.save(partial)
        os.replace(partial, self._folder / "state.keras")
        (self._folder / "log.json").write_text(json.dumps(self.log, indent=1))


def start_or_resume(
    folder: Path, fresh: Callable[[], keras.Model], start: Path | None, objects: dict[str, object]
) -> tuple[keras.Model, list[dict[str, float]]]:
    """A compiled model with its log: that of the last finished epoch, or a fresh one.

    Args:
        folder: holds the state, if there is any.
        fresh: makes a new compiled model.
        start: a .keras file whose weights a new one begins with.
        objects: by their names, the functions that the model was compiled with.
    """
    if (folder / "state.keras").exists():
        model = keras.models.load_model(folder / "state.keras", custom_objects=objects)
        return model, json.loads((folder / "log.json").read_text())
    model = fresh()
    if start is not None:
        model.set_weights(keras.models.load_model(start, compile=False).get_weights())
        (folder / BEFORE).write_text(json.dumps(history(start.parent), indent=1))
    return model, []


def fit(
    model: keras.Model,
    log: list[dict[str, float]],
    batches: keras.utils.PyDataset,
    check: object,
    folder: Path,
    options: argparse.Namespace,
) -> None:
    """Train from the log's end to the last epoch and write `float.keras`, the log and its plot to `folder`."""
    model.fit(
        batches,
        epochs=options.epochs,
        initial_epoch=len(log),
        validation_data=check,
        validation_batch_size=1024,  # Of arrays; batches stay as they are.
        callbacks=[
            CosineRate(options.rate, options.epochs * len(batches), len(log) * len(batches)),
            # Saved before weights and their averages change places, so that a resumed training goes on with both.
            SaveState(folder, log, batches.samples),
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
        ],
        verbose=options.verbose,
    )
    model.save(folder / "float.keras", include_optimizer=False)
    plot_curves(history(folder), folder / "curves.png")


def compiled() -> keras.Model:
    """A new character network, ready to be trained."""
    model = character_network(len(LABELS), norm=BatchNorm)
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=0.02, use_ema=True, ema_momentum=0.999)
    model.compile(optimizer, set_cross_entropy(), metrics=[set_accuracy])
    return model


def train(folder: Path, shards: list[Path], options: argparse.Namespace) -> None:
    """Train to the last epoch and write `float.keras`, the log and its plot to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(options.seed)
    held = load_shard(shards[-1])
    objects = {"loss": set_cross_entropy(), "set_accuracy": set_accuracy}
    model, log = start_or_resume(folder, compiled, options.start, objects)
    batches = ShardBatches(shards[:-1], options.shards_an_epoch, options.batch, options.seed, len(log))
    check = network_input(held.tiles[:VALIDATION]), held.classes[:VALIDATION].astype(np.int32)
    fit(model, log, batches, check, folder, options)


def main(argv: list[str]) -> int:
    if argv[:1] == ["lines"]:
        from convert.training import lines as train_lines  # It needs this module, and `strips` that characters do not.

        return train_lines.main(argv)
    parser = argparse.ArgumentParser(
        prog="python -m convert train",
        description="Train the character network (or, with `lines`, the line network). "
        "Stop it with Ctrl-C; the same command goes on after the last epoch.",
    )
    parser.add_argument("model", choices=["characters"])
    parser.add_argument("--epochs", type=positive_int, default=12)
    parser.add_argument("--shards", type=positive_int, default=16, help="synthetic shards; the last is for validation")
    parser.add_argument("--shards-an-epoch", type=positive_int, default=3)
    parser.add_argument("--tiles", type=positive_int, default=100_000, help="tiles a shard")
    parser.add_argument("--batch", type=positive_int, default=256)
    parser.add_argument("--rate", type=LEARNING_RATE, default=3e-3, help="highest learning rate")
    parser.add_argument(
        "--start", type=Path, help="a .keras file of this network to go on from, instead of from chance"
    )
    parser.add_argument("--seed", type=seed_number, default=1)
    parser.add_argument("--folder", type=Path, default=CACHE / "characters", help="checkpoints, log and result")
    parser.add_argument("--verbose", type=int, choices=(0, 1, 2), default=1, help="1 a progress bar, 2 a line an epoch")
    options = parser.parse_args(argv)
    make_shards(CACHE / "tiles", options.shards, options.tiles)
    train(options.folder, [shard_path(CACHE / "tiles", number) for number in range(options.shards)], options)
    return 0
