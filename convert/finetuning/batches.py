"""Batches for fine-tuning: half your own hand, strongly varied, half general data, and the loss of both.

Of general data the network learns not the texts but its own earlier outputs: learning without
forgetting (Li and Hoiem, 2016), with replayed data as in dark experience replay (Buzzega et al., 2020).
"""

from collections import defaultdict
from collections.abc import Callable

from convert.training.characters import network_input  # Chooses Keras's backend, so it stands before Keras.

# isort: split
import numpy as np
from keras import ops

from convert.finetuning.examples import Examples
from convert.synthesis.augmentation import Rng, thicken, vary_strip, vary_tile
from convert.synthesis.line_sources import LONGEST
from convert.training.lines import COLUMNS_A_BATCH, WIDTHS, is_alignable, narrowed, pack
from convert.training.networks import Tensor
from edge_ocr.layout.strip import HEIGHT
from edge_ocr.page import Gray

TILES_A_BATCH = 256

ALONE = 0.6
"""Part of the own strips that are shown alone; the others are set in rows, to rehearse the spaces between words."""

MOST_IN_A_ROW = 3

GAP = (10, 26)
"""Columns of paper between strips in a row: about what spaces have."""

ROWS = 600
"""Rows of own strips to plan, from which batches are made."""

THICKENED = 0.3
"""Part of the own images that get a broader or a finer pen."""

KEPT = 8.0
"""Weight of a nat of change on general data, per frame or tile; a character has some four frames."""

Network = Callable[[np.ndarray], np.ndarray]
"""Batch of images -> logits."""

Batch = tuple[np.ndarray, np.ndarray]


def tile_draw(own: Examples, general: Examples | None, before: Network) -> Callable[[Rng], Batch]:
    """Draws batches of tiles with their classes, own ones first, for `tuning_loss`."""

    def draw(rng: Rng) -> Batch:
        chosen = own.pick(rng.integers(len(own), size=TILES_A_BATCH // 2))
        images = [vary_tile(_another_pen(image, rng), rng) for image in chosen.images]
        if general is None:
            return network_input(np.stack(images)), chosen.truths.astype(np.float32)
        others = rng.integers(len(general), size=TILES_A_BATCH // 2)
        batch = network_input(np.stack([*images, *(vary_tile(general.images[number], rng) for number in others)]))
        return batch, _beside(chosen.truths, before(batch[len(images) :]))

    return draw


def strip_draw(own: Examples, general: Examples | None, before: Network, seed: int) -> Callable[[Rng], Batch]:
    """Draws batches of strips of similar width, own ones first, alone and in rows, for `tuning_loss`."""
    rows = plan_rows(own, np.random.default_rng(seed))
    rows_of = _by_width([_row_width(own, row) for row in rows])
    widths = [width for width, numbers in rows_of.items() for _ in numbers]
    general_of = _by_width([image.shape[1] for image in general.images] if general else [])

    def draw(rng: Rng) -> Batch:
        width = widths[rng.integers(len(widths))]
        half = max(1, COLUMNS_A_BATCH // width // 2)
        pairs = [_draw_row(own, rows[rng.choice(rows_of[width])], width, rng) for _ in range(half)]
        images, truth = pack([image for image, _ in pairs], [text for _, text in pairs], width)
        if general is None:
            return images, truth.astype(np.float32)
        numbers = general_of.get(width) or range(len(general))
        others = [general.images[rng.choice(numbers)] for _ in range(half)]
        more, _ = pack([narrowed(vary_strip(image, rng), width) for image in others], [""] * half, width)
        return np.concatenate([images, more]), _beside(truth, before(more))

    return draw


def _beside(truth: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """The truths of own examples and the logits of as many others in one array: (2 n, numbers of either)."""
    flat = logits.reshape(len(logits), -1)
    both = np.zeros((len(truth) + len(flat), max(truth.shape[1], flat.shape[1])), np.float32)
    both[: len(truth), : truth.shape[1]] = truth
    both[len(truth) :, : flat.shape[1]] = flat
    return both


Loss = Callable[[Tensor, Tensor], Tensor]
"""(truth, logits) -> a loss for each example."""


def tuning_loss(own_loss: Loss, truth_size: int) -> Loss:
    """The loss of batches: `own_loss` for the first half, own examples; for the other half the change of the logits.

    `truth_size`: numbers of the truth of an own example.
    """

    def loss(truth: Tensor, logits: Tensor) -> Tensor:
        half = ops.shape(truth)[0] // 2
        learned = own_loss(truth[:half, :truth_size], logits[:half])
        size = logits.shape[-1]
        now = ops.reshape(ops.log_softmax(ops.cast(logits[half:], "float32")), (half, -1, size))
        then = ops.log_softmax(ops.reshape(truth[half:, : ops.shape(now)[1] * size], (half, -1, size)))
        apart = ops.sum(ops.exp(then) * (then - now), axis=-1)
        return ops.concatenate([learned, KEPT * ops.mean(apart, axis=1)])

    return loss


def plan_rows(own: Examples, rng: Rng) -> list[tuple[int, ...]]:
    """Which strips form a row: each alone, and some with others as far as they fit."""
    rows: list[tuple[int, ...]] = []
    while len(rows) < ROWS:
        for number in rng.permutation(len(own)).tolist():
            row = [number]
            wanted = 1 if rng.random() < ALONE else int(rng.integers(2, MOST_IN_A_ROW + 1))
            for other in rng.integers(len(own), size=wanted - 1).tolist():
                longer = [*row, other]
                if _row_width(own, tuple(longer)) <= WIDTHS[-1] and len(_row_text(own, tuple(longer))) <= LONGEST:
                    row = longer
            rows.append(tuple(row))
    return rows


def _draw_row(own: Examples, row: tuple[int, ...], width: int, rng: Rng) -> tuple[Gray, str]:
    plain = [own.images[number] for number in row]
    gaps = [np.zeros((HEIGHT, int(rng.integers(*GAP))), np.uint8) for _ in row[1:]]
    shown = [vary_strip(_another_pen(image, rng), rng) for image in plain]
    text = _row_text(own, row)
    return _legible(_side_by_side(shown, gaps), _side_by_side(plain, gaps), text, width), text


def _legible(varied: Gray, plain: Gray, text: str, width: int) -> Gray:
    """The varied strip, or the plain one if variation made it too narrow for its text."""
    fitted = narrowed(varied, width)
    return fitted if is_alignable(fitted.shape[1], text) else narrowed(plain, width)


def _side_by_side(images: list[Gray], gaps: list[Gray]) -> Gray:
    parts = [images[0]]
    for gap, image in zip(gaps, images[1:], strict=True):
        parts += [gap, image]
    return np.concatenate(parts, axis=1)


def _another_pen(image: Gray, rng: Rng) -> Gray:
    return thicken(image, rng) if rng.random() < THICKENED else image


def _row_text(own: Examples, row: tuple[int, ...]) -> str:
    return " ".join(str(own.truths[number]) for number in row)


def _row_width(own: Examples, row: tuple[int, ...]) -> int:
    return sum(own.images[number].shape[1] for number in row) + GAP[1] * (len(row) - 1)


def _by_width(widths: list[int]) -> dict[int, list[int]]:
    """Numbers of images by the width of the batches that they belong to."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, width in enumerate(widths):
        found[next((most for most in WIDTHS if width <= most), WIDTHS[-1])].append(number)
    return dict(found)
