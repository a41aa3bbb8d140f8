"""The handwritten words and lines that the line model is measured on: strokes as pen on paper, and photographs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.data.arrays import data_folder, load_strokes
from convert.evaluation.character_sets import page_truths
from convert.synthesis.line_filters import is_one_line, is_one_row
from convert.synthesis.pen import STAIRCASE, bounds, draw, smooth, transform
from edge_ocr.page import Frame, Gray
from edge_ocr.picture.load import load_image

HEIGHT = 64
"""Pixels that a word's ink is high."""

PEN = 0.06
"""Width of the pen as a part of that height."""

MARGIN = 24
"""Pixels of paper around the ink."""

PAPER, INK = 235, 40
"""Grey levels."""

SHORTEST, LONGEST = 6, 45
"""Characters of a line of category 8."""


@dataclass(frozen=True, slots=True)
class LineSet:
    """Lines by writers never seen in training."""

    name: str
    frames: tuple[Frame, ...]
    texts: tuple[str, ...]
    in_one_row: tuple[bool, ...]
    """Of each sample; what was written in several rows stays in the set, whose rule looks at its width alone."""


def line_sets(most: int = 0) -> list[LineSet]:
    """The development sets; of each `most` samples, drawn with a fixed seed, or all of them if 0."""
    return [_open("7", "unipen-7 words", is_word, most), _open("8", "unipen-8 lines", is_line, most)]


def real_lines(most: int = 0) -> list[LineSet]:
    """Photographed lines of letters by some 130 hands, the same way; none where the data lacks them."""
    folder = data_folder() / "real" / "copiste"
    if not folder.is_dir():
        return []
    truths = list(page_truths(folder).items())
    if most and most < len(truths):
        truths = [truths[number] for number in sorted(np.random.default_rng(0).permutation(len(truths))[:most])]
    frames = tuple(load_image(path) for path, _ in truths)
    return [LineSet("real lines", frames, tuple(text for _, text in truths), (True,) * len(truths))]


def is_word(label: str) -> bool:
    return len(label) >= 2 and "@" not in label


def is_line(label: str) -> bool:
    return SHORTEST <= len(label) <= LONGEST and "\n" not in label


def _open(category: str, name: str, wanted: Callable[[str], bool], most: int) -> LineSet:
    strokes = load_strokes(category, "test")
    numbers = [
        number
        for number, label in enumerate(strokes.labels.tolist())
        if wanted(label) and (category == "7" or is_one_line(label, strokes.sample(number)))
    ]
    if most and most < len(numbers):
        numbers = sorted(np.random.default_rng(0).permutation(numbers)[:most].tolist())
    frames = tuple(Frame(picture(strokes.sample(number), str(strokes.writers[number]))) for number in numbers)
    in_one_row = tuple(is_one_row(strokes.sample(number)) for number in numbers)
    return LineSet(name, frames, tuple(str(strokes.labels[number]) for number in numbers), in_one_row)


def picture(strokes: list[NDArray[np.float32]], writer: str) -> Gray:
    """Strokes as dark pen on light paper, HEIGHT pixels of ink with a margin; long lines no wider than 40 heights."""
    if writer.startswith(STAIRCASE):
        strokes = [smooth(stroke) for stroke in strokes]
    low, high = bounds(strokes)
    scale = HEIGHT / max(1.0, float(high[1] - low[1]), float(high[0] - low[0]) / 40)
    matrix = np.array([[scale, 0, 0], [0, scale, 0]], np.float32)
    ink = draw(transform(strokes, matrix), PEN * HEIGHT, MARGIN)
    return (PAPER - ink.astype(np.float32) * ((PAPER - INK) / 255)).astype(np.uint8)
