"""General handwriting for fine-tuning: what to rehearse beside your own, and what must not get worse."""

from collections.abc import Iterable
from functools import reduce
from operator import add
from pathlib import Path
from zlib import crc32

import numpy as np

from convert.data.arrays import DataNotFound, Strokes, load_strokes
from convert.evaluation.character_sets import page_truths
from convert.evaluation.line_sets import picture
from convert.finetuning.examples import Examples, Scores, line_examples, tile_examples
from convert.finetuning.samples import Sample, cut_sample, tidy, why_unusable
from convert.finetuning.seen import seen_layout
from convert.paths import CACHE, SAMPLE_PAGES
from convert.synthesis.line_filters import is_one_line
from convert.synthesis.strips import load_strip_shard, separate
from convert.synthesis.tiles import load_shard
from edge_ocr.page import Frame
from edge_ocr.picture.load import load_image

HELD_OUT = {"lines": 1200, "characters": 8000}
"""Strips and tiles of the last shard, never trained on, which judge the loss beside the sample pages."""


def replay(kind: str) -> Examples | None:
    """One shard of the network's training data; None if there is none."""
    paths = _shards(kind)
    return _open(kind, paths[0]) if len(paths) > 1 else None


UNSEEN = {"7": 1500, "8": 500}
"""Most samples by unseen writers, from UNIPEN's test words and texts: with fewer, chance would hide a loss."""


def held_out(kind: str, scores: Scores, but: str = "") -> Examples:
    """What a tuned network must not read worse: lines of the sample pages, and unseen writing.

    For lines it is that of half of the test writers, since the training's own writers are forgotten last. Without test
    writers, and for characters, it is what was held out from training; without shards, only the sample pages.

    Args:
        kind: "characters" or "lines".
        scores: of the network before, which cuts the pages' lines into characters.
        but: a writer to leave out.
    """
    samples = page_samples(SAMPLE_PAGES)
    pages = (line_examples(samples) if kind == "lines" else tile_examples(samples, scores))[0]
    if kind == "lines":
        try:
            return reduce(add, unseen(judging=True, but=but).values(), pages)
        except DataNotFound:
            pass
    paths = _shards(kind)
    if len(paths) < 2:
        return pages
    shard = _open(kind, paths[-1])
    return pages + shard.pick(range(min(HELD_OUT[kind], len(shard))))


def unseen(*, judging: bool, but: str) -> dict[str, Examples]:
    """Words and lines of UNIPEN's test writers: of the judging half, or of the other one."""
    sets = {}
    for category, count in UNSEEN.items():
        strokes = load_strokes(category, "test")
        writers = [str(writer) for writer in strokes.writers]
        numbers = [k for k in usable(strokes, category) if writers[k] != but and _judges(writers[k]) == judging]
        chosen = np.random.default_rng(0).permutation(numbers)[:count].tolist()
        sets[category] = line_examples(written(strokes, chosen))[0]
    return sets


def _judges(writer: str) -> bool:
    """Whether a writer belongs to the judging half; the same in all runs."""
    return crc32(writer.encode()) % 2 == 0


def usable(strokes: Strokes, category: str) -> list[int]:
    """Numbers of the samples that are words or lines of known characters."""
    return [
        number
        for number, label in enumerate(strokes.labels.tolist())
        if len(label) >= 2 and "@" not in label and not why_unusable(label)
        and (category == "7" or is_one_line(label, strokes.sample(number)))
    ]  # fmt: skip


def written(strokes: Strokes, numbers: Iterable[int]) -> list[Sample]:
    """Strokes as pen on paper, cut as the reader cuts pictures."""
    found = (
        cut_sample(Frame(picture(strokes.sample(k), str(strokes.writers[k]))), str(strokes.labels[k]), str(k))
        for k in numbers
    )
    return [sample for sample in found if isinstance(sample, Sample)]


def page_samples(folder: Path) -> list[Sample]:
    """The lines of the pages of a folder with a truth.json, if the layout finds as many as were written."""
    samples: list[Sample] = []
    if not (folder / "truth.json").is_file():
        return samples
    for path, truth in page_truths(folder).items():
        layout, _ = seen_layout(load_image(path))
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
