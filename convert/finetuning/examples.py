"""Samples -> training examples: strips with texts, or tiles with classes; and their error rates.

Independent of Keras: the float network and the int8 bundle are measured alike, by their scores.
"""

import math
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convert.data.arrays import BadDataset
from convert.data.classes import CLASS_OF, LABELS
from convert.evaluation.metrics import loose_cer
from convert.finetuning.samples import Sample
from convert.synthesis.random_text import CHARSET
from edge_ocr.layout.strip import cut_strip
from edge_ocr.layout.tile import cut_tile
from edge_ocr.page import Gray
from edge_ocr.text.alphabet import Alphabet
from edge_ocr.text.ctc import greedy
from edge_ocr.text.language import Language
from edge_ocr.text.lattice import build_lattice, widen
from edge_ocr.text.lattice_search import decode

KINDS = ("characters", "lines")

LINE_LABELS = ("", *CHARSET)
"""Classes of the line network; the first is CTC's blank."""

ALIGNED = -3.0
"""Least log probability of the shapes, in nats per character, for using a line's cuts: below, the writing is joined or
the text is wrong."""

Scores = Callable[[list[Gray]], list[np.ndarray]]
"""Images -> log probabilities of each, (frames, classes) of a strip, (classes,) of a tile."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Images of one kind with their truths."""

    kind: str
    """One of KINDS."""
    images: list[Gray]
    """(40, width) strips, or (32, 32) tiles."""
    truths: np.ndarray
    """(n,) str, or (n, 2) classes as in `convert.synthesis.tiles.Tiles`."""

    def __len__(self) -> int:
        return len(self.images)

    def __add__(self, other: "Examples") -> "Examples":
        return Examples(self.kind, self.images + other.images, np.concatenate([self.truths, other.truths]))

    def pick(self, numbers: Sequence[int] | np.ndarray) -> "Examples":
        """The examples with these numbers, in this order."""
        return Examples(self.kind, [self.images[k] for k in numbers], self.truths[np.asarray(numbers, int)])

    def save(self, path: Path) -> None:
        """Store them in one file, the images transposed and concatenated."""
        columns = np.concatenate([image.T for image in self.images])
        widths = [image.shape[1] for image in self.images]
        np.savez(path, kind=self.kind, columns=columns, widths=widths, truths=self.truths)


def load_examples(path: Path) -> Examples:
    """Read what `Examples.save` stored; BadDataset if it is broken."""
    try:
        with np.load(path) as stored:
            ends = np.cumsum(stored["widths"])
            images = [part.T for part in np.split(stored["columns"], ends[:-1])]
            return Examples(str(stored["kind"]), images, stored["truths"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise BadDataset(f"{path} is broken ({error}): run `python -m convert finetune` again.") from error


def error_rate(examples: Examples, scores: Scores) -> float:
    """Error rate: loose CER of greedily read strips, or part of the tiles read wrong."""
    found = scores(examples.images)
    if examples.kind == "lines":
        texts = [greedy(frames, LINE_LABELS) for frames in found]
        return loose_cer(zip(examples.truths.tolist(), texts, strict=True))
    best = np.stack(found).argmax(axis=1)
    return float((examples.truths != best[:, None]).all(axis=1).mean())


def by_chance(examples: Examples, rate: float) -> float:
    """The standard error of an error rate on examples: smaller differences may be chance."""
    count = len(examples) if examples.kind == "characters" else sum(map(len, examples.truths.tolist()))
    return math.sqrt(max(0.0, rate * (1 - rate)) / max(1, count))


def line_examples(samples: Sequence[Sample]) -> tuple[Examples, list[str]]:
    """Each sample's strip with its text; and the group of each, for `split`."""
    strips = [cut_strip(sample.ink).image for sample in samples]
    texts = [sample.text for sample in samples]
    return Examples("lines", strips, np.array(texts, np.str_)), texts


def tile_examples(samples: Sequence[Sample], scores: Scores) -> tuple[Examples, list[str]]:
    """The tiles of the samples' characters with their classes; and the group of each, for `split`.

    Lone characters are tiles as they are. Lines are cut where the network best reads the known text (forced
    alignment); lines that cannot be cut so, such as joined writing, give none.
    """
    found: list[tuple[Gray, str, str]] = []
    for number, sample in enumerate(samples):
        if len(sample.text) == 1:
            found.append((cut_tile(sample.ink), sample.text, str(number)))
        elif sample.line is not None:
            found += [(tile, char, sample.text) for tile, char in _aligned(sample, scores)]
    found = [(tile, char, group) for tile, char, group in found if char in CLASS_OF]
    classes = np.array([(CLASS_OF[char], CLASS_OF[char]) for _, char, _ in found], np.uint8).reshape(-1, 2)
    return Examples("characters", [tile for tile, _, _ in found], classes), [group for _, _, group in found]


def _aligned(sample: Sample, scores: Scores) -> list[tuple[Gray, str]]:
    """The line's characters with the tiles of their segments; none if the alignment is doubtful."""
    line = sample.line
    segments = line.segments if line else []
    if line is None or not segments or not set(sample.text) - {" "} <= set(CLASS_OF):
        return []
    pattern = re.escape(sample.text).replace("\\ ", " ?")  # Whether the layout sees a space does not matter here.
    alphabet = Alphabet.of(LABELS, None, pattern)
    tiles = [segment.tile for segment in segments]
    lattice = build_lattice(line, segments, np.stack(scores(tiles)), alphabet, sample.space)
    reading = decode(widen(lattice, line, alphabet), Language.load("none"), alphabet.pattern, most_loss=math.inf)
    steps = [step for step in reading.steps if step.arc is not None]
    shapes = [dict(step.arc.choices)[step.char] for step in steps if step.arc is not None]
    if not shapes or np.mean(shapes) < ALIGNED:
        return []
    return [(step.arc.segment.tile, step.char) for step in steps if step.arc is not None]


def split(examples: Examples, groups: Sequence[str], share: float, seed: int) -> tuple[Examples, Examples]:
    """Two parts, the second with about `share` of the groups; no group is in both.

    A text that was written several times is one group: else the held-out part would have been learned by heart.
    """
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    held = {names[k] for k in order[: max(1, round(share * len(names)))]}
    numbers = [[k for k, group in enumerate(groups) if (group in held) == part] for part in (False, True)]
    return examples.pick(numbers[0]), examples.pick(numbers[1])
