"""The training loop of both networks: cosine learning rate, a checkpoint after every epoch, averaged weights."""

import argparse
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

# PyTorch trains these networks three times as fast as TensorFlow on a CPU.
if "KERAS_BACKEND" not in os.environ:
    from importlib.util import find_spec

    os.environ["KERAS_BACKEND"] = "torch" if find_spec("torch") else "tensorflow"

import keras
import numpy as np
from keras import ops

from convert.plots import plot_curves
from convert.training.log import BEFORE, LOG, history
from edge_ocr.arguments import LEARNING_RATE, positive_int, seed_number

FLOAT, CURVES = "float.keras", "curves.png"
"""What a training leaves in its folder beside its logs: the averaged weights and the learning curves."""


class CosineRate(keras.callbacks.Callback):
    """Learning rate: a linear start, then half a cosine to zero (Loshchilov and Hutter, 2017), set at every step.

    It depends on the share of the training that is done, so a resumed training may have another length.
    """

    WARM_UP = 500
    """Steps until the learning rate is at its highest, where the training does not say."""

    def __init__(self, highest: float, steps: int, done: int, warm_up: int | None = None) -> None:
        super().__init__()
        self._highest, self._steps, self._step, self._warm_up = highest, steps, done, warm_up or self.WARM_UP

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        share = min(1.0, self._step / self._steps)
        rate = self._highest * max(0.002, 0.5 * (1 + np.cos(np.pi * share)))
        self.model.optimizer.learning_rate = float(rate * min(1.0, (self._step + 1) / self._warm_up))
        self._step += 1


class SaveState(keras.callbacks.Callback):
    """Saves model, optimizer and log after every epoch, so that an interrupted training can resume."""

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
        (self._folder / LOG).write_text(json.dumps(self.log, indent=1))


class SaveAverages(keras.callbacks.Callback):
    """Keeps the averaged weights after every epoch: the result so far. It follows SwapEMAWeights."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        partial = self._path.with_name(f"partial-{self._path.name}")
        self.model.save(partial, include_optimizer=False)
        os.replace(partial, self._path)


def start_or_resume(
    folder: Path, fresh: Callable[[], keras.Model], start: Path | None, objects: Mapping[str, object]
) -> tuple[keras.Model, list[dict[str, float]]]:
    """A compiled model with its log: that of the last finished epoch, or a fresh one.

    Args:
        folder: holds the state, if there is any.
        fresh: makes a new compiled model.
        start: a .keras file with the first weights of a new one.
        objects: the functions that the model was compiled with, by name.
    """
    if (folder / "state.keras").exists():
        model = keras.models.load_model(folder / "state.keras", custom_objects=dict(objects))
        return model, json.loads((folder / LOG).read_text())
    model = fresh()
    if start is not None:
        take_weights(model, keras.models.load_model(start, compile=False))
        (folder / BEFORE).write_text(json.dumps(history(start.parent), indent=1))
    return model, []


def take_weights(model: keras.Model, other: keras.Model) -> None:
    """Take another network's weights; where this one has more residual layers before the last, they add nothing yet.

    So a deeper network starts as good as the shallower one (a batch norm's scale of zero: Goyal et al., 2017).
    """
    *known, last = [layer for layer in other.layers if layer.weights]
    *layers, own_last = [layer for layer in model.layers if layer.weights]
    for layer, source in zip([*layers[: len(known)], own_last], [*known, last], strict=True):
        layer.set_weights(source.get_weights())
    for layer in layers[len(known) :]:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.gamma.assign(ops.zeros_like(layer.gamma))


def fit(
    model: keras.Model,
    log: list[dict[str, float]],
    batches: keras.utils.PyDataset,
    check: object,
    folder: Path,
    options: argparse.Namespace,
    *,
    warm_up: int | None = None,
    check_batch: int = 1024,
) -> None:
    """Train from the log's end to the last epoch and write `float.keras`, the log and its plot to `folder`."""
    model.fit(
        batches,
        epochs=options.epochs,
        initial_epoch=len(log),
        validation_data=check,
        validation_batch_size=check_batch,  # Of arrays; batches stay as they are.
        callbacks=[
            CosineRate(options.rate, options.epochs * len(batches), len(log) * len(batches), warm_up),
            # Saved before the averages replace the weights, so that a resumed training has both.
            SaveState(folder, log, batches.samples),
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            SaveAverages(folder / FLOAT),
        ],
        verbose=options.verbose,
    )
    plot_curves(history(folder), folder / CURVES)


def add_fit_options(
    parser: argparse.ArgumentParser, *, epochs: int, shards: int, shards_an_epoch: int, rate: float, folder: Path
) -> None:
    """The options of both trainings, with the defaults of one."""
    add = parser.add_argument
    add("--epochs", type=positive_int, default=epochs, help="rounds of training (%(default)s)")
    add("--shards", type=positive_int, default=shards, help="made shards; the last is for validation (%(default)s)")
    add("--shards-an-epoch", type=positive_int, default=shards_an_epoch, help="shards seen in an epoch (%(default)s)")
    add("--rate", type=LEARNING_RATE, default=rate, help="highest learning rate (%(default)s)")
    add("--start", type=Path, help="a .keras file of this network to start from (default: random weights)")
    add("--seed", type=seed_number, default=1, help="another seed gives another training (%(default)s)")
    add("--folder", type=Path, default=folder, help="checkpoints, log and result (default: cache/MODEL)")
    add("--verbose", type=int, choices=(0, 1, 2), default=1, help="1 a progress bar, 2 a line an epoch")
