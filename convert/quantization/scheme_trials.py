"""The test of quantization schemes: the same tiles, lines or scenes, read by each model."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from tqdm import tqdm

from convert.data.arrays import DataNotFound
from convert.data.classes import LABELS
from convert.evaluation.character_sets import TestSet, emnist_set, real_sets
from convert.evaluation.line_sets import LineSet, line_sets
from convert.evaluation.metrics import loose_cer
from convert.paths import CACHE
from convert.quantization.calibration import seen_by_reader
from convert.synthesis.random_text import CHARSET
from convert.synthesis.scenes.shards import HELD, load_scenes
from edge_ocr.ink.binarization import find_ink
from edge_ocr.ink.finder import Finder
from edge_ocr.layout.strip import cut_strip
from edge_ocr.model.bundle import Bundle
from edge_ocr.model.characters import CharacterModel
from edge_ocr.model.lines import LineModel
from edge_ocr.output import note
from edge_ocr.page import Gray
from edge_ocr.text.ctc import greedy

ROUNDS = 9
"""Turns for timing each model; the median counts."""

TIMED_TILES, TIMED_LINES = 64, 4
"""Pictures in a turn: some milliseconds, far above the clock's resolution."""

PART = 16
"""Pixels to a side of the parts that a finder is judged by."""

HALF = 127
"""Level of a map above which there is pen."""

Answers = list[str]
Reader = Callable[[Gray], np.ndarray]
"""A character or line model: tiles or a strip to log probabilities."""


class Trial(Protocol):
    """Pictures, shuffled, so that the first ones represent all."""

    @property
    def quality(self) -> str:
        """What `error` is."""

    def open(self, bundle: Bundle) -> Reader:
        """A bundle's model as the runtime opens it."""

    def read(self, model: Reader, count: int) -> Answers:
        """A model's results for the first `count` pictures."""

    def milliseconds(self, model: Reader) -> float:
        """Processor time for a picture, over a few of them."""

    def error(self, answers: Answers) -> float | None:
        """Error rate of the results for the first pictures; None if the truth is unknown."""

    def __len__(self) -> int:
        """Pictures."""


@dataclass(frozen=True, slots=True)
class TileTrial:
    """Single characters; allowed answers are the labels of the set that each comes from."""

    sets: tuple[TestSet, ...]
    """Empty if the model's labels are not ours."""
    tiles: Gray
    owners: np.ndarray
    """The set of each tile."""
    truths: tuple[frozenset[str], ...]
    quality: str = "characters read wrong"

    def open(self, bundle: Bundle) -> Reader:
        return CharacterModel(bundle)

    def read(self, model: Reader, count: int) -> Answers:
        scores = model(self.tiles[:count])
        if not self.sets:
            return [str(number) for number in scores.argmax(axis=1)]
        answers = np.empty(len(scores), object)
        for number, test_set in enumerate(self.sets):
            which = self.owners[:count] == number
            if which.any():
                answers[which] = np.array(test_set.groups)[test_set.scores(scores[which]).argmax(axis=1)]
        return list(map(str, answers))

    def milliseconds(self, model: Reader) -> float:
        tiles = self.tiles[:TIMED_TILES]
        start = time.process_time()
        model(tiles)
        return 1e3 * (time.process_time() - start) / len(tiles)

    def error(self, answers: Answers) -> float | None:
        if not self.truths:
            return None
        return float(np.mean([answer not in truth for answer, truth in zip(answers, self.truths, strict=False)]))

    def __len__(self) -> int:
        return len(self.tiles)


@dataclass(frozen=True, slots=True)
class LineTrial:
    """Words of unseen writers, read greedily."""

    strips: tuple[Gray, ...]
    texts: tuple[str, ...]
    """Empty if the model's labels are not ours."""
    labels: tuple[str, ...]
    quality: str = "loose CER, greedy"

    def open(self, bundle: Bundle) -> Reader:
        return LineModel(bundle)

    def read(self, model: Reader, count: int) -> Answers:
        strips = tqdm(self.strips[:count], desc="lines", leave=False, disable=None)
        return [greedy(model(strip), self.labels) for strip in strips]

    def milliseconds(self, model: Reader) -> float:
        strips = self.strips[:TIMED_LINES]
        start = time.process_time()
        for strip in strips:
            model(strip)
        return 1e3 * (time.process_time() - start) / len(strips)

    def error(self, answers: Answers) -> float | None:
        if not self.texts:
            return None
        return loose_cer(list(zip(self.texts, answers, strict=False)))

    def __len__(self) -> int:
        return len(self.strips)


@dataclass(frozen=True, slots=True)
class SceneTrial:
    """Made scenes, held out: in which parts there is pen."""

    pictures: tuple[Gray, ...]
    truths: Answers
    """What `read` should give for all pictures; empty if that is unknown."""
    quality: str = f"parts of {PART}x{PART} px wrong"

    def open(self, bundle: Bundle) -> Reader:
        finder = Finder(bundle)
        return lambda picture: finder(picture).pen

    def read(self, model: Reader, count: int) -> Answers:
        pictures = tqdm(self.pictures[:count], desc="scenes", leave=False, disable=None)
        return [part for picture in pictures for part in _parts(model(picture))]

    def milliseconds(self, model: Reader) -> float:
        start = time.process_time()
        model(self.pictures[0])
        return 1e3 * (time.process_time() - start)

    def error(self, answers: Answers) -> float | None:
        if not self.truths:
            return None
        return float(np.mean([answer != truth for answer, truth in zip(answers, self.truths, strict=False)]))

    def __len__(self) -> int:
        return len(self.pictures)


def _parts(pen: Gray) -> Answers:
    """Whether each part of a map holds pen, row by row."""
    height, width = (length - length % PART for length in pen.shape)
    highest = pen[:height, :width].reshape(height // PART, PART, width // PART, PART).max(axis=(1, 3))
    return ["pen" if level > HALF else "none" for level in highest.ravel().tolist()]


def clock(models: dict[str, Reader], trial: Trial) -> dict[str, float]:
    """Processor time a picture of each model in ms: the median of ROUNDS turns after one that warms up."""
    times: dict[str, list[float]] = {name: [] for name in models}
    for number in tqdm(range(ROUNDS + 1), desc="timing", leave=False, disable=None):
        for name in models if number % 2 else reversed(models):
            spent = trial.milliseconds(models[name])
            if number:
                times[name].append(spent)
    return {name: float(np.median(spent)) for name, spent in times.items()}


def open_trial(bundle: Bundle, most: int) -> Trial:
    """At most `most` pictures to test models of this bundle's kind.

    If its labels are not ours or the data is missing, they are what the reader cuts from the sample pages, without the
    truth.
    """
    if bundle.kind == "finder":
        return _scenes(bundle, most)
    ours = bundle.labels == (("", *CHARSET) if bundle.kind == "lines" else tuple(LABELS))
    try:
        if ours:
            return (
                _lines(line_sets(most)[0], bundle.labels)
                if bundle.kind == "lines"
                else _tiles((*_own(), emnist_set()), most)
            )
    except DataNotFound as error:
        note(f"{error} Without it, agreement with float alone is measured.")
    images = _shuffled(seen_by_reader(bundle.kind), most)
    if bundle.kind == "lines":
        return LineTrial(tuple(images), (), bundle.labels)
    return TileTrial((), np.stack(images), np.zeros(len(images), int), ())


def _scenes(bundle: Bundle, most: int) -> SceneTrial:
    path = CACHE / "scenes" / HELD
    if not path.exists():
        note(f"{path} is missing (`python -m convert train finder` makes it): agreement with float alone is measured.")
        return SceneTrial(tuple(_shuffled(seen_by_reader(bundle.kind), most)), [])
    scenes = load_scenes(path)[:most]
    truths = [part for scene in scenes for part in _parts(scene.text)]
    return SceneTrial(tuple(scene.picture for scene in scenes), truths)


def _own() -> list[TestSet]:
    return [test_set for test_set in real_sets() if test_set.name.endswith("own charset")]


def _shuffled(items: Sequence[Gray], most: int) -> list[Gray]:
    return [items[number] for number in np.random.default_rng(0).permutation(len(items))[:most]]


def _tiles(sets: tuple[TestSet, ...], most: int) -> TileTrial:
    order = np.random.default_rng(0).permutation(sum(len(test_set.tiles) for test_set in sets))[:most]
    tiles = np.concatenate([test_set.tiles for test_set in sets])
    owners = np.concatenate([np.full(len(test_set.tiles), number) for number, test_set in enumerate(sets)])
    truths = [truth for test_set in sets for truth in test_set.truths]
    return TileTrial(sets, tiles[order], owners[order], tuple(truths[number] for number in order))


def _lines(line_set: LineSet, labels: tuple[str, ...]) -> LineTrial:
    order = np.random.default_rng(0).permutation(len(line_set.texts))
    frames = (line_set.frames[number] for number in tqdm(order, desc="strips", leave=False, disable=None))
    strips = tuple(cut_strip(find_ink(frame).strength).image for frame in frames)
    return LineTrial(strips, tuple(line_set.texts[number] for number in order), labels)
