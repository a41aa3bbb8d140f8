"""Trains the finder on made scenes; resumes after every epoch."""

import argparse
from pathlib import Path
from typing import Any

from convert.training.fit import add_fit_options, fit, start_or_resume  # First: it chooses Keras's backend.

import cv2  # isort: skip
import keras
import numpy as np
from keras import ops

from convert.paths import CACHE
from convert.synthesis.scenes.scenes import make_scene_shards
from convert.synthesis.scenes.shards import HELD, UNSURE, Scene, load_scenes
from convert.training.finder_network import BLOCK, MULTIPLE, PEN, finder_network
from convert.training.networks import BatchNorm
from edge_ocr.arguments import Parser, positive_int
from edge_ocr.page import Gray

CROP = 224
"""Height and width of what is trained on, in pixels."""

WARM_UP = 150
"""Steps until the learning rate is at its highest: there are fewer of them than where batches are small."""

CHECK = 384
"""Height and width of what is validated on, in pixels."""

LEAST_TEXT = 0.004
"""Part of a crop that text covers, from which it is worth looking at."""

POSITIVE = 2.0
"""Weight of pen against what is none, in the cross entropy."""

CROSS = 4.0
"""Weight of the cross entropy, which most of a picture, being empty, makes small beside the Dice loss."""

BLANK_WAY = 0.1
"""Weight of "no text" against text, for which way is up."""


def pack(text: Gray, core: Gray, up: Gray) -> np.ndarray:
    """Labels as (h / 4, w / 4, PEN + 2) uint8: pen of a cell's pixels, core zone, way."""
    height, width = core.shape
    pen = text.reshape(height, BLOCK, width, BLOCK).transpose(0, 2, 1, 3).reshape(height, width, PEN)
    ways = np.repeat(np.repeat(up, height // up.shape[0], axis=0), width // up.shape[1], axis=1)
    return np.concatenate([pen, core[..., None], ways[..., None]], axis=2)


def _soft_loss(target: Any, logits: Any, positive: float) -> Any:
    """Cross entropy for targets from 0 to 1 plus half of the Dice loss (Milletari et al., 2016) of the batch."""
    cross = ops.relu(logits) - logits * target + ops.log1p(ops.exp(-ops.abs(logits)))
    seen = ops.sigmoid(logits)
    dice = 1 - (2 * ops.sum(seen * target) + 1) / (ops.sum(seen) + ops.sum(target) + 1)
    return CROSS * ops.mean(cross * (1 + (positive - 1) * target)) + 0.5 * dice


def _way_loss(classes: Any, logits: Any) -> Any:
    """Cross entropy of which way is up where that is known, text before nothing."""
    known = ops.cast(classes < UNSURE, "float32")
    weight = known * ops.where(classes > 0, 1.0, BLANK_WAY)
    scores = ops.log_softmax(logits)
    truth = ops.one_hot(ops.cast(classes * known, "int32"), 5)
    return -ops.sum(weight * ops.sum(truth * scores, axis=-1)) / (ops.sum(weight) + 1)


def finder_loss(truth: Any, maps: Any) -> Any:
    """Of pen, core zones and ways together; `truth` as `pack` gives it."""
    truth = ops.cast(truth, "float32")
    pen = _soft_loss(truth[..., :PEN] / 255, maps[..., :PEN], POSITIVE)
    core = _soft_loss(truth[..., PEN] / 255, maps[..., PEN], 1.0)
    return pen + 0.7 * core + 0.4 * _way_loss(truth[..., PEN + 1], maps[..., PEN + 1 :])


def _overlap(target: Any, logits: Any) -> Any:
    seen, there = ops.cast(logits > 0, "float32"), ops.cast(target > 127, "float32")
    both = ops.sum(seen * there)
    return both / (ops.sum(seen) + ops.sum(there) - both + 1)


def pen_iou(truth: Any, maps: Any) -> Any:
    """Intersection over union of pen in a batch."""
    return _overlap(truth[..., :PEN], maps[..., :PEN])


def core_iou(truth: Any, maps: Any) -> Any:
    """Intersection over union of core zones in a batch."""
    return _overlap(truth[..., PEN], maps[..., PEN])


def way_accuracy(truth: Any, maps: Any) -> Any:
    """How often the way is right where there is text."""
    way = truth[..., PEN + 1]
    text = ops.cast((way > 0) & (way < UNSURE), "float32")
    right = ops.cast(ops.argmax(maps[..., PEN + 2 :], axis=-1) + 1, "float32") == ops.cast(way, "float32")
    return ops.sum(ops.cast(right, "float32") * text) / (ops.sum(text) + 1)


OBJECTS = {"finder_loss": finder_loss, "pen_iou": pen_iou, "core_iou": core_iou, "way_accuracy": way_accuracy}


def framed(scene: Scene, side: int) -> Scene:
    """The scene, continued at its right and below where it is smaller than a square of this side."""
    below, right = (max(0, side - length) for length in scene.picture.shape)
    if not below and not right:
        return scene
    picture = cv2.copyMakeBorder(scene.picture, 0, below, 0, right, cv2.BORDER_REPLICATE)
    labels = [
        cv2.copyMakeBorder(label, 0, below // step, 0, right // step, cv2.BORDER_CONSTANT)
        for label, step in ((scene.text, 1), (scene.core, BLOCK), (scene.up, 16))
    ]
    return Scene(picture, *labels)


def crop(scene: Scene, rng: np.random.Generator, side: int = CROP) -> tuple[Gray, np.ndarray]:
    """A square part at a scale of 0.7 to 1.5, turned by quarters, brighter, darker or inverted: picture and `pack`."""
    scale = float(np.exp(rng.uniform(np.log(0.7), np.log(1.5)))) if rng.random() < 0.6 else 1.0
    window = max(32, round(side / scale / 16) * 16)
    scene = framed(scene, window)
    height, width = scene.picture.shape
    for _ in range(3):
        top, left = (int(rng.integers((length - window) // 16 + 1)) * 16 for length in (height, width))
        text = scene.text[top : top + window, left : left + window]
        if text.mean() > 255 * LEAST_TEXT or rng.random() < 0.2:
            break
    picture = scene.picture[top : top + window, left : left + window]
    core = scene.core[top // 4 : (top + window) // 4, left // 4 : (left + window) // 4]
    up = scene.up[top // 16 : (top + window) // 16, left // 16 : (left + window) // 16]
    if window != side:
        picture, text = (_scaled(image, side) for image in (picture, text))
        core = _scaled(core, side // BLOCK)
        up = cv2.resize(up, (side // BLOCK, side // BLOCK), interpolation=cv2.INTER_NEAREST)
    turn = int(rng.integers(1, 4)) if rng.random() < 0.5 else 0
    picture, text, core, up = (np.rot90(image, -turn) for image in (picture, text, core, up))
    up = np.where((up > 0) & (up < UNSURE), (up.astype(np.int32) - 1 + turn) % 4 + 1, up).astype(np.uint8)
    return relit(np.ascontiguousarray(picture), rng), pack(text, core, up)


def _scaled(image: Gray, side: int) -> Gray:
    how = cv2.INTER_AREA if image.shape[0] > side else cv2.INTER_LINEAR
    return cv2.resize(image, (side, side), interpolation=how)


def relit(picture: Gray, rng: np.random.Generator) -> Gray:
    """Another contrast, a power law, an inversion at times."""
    if rng.random() < 0.12:
        picture = cv2.bitwise_not(picture)
    if rng.random() < 0.5:
        level = np.arange(256, dtype=np.float32) / 255
        level = level ** np.exp(rng.normal(0, 0.3)) * rng.uniform(0.55, 1.1) + rng.uniform(-0.05, 0.15)
        picture = cv2.LUT(picture, (255 * np.clip(level, 0, 1)).astype(np.uint8))
    return picture


class SceneBatches(keras.utils.PyDataset):
    """Crops of a few shards at a time, others every epoch."""

    def __init__(self, folder: Path, shards_an_epoch: int, steps: int, batch: int, seed: int, first_epoch: int) -> None:
        super().__init__()
        self._folder, self._at_once, self._steps, self._batch = folder, shards_an_epoch, steps, batch
        self._seed, self._epoch = seed, first_epoch
        self._load()

    def _load(self) -> None:
        found = sorted(self._folder.glob("scenes-*.npz"))
        start = self._epoch * self._at_once
        chosen = {found[(start + k) % len(found)] for k in range(self._at_once)}
        self._scenes = [scene for path in sorted(chosen) for scene in load_scenes(path)]
        self._order = np.random.default_rng([self._seed, self._epoch]).permutation(len(self._scenes))

    def __len__(self) -> int:
        return self._steps

    @property
    def samples(self) -> int:
        """Crops shown in an epoch."""
        return self._steps * self._batch

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self._seed, self._epoch, index])
        numbers = self._order[np.arange(index * self._batch, (index + 1) * self._batch) % len(self._order)]
        pairs = [crop(self._scenes[number], rng) for number in numbers]
        return network_input([picture for picture, _ in pairs]), np.stack([labels for _, labels in pairs])

    def on_epoch_end(self) -> None:
        self._epoch += 1
        self._load()


def network_input(pictures: list[Gray]) -> np.ndarray:
    """(n, h, w, 1) float32, still 0 to 255."""
    return np.stack(pictures)[..., None].astype(np.float32)


def check_set(path: Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Squares of CHECK pixels out of the first scenes of a shard, with their labels."""
    pictures, labels = [], []
    for scene in load_scenes(path)[:count]:
        whole = framed(scene, CHECK)
        top, left = ((length - CHECK) // 2 // MULTIPLE * MULTIPLE for length in whole.picture.shape)
        pictures.append(whole.picture[top : top + CHECK, left : left + CHECK])
        labels.append(
            pack(
                whole.text[top : top + CHECK, left : left + CHECK],
                whole.core[top // 4 :, left // 4 :][: CHECK // 4, : CHECK // 4],
                whole.up[top // 16 :, left // 16 :][: CHECK // 16, : CHECK // 16],
            )
        )
    return network_input(pictures), np.stack(labels)


def compiled() -> keras.Model:
    """A new finder, ready to be trained."""
    model = finder_network(norm=BatchNorm)
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=0.01, global_clipnorm=3.0, use_ema=True, ema_momentum=0.998)
    model.compile(optimizer, finder_loss, metrics=[pen_iou, core_iou, way_accuracy])
    return model


def train(folder: Path, shards: Path, options: argparse.Namespace) -> None:
    """Train to the last epoch; `float.keras` holds the averaged weights after every one."""
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(options.seed)
    if keras.backend.backend() == "torch":
        import torch

        torch.set_flush_denormal(True)
        torch.set_num_threads(options.threads)
    model, log = start_or_resume(folder, compiled, options.start, OBJECTS)
    batches = SceneBatches(shards, options.shards_an_epoch, options.steps, options.batch, options.seed, len(log))
    check = check_set(shards / HELD, options.check)
    fit(model, log, batches, check, folder, options, warm_up=WARM_UP, check_batch=8)


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert train finder",
        description="Train the finder. Stop it with Ctrl-C; the same command resumes after the last epoch.",
    )
    parser.add_argument("model", choices=["finder"], help="the network to train")
    add_fit_options(parser, epochs=60, shards=20, shards_an_epoch=3, rate=3e-3, folder=CACHE / "finder")
    parser.add_argument("--scenes", type=positive_int, default=250, help="scenes a shard")
    parser.add_argument("--steps", type=positive_int, default=100, help="batches an epoch")
    parser.add_argument("--batch", type=positive_int, default=8, help="crops a step")
    parser.add_argument("--check", type=positive_int, default=48, help="scenes for validation")
    parser.add_argument("--threads", type=positive_int, default=1, help="of PyTorch")
    options = parser.parse_args(argv)
    make_scene_shards(CACHE / "scenes", options.shards, options.scenes)
    train(options.folder, CACHE / "scenes", options)
    return 0
