"""`python -m convert train lines`: the line network, on strips with CTC (Graves et al., 2006); it resumes any epoch."""

import argparse
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

from convert.training.fit import (
    add_fit_options,
    fit,
    start_or_resume,
)  # Chooses Keras's backend, so it comes before Keras.

# isort: split
import cv2
import keras
import numpy as np
from keras import ops

from convert.paths import CACHE
from convert.synthesis.augmentation import vary_strip
from convert.synthesis.line_sources import LONGEST
from convert.synthesis.random_text import CHARSET
from convert.synthesis.strips import load_strip_shard, make_strip_shards, separate, strip_shard_path
from convert.training.networks import LINE_STRIDE, BatchNorm, Tensor, line_network
from edge_ocr.arguments import Parser, positive_int
from edge_ocr.layout.strip import HEIGHT
from edge_ocr.page import Gray

COLUMNS_A_BATCH = 4096
"""Columns that a batch holds together, so that batches of long and of short lines take the same time."""

WIDTHS = (64, 96, 128, 160, 192, 256, 320, 416, 544, 704, 896)
"""Columns that batches may have; wider lines are narrowed."""

VALIDATION = 2048
"""Strips of the last shard that are never trained on."""

MOST_LOSS = 3.0
"""Loss per character above which a strip teaches nothing: it is illegible, or its label is wrong."""

NUMBER = {char: number + 1 for number, char in enumerate(CHARSET)}
"""Class of each character; class 0 is CTC's blank."""


def ctc_loss(truth: Tensor, logits: Tensor) -> Tensor:
    """CTC's negative log likelihood a character.

    `truth` is (n, 2 + longest) int32: frames that the strip fills, characters, and their classes, 0 beyond the end.
    """
    truth = ops.cast(truth, "int32")  # Keras makes every truth a float.
    frames, lengths = truth[:, 0], truth[:, 1]
    loss = ops.ctc_loss(truth[:, 2:], ops.cast(logits[:, 0], "float32"), lengths, frames, mask_index=0)
    return loss / ops.cast(lengths, "float32")


def truncated_ctc_loss(truth: Tensor, logits: Tensor) -> Tensor:
    """`ctc_loss` up to MOST_LOSS, above which it gives no gradient (loss truncation: Kang and Hashimoto, 2020)."""
    return ops.minimum(ctc_loss(truth, logits), MOST_LOSS)


def pack(strips: list[Gray], texts: list[str], width: int) -> tuple[np.ndarray, np.ndarray]:
    """Network input (n, HEIGHT, width, 1) float32 and the `truth` of `ctc_loss`; strips are padded at the right."""
    images = np.zeros((len(strips), HEIGHT, width, 1), np.float32)
    truth = np.zeros((len(strips), 2 + LONGEST), np.int32)
    for row, (strip, text) in enumerate(zip(strips, texts, strict=True)):
        images[row, :, : strip.shape[1], 0] = strip
        truth[row, :2] = -(-strip.shape[1] // LINE_STRIDE), len(text)
        truth[row, 2 : 2 + len(text)] = [NUMBER[char] for char in text]
    return images, truth


def is_alignable(width: int, text: str) -> bool:
    """Whether a strip has a frame for every character, and one between equal ones."""
    doubles = sum(first == second for first, second in pairwise(text))
    return width // LINE_STRIDE >= len(text) + doubles


def plan_batches(widths: np.ndarray, rng: np.random.Generator) -> list[tuple[int, np.ndarray]]:
    """Batches as (width, strip numbers), in random order.

    There are few widths, each with its own number of strips, since every shape compiles the convolutions again. What
    does not fill a batch is left out this time.
    """
    batches = []
    order = rng.permutation(len(widths))
    bucket = np.searchsorted(WIDTHS, np.minimum(widths[order], WIDTHS[-1]))
    for number, width in enumerate(WIDTHS):
        mine = order[bucket == number]
        size = COLUMNS_A_BATCH // width
        batches += [(width, mine[start : start + size]) for start in range(0, len(mine) - size + 1, size)]
    return [batches[number] for number in rng.permutation(len(batches))]


def narrowed(strip: Gray, width: int) -> Gray:
    """The strip, narrowed if it is wider than `width`."""
    return strip if strip.shape[1] <= width else cv2.resize(strip, (width, HEIGHT), interpolation=cv2.INTER_AREA)


class StripBatches(keras.utils.PyDataset):
    """Varied batches from a few shards at a time, others every epoch, in an order given by the seed and the epoch."""

    def __init__(self, shards: list[Path], shards_an_epoch: int, seed: int, first_epoch: int) -> None:
        super().__init__()
        self._shards, self._at_once, self._seed, self._epoch = shards, shards_an_epoch, seed, first_epoch
        self._load()

    def _load(self) -> None:
        start = self._epoch * self._at_once
        parts = [load_strip_shard(self._shards[(start + k) % len(self._shards)]) for k in range(self._at_once)]
        pairs = [pair for part in parts for pair in zip(separate(part), part.texts.tolist(), strict=True)]
        kept = [(strip, text) for strip, text in pairs if is_alignable(min(strip.shape[1], WIDTHS[-1]), text)]
        self._strips, self._texts = [strip for strip, _ in kept], [text for _, text in kept]
        widths = np.array([strip.shape[1] for strip in self._strips])
        self._batches = plan_batches(widths, np.random.default_rng([self._seed, self._epoch]))

    def __len__(self) -> int:
        return len(self._batches)

    @property
    def samples(self) -> int:
        """Strips shown in an epoch."""
        return sum(len(numbers) for _, numbers in self._batches)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self._seed, self._epoch, index])
        width, numbers = self._batches[index]
        strips, texts = [], []
        for number in numbers:
            text = self._texts[number]
            strip = narrowed(vary_strip(self._strips[number], rng), width)
            # A strip that variation made too narrow for its text is shown as it is.
            strips.append(strip if is_alignable(strip.shape[1], text) else narrowed(self._strips[number], width))
            texts.append(text)
        return pack(strips, texts, width)

    def on_epoch_end(self) -> None:
        self._epoch += 1
        self._load()


class FixedBatches(keras.utils.PyDataset):
    """Strips as they are, in batches of like width, always the same."""

    def __init__(self, strips: list[Gray], texts: list[str]) -> None:
        super().__init__()
        kept = [
            k for k, (strip, text) in enumerate(zip(strips, texts, strict=True)) if is_alignable(strip.shape[1], text)
        ]
        self._strips, self._texts = [strips[k] for k in kept], [texts[k] for k in kept]
        widths = np.array([strip.shape[1] for strip in self._strips])
        self._batches = plan_batches(widths, np.random.default_rng(0))

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        width, numbers = self._batches[index]
        return pack([narrowed(self._strips[k], width) for k in numbers], [self._texts[k] for k in numbers], width)


def compiled(loss: Callable[[Tensor, Tensor], Tensor] = ctc_loss) -> keras.Model:
    """A new line network, ready to be trained."""
    model = line_network(len(CHARSET) + 1, norm=BatchNorm)
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=0.01, global_clipnorm=3.0, use_ema=True, ema_momentum=0.999)
    model.compile(optimizer, loss)
    return model


def train(folder: Path, shards: list[Path], options: argparse.Namespace) -> None:
    """Train to the last epoch and write `float.keras`, the log and its plot to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(options.seed)
    flush_denormals()
    held = load_strip_shard(shards[-1])
    check = FixedBatches(separate(held)[:VALIDATION], [str(text) for text in held.texts[:VALIDATION]])
    objects = {"ctc_loss": ctc_loss, "truncated_ctc_loss": truncated_ctc_loss}
    # An untrained network loses more on every strip than truncation lets pass.
    fresh = partial(compiled, truncated_ctc_loss) if options.start else compiled
    model, log = start_or_resume(folder, fresh, options.start, objects)
    batches = StripBatches(shards[:-1], options.shards_an_epoch, options.seed, len(log))
    fit(model, log, batches, check, folder, options)


def flush_denormals() -> None:
    """Flush denormal numbers, of which CTC's gradient is full, to zero: they are slow on many processors."""
    if keras.backend.backend() == "torch":
        import torch

        torch.set_flush_denormal(True)


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert train lines",
        description="Train the line network. Stop it with Ctrl-C; the same command resumes after the last epoch.",
    )
    parser.add_argument("model", choices=["lines"], help="the network to train")
    add_fit_options(parser, epochs=40, shards=9, shards_an_epoch=4, rate=2e-3, folder=CACHE / "lines")
    parser.add_argument("--strips", type=positive_int, default=10_000, help="strips a shard")
    options = parser.parse_args(argv)
    make_strip_shards(CACHE / "strips", options.shards, options.strips)
    train(options.folder, [strip_shard_path(CACHE / "strips", number) for number in range(options.shards)], options)
    return 0
