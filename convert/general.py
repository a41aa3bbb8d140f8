"""Everybody else's handwriting, for fine-tuning: what is learned again beside one's own, and what must not be lost."""

from pathlib import Path

import numpy as np

from convert.evaluate import SAMPLES
from convert.examples import Examples, Scores, line_examples, tile_examples
from convert.samples import Sample, tidy
from convert.strips import load_strip_shard, separate
from convert.synthesis import load_shard
from convert.testsets import page_truths
from edge_ocr.image import load_image
from edge_ocr.layout import find_layout
from edge_ocr.resolution import find_legible_ink

CACHE = Path("cache")

HELD_OUT = {"lines": 1200, "characters": 8000}
"""Strips and tiles of the last shard, never trained on, by which the loss is judged beside the sample pages."""


def replay(kind: str) -> Examples | None:
    """What the network was trained on, one shard of it; None where there is none."""
    paths = _shards(kind)
    return _open(kind, paths[0]) if len(paths) > 1 else None


def held_out(kind: str, scores: Scores) -> Examples:
    """What a tuned network may not read worse: lines of the sample pages, and what was held out from training.

    Without shards it is the sample pages alone. `scores` are those of the network before, which cuts their lines.
    """
    samples = page_samples(SAMPLES)
    pages = (line_examples(samples) if kind == "lines" else tile_examples(samples, scores))[0]
    paths = _shards(kind)
    if len(paths) < 2:
        return pages
    shard = _open(kind, paths[-1])
    return pages + shard.pick(range(min(HELD_OUT[kind], len(shard))))


def page_samples(folder: Path) -> list[Sample]:
    """The lines of the pages of a folder with a truth.json, where the layout finds as many as were written."""
    samples: list[Sample] = []
    if not (folder / "truth.json").is_file():
        return samples
    for path, truth in page_truths(folder).items():
        layout = find_layout(*find_legible_ink(load_image(path)))
        texts = truth.splitlines()
        if len(layout.lines) == len(texts):
            pairs = enumerate(zip(layout.lines, texts, strict=True), 1)
            samples += [
                Sample(f"{path.name}, line {k}", tidy(text), line.ink, line, layout.space) for k, (line, text) in pairs
            ]
    return samples


def _shards(kind: str) -> list[Path]:
    return sorted((CACHE / ("strips" if kind == "lines" else "tiles")).glob("*-[0-9]*.npz"))


def _open(kind: str, path: Path) -> Examples:
    if kind == "lines":
        shard = load_strip_shard(path)
        return Examples(kind, separate(shard), np.asarray(shard.texts))
    tiles = load_shard(path)
    return Examples(kind, list(tiles.tiles), tiles.classes)
