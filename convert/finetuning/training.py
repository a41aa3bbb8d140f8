"""The training of `python -m convert finetune`: a network learns one hand.

Batch norm's statistics stay frozen, since a few hundred samples of one hand would spoil them.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from convert.training.characters import (  # Chooses Keras's backend, so it stands before Keras.
    network_input,
    set_cross_entropy,
)

# isort: split
import keras
import numpy as np
from tqdm import tqdm, trange

from convert.data.classes import LABELS
from convert.finetuning.batches import strip_draw, tile_draw, tuning_loss
from convert.finetuning.examples import LINE_LABELS, Examples, by_chance, error_rate
from convert.finetuning.interpolation import FACTORS, Point, between, choose
from convert.synthesis.line_sources import LONGEST
from convert.training.lines import WIDTHS, ctc_loss, flush_denormals, is_alignable, narrowed, pack
from convert.training.networks import LINE_STRIDE, character_network, line_network
from edge_ocr.model.characters import log_softmax
from edge_ocr.page import Gray

WARM_UP = 20
"""Steps in which the learning rate rises."""

AT_ONCE = 32
"""Images scored in one call."""

CLIPPED = 3.0
"""Greatest norm of the gradient of all weights."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a network is tuned."""

    steps: int
    rate: float
    """Highest learning rate; half a cosine brings it to zero."""
    limit: float
    """Allowed increase of the error rate on general writing."""
    seed: int = 1


def open_network(kind: str, path: Path) -> keras.Model:
    """The network of a kind with the weights of a .keras file, its batch norm frozen."""
    return _network(kind, keras.models.load_model(path, compile=False).get_weights())


def _network(kind: str, weights: list[np.ndarray]) -> keras.Model:
    network = character_network(len(LABELS)) if kind == "characters" else line_network(len(LINE_LABELS))
    network.set_weights(weights)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return network


def score(network: keras.Model, images: list[Gray]) -> list[np.ndarray]:
    """Log probabilities of each image: (frames, classes) of a strip, (classes,) of a tile."""
    found: list[np.ndarray] = [np.empty(0)] * len(images)
    order = sorted(range(len(images)), key=lambda number: images[number].shape[1])
    for start in range(0, len(order), AT_ONCE):
        chosen = order[start : start + AT_ONCE]
        width = -(-images[chosen[-1]].shape[1] // 32) * 32
        batch = np.zeros((len(chosen), images[0].shape[0], width, 1), np.float32)
        for row, number in enumerate(chosen):
            batch[row, :, : images[number].shape[1], 0] = images[number]
        logits = keras.ops.convert_to_numpy(network(batch, training=False))
        for row, number in enumerate(chosen):
            if logits.ndim == 2:
                found[number] = log_softmax(logits[row : row + 1])[0]
            else:
                found[number] = log_softmax(logits[row, 0, : -(-images[number].shape[1] // LINE_STRIDE)])
    return found


def learnable(examples: Examples) -> Examples:
    """Without strips that have too few frames for their texts, from which CTC cannot learn."""
    if examples.kind == "characters":
        return examples
    widths = [min(image.shape[1], WIDTHS[-1]) for image in examples.images]
    return examples.pick([k for k, width in enumerate(widths) if is_alignable(width, str(examples.truths[k]))])


def mean_loss(network: keras.Model, examples: Examples) -> float:
    """Training's loss on examples as they are."""
    known = learnable(examples)
    losses = []
    for image, truth in zip(known.images, known.truths, strict=True):
        if known.kind == "characters":
            batch, wanted, loss = network_input(image[None]), truth[None].astype(np.int32), set_cross_entropy(0.0)
        else:
            fitted = narrowed(image, WIDTHS[-1])
            (batch, wanted), loss = pack([fitted], [str(truth)], fitted.shape[1]), ctc_loss
        losses.append(float(keras.ops.convert_to_numpy(loss(wanted, network(batch, training=False)))[0]))
    return float(np.mean(losses)) if losses else 0.0


def train(network: keras.Model, own: Examples, general: Examples | None, course: Course) -> None:
    """Change the network's weights by the steps of a course."""
    keras.utils.set_random_seed(course.seed)
    flush_denormals()
    own = learnable(own)
    copy = _network(own.kind, network.get_weights())

    def before(batch: np.ndarray) -> np.ndarray:
        return keras.ops.convert_to_numpy(copy(batch, training=False))

    if own.kind == "characters":
        draw, own_loss, truth_size = tile_draw(own, general, before), set_cross_entropy(), 2
    else:
        draw, own_loss, truth_size = strip_draw(own, general, before, course.seed), ctc_loss, 2 + LONGEST
    loss = own_loss if general is None else tuning_loss(own_loss, truth_size)
    # Half a cosine after a linear start (Loshchilov and Hutter, 2017).
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, course.steps - WARM_UP), warmup_target=course.rate, warmup_steps=WARM_UP
    )
    # Without XLA, which would compile longer for every batch width than it would save.
    network.compile(keras.optimizers.Adam(rate, global_clipnorm=CLIPPED), loss, jit_compile=False)
    for step in trange(course.steps, desc="tuning", unit="step", disable=None):
        network.train_on_batch(*draw(np.random.default_rng([course.seed, step])))


def tune(
    network: keras.Model, own: tuple[Examples, Examples], general: tuple[Examples | None, Examples], course: Course
) -> tuple[Point, list[Point]]:
    """Tune a network, then mix in its old weights as far as the general examples demand.

    Args:
        network: gets the chosen weights.
        own, general: the training and the held-out part of each.

    Returns:
        The chosen mixture, and all that were tried.
    """
    before = network.get_weights()
    train(network, own[0], general[0], course)
    after = network.get_weights()
    points = []
    for factor in tqdm(FACTORS, desc="checking", unit="model", disable=None):
        network.set_weights(between(before, after, factor))
        scores = partial(score, network)
        loss = mean_loss(network, own[1])
        points.append(Point(factor, error_rate(own[1], scores), loss, error_rate(general[1], scores)))
    chosen = choose(points, course.limit, by_chance(own[1], points[0].own))
    network.set_weights(between(before, after, chosen.factor))
    return chosen, points
