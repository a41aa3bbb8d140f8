"""`python -m convert train characters`: from the data to a trained float model, resumable at every epoch."""

import argparse
from collections.abc import Callable
from pathlib import Path

from convert.training.fit import (
    add_fit_options,
    fit,
    start_or_resume,
)  # Chooses Keras's backend, so it comes before Keras.

# isort: split
import keras
import numpy as np
from keras import ops

from convert.data.classes import LABELS
from convert.paths import CACHE
from convert.synthesis.augmentation import vary_tile
from convert.synthesis.tiles import load_shard, make_shards, shard_path
from convert.training.networks import BatchNorm, Tensor, character_network
from edge_ocr.arguments import Parser, positive_int

VALIDATION = 16_384
"""Tiles of the last shard that are never trained on."""


def set_cross_entropy(smoothing: float = 0.03) -> Callable[[Tensor, Tensor], Tensor]:
    """Cross entropy for labels of one or two classes: -log of the probability of the set.

    `classes` is (n, 2), twice the same if the label is certain. So a letter of unknown case teaches the letter, not
    the case. `smoothing` spreads a part of the target over all classes (Szegedy et al., 2016).
    """

    def loss(classes: Tensor, logits: Tensor) -> Tensor:
        log_probability = ops.log_softmax(ops.cast(logits, "float32"))
        first = ops.take_along_axis(log_probability, ops.cast(classes[:, :1], "int32"), axis=1)[:, 0]
        second = ops.take_along_axis(log_probability, ops.cast(classes[:, 1:], "int32"), axis=1)[:, 0]
        either = ops.where(classes[:, 0] == classes[:, 1], first, ops.logaddexp(first, second))
        return -(1 - smoothing) * either - smoothing * ops.mean(log_probability, axis=1)

    return loss


def set_accuracy(classes: Tensor, logits: Tensor) -> Tensor:
    """How often the likeliest class is one of the label's classes."""
    likeliest = ops.expand_dims(ops.cast(ops.argmax(logits, axis=1), classes.dtype), 1)
    return ops.cast(ops.any(classes == likeliest, axis=1), "float32")


class ShardBatches(keras.utils.PyDataset):
    """Batches from a few shards at a time, different ones every epoch, in an order set by seed and epoch."""

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

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        which = self._order[index * self._batch : (index + 1) * self._batch]
        rng = np.random.default_rng([self._seed, self._epoch, index])
        tiles = np.stack([vary_tile(tile, rng) for tile in self._tiles[which]])
        return network_input(tiles), self._classes[which].astype(np.int32)

    def on_epoch_end(self) -> None:
        self._epoch += 1
        self._load()


def network_input(tiles: np.ndarray) -> np.ndarray:
    """(n, 32, 32) uint8 -> (n, 32, 32, 1) float32, still 0 to 255, for a model called from Keras."""
    return tiles[..., None].astype(np.float32)


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
    parser = Parser(
        prog="python -m convert train",
        description="Train the character network; `train lines` and `train finder` train the others. "
        "Stop it with Ctrl-C; the same command resumes after the last epoch.",
    )
    parser.add_argument("model", choices=["characters"], help="the network to train")
    add_fit_options(parser, epochs=12, shards=16, shards_an_epoch=3, rate=3e-3, folder=CACHE / "characters")
    parser.add_argument("--tiles", type=positive_int, default=100_000, help="tiles a shard")
    parser.add_argument("--batch", type=positive_int, default=256, help="tiles a step")
    options = parser.parse_args(argv)
    make_shards(CACHE / "tiles", options.shards, options.tiles)
    train(options.folder, [shard_path(CACHE / "tiles", number) for number in range(options.shards)], options)
    return 0
