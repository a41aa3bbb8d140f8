"""`python -m convert evaluate finder`: maps of made scenes, float beside int8; then pictures read through it.

Exits non-zero when int8 finds less than float by more than it may.
"""

import json
import math
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from convert.data.arrays import DataNotFound, data_folder
from convert.evaluation.character_sets import page_truths
from convert.evaluation.finder_card import write_finder_card
from convert.evaluation.metrics import loose_cer
from convert.paths import CACHE, FINDER, SAMPLE_PAGES
from convert.synthesis.scenes.readable import KINDS, Readable, readable_pictures
from convert.synthesis.scenes.shards import HELD, UNSURE, Scene, load_scenes
from edge_ocr.arguments import Parser, positive_int
from edge_ocr.bench.accuracy import loose_text
from edge_ocr.ink.finder import Finder, Maps
from edge_ocr.ink.views import USUAL_WAY, see
from edge_ocr.model.bundle import load_bundle
from edge_ocr.page import Frame
from edge_ocr.picture.load import load_image
from edge_ocr.picture.turning import upright
from edge_ocr.reader import Reader

MOST_LOSS = 0.01
"""Intersection over union that int8 may be worse by than float."""

SCENES = 200
"""Held-out scenes that are looked at."""

MADE = 200
"""Made pictures of each kind that are read."""

SEED = 5
"""Draws them."""

COMPARED = (USUAL_WAY, "map")
"""Uses of the finder's map that are compared: the picture's own strokes within it, or the map for them."""

CASES = "real cases"

NOTE = Path("edge_ocr/samples/note.jpg")

TURNS = (90.0, 180.0, 270.0, 30.0)
"""Degrees clockwise by which pictures of real cases are turned, to see whether they are still read."""

TIMED = 15
"""Looks at a picture; the median of their times counts."""

WORST = 1.0
"""Error of a picture at most: what is invented beyond its own length makes it no worse."""


@dataclass(frozen=True, slots=True)
class MapRates:
    """How well one model's maps of made scenes are right."""

    model: str
    """ "float" or "int8"."""
    scenes: int
    pen: float
    """Intersection over union of all scenes' pen."""
    core: float
    """The same of core zones."""
    ways: float
    """Share of scenes with text of which the way is right."""
    false_pen: float
    """Pixels in a million, of scenes without text, that are taken for pen."""


@dataclass(frozen=True, slots=True)
class PictureRates:
    """Readings of a set of real or made pictures."""

    name: str
    find: str
    """One of COMPARED."""
    pictures: int
    mean: float
    """Mean loose error rate a picture, each at most WORST; 0 where no picture has text."""
    pooled: float
    """Loose error rate of all pictures together; 0 where no picture has text."""
    invented: int
    """Characters read in pictures without text."""
    not_empty: int
    """Pictures without text in which something was read."""


@dataclass(frozen=True, slots=True)
class FindingTime:
    """Processor time from a picture of 1920x1080 pixels to its ink, one thread."""

    picture: str
    """ "a note" or "no writing"."""
    find: str
    """One of COMPARED."""
    ms: float


class Overlap:
    """Intersection over union, summed over pictures."""

    def __init__(self) -> None:
        self._both = self._either = 0

    def add(self, seen: np.ndarray, there: np.ndarray) -> None:
        self._both += int((seen & there).sum())
        self._either += int((seen | there).sum())

    @property
    def share(self) -> float:
        return self._both / max(1, self._either)


def map_rates(name: str, finder: Finder, scenes: Iterable[Scene]) -> MapRates:
    """Look at every scene whole."""
    pen, core, right, empty, count = Overlap(), Overlap(), [], [], 0
    for scene in scenes:
        count += 1
        maps = finder(scene.picture)
        pen.add(maps.pen > 127, scene.text > 127)
        core.add(maps.core > 127, scene.core > 127)
        if scene.text.max() < 128:
            empty.append(float((maps.pen > 127).mean()))
        elif (way := _way(scene)) is not None:
            right.append(_right(maps, way))
    million = 1e6 * float(np.mean(empty)) if empty else 0.0
    return MapRates(name, count, pen.share, core.share, float(np.mean(right or [0.0])), million)


def _way(scene: Scene) -> int | None:
    """Quarters by which a scene's text is turned; None where it has text of several ways or of unsure ones."""
    ways = np.unique(scene.up[scene.up > 0])
    return int(ways[0]) - 1 if len(ways) == 1 and ways[0] != UNSURE else None


def _right(maps: Maps, way: int) -> float:
    return float(bool(maps.core.any()) and maps.quarters == way)


def picture_rates(name: str, folder: Path, reader: Reader, turn: float = 0.0) -> PictureRates:
    """Read every picture of a folder with a truth.json, turned clockwise by some degrees."""
    truths = page_truths(folder)
    pairs = []
    for path, text in tqdm(truths.items(), desc=name):
        frame = load_image(path)
        pairs.append((text, reader.read(upright(frame, -turn)[0] if turn else frame).text))
    return _rates(name, reader, pairs)


def finding_times(finder: Finder) -> list[FindingTime]:
    """How long finding takes, with a note in a corner and without."""
    desk = np.random.default_rng(SEED).normal(150, 4, (1080, 1920)).clip(0, 255).astype(np.uint8)
    note = cv2.cvtColor(load_image(NOTE).image, cv2.COLOR_BGR2GRAY)
    note = cv2.resize(note, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)[:1000, :1800]
    noted = desk.copy()
    noted[60 : 60 + note.shape[0], 80 : 80 + note.shape[1]] = note
    cv2.setNumThreads(1)
    return [
        FindingTime(name, find, 1000 * _median_time(Frame(picture), finder, find))
        for name, picture in (("a note", noted), ("no writing", desk))
        for find in COMPARED
    ]


def _median_time(frame: Frame, finder: Finder, find: str) -> float:
    """Seconds of the processor."""
    times = []
    for _ in range(TIMED):
        start = time.process_time()
        see(frame, finder, by=find)
        times.append(time.process_time() - start)
    return float(np.median(times))


def made_rates(kind: str, made: list[Readable], reader: Reader) -> PictureRates:
    """Read made pictures of one of `readable.KINDS`."""
    pairs = [(one.text, reader.read(Frame(one.picture)).text) for one in tqdm(made, desc=kind)]
    return _rates(f"made {kind}", reader, pairs)


def _rates(name: str, reader: Reader, pairs: list[tuple[str, str]]) -> PictureRates:
    written = [pair for pair in pairs if loose_text(pair[0])]
    invented = [len(loose_text(reading)) for text, reading in pairs if not loose_text(text)]
    mean = float(np.mean([min(WORST, loose_cer([pair])) for pair in written] or [0.0]))
    pooled = loose_cer(written)
    found = int(np.count_nonzero(invented))
    return PictureRates(name, reader.find, len(pairs), mean, pooled, sum(invented), found)


def folders() -> dict[str, Path]:
    """Sets of pictures with their truth; real ones only where the data is."""
    found = {"sample pages": SAMPLE_PAGES}
    try:
        real = data_folder() / "real"
    except DataNotFound as error:
        print(error, file=sys.stderr)
        return found
    names = {CASES: "cases", "without writing": "nowriting", "photographed pages": "pages"}
    return found | {name: real / folder for name, folder in names.items() if (real / folder).is_dir()}


def failures(maps: list[MapRates]) -> list[str]:
    """What keeps the int8 model from being released, one sentence each."""
    exact, int8 = maps
    return [
        f"{what}: int8 loses {lost:.3f} of intersection over union, more than {MOST_LOSS}"
        for what, lost in (("pen", exact.pen - int8.pen), ("core zones", exact.core - int8.core))
        if lost > MOST_LOSS
    ]


def print_tables(maps: list[MapRates], pictures: list[PictureRates], times: list[FindingTime]) -> None:
    print(f"{'':8} {'scenes':>7} {'pen IoU':>8} {'core IoU':>9} {'way':>7} {'false pen':>10}")
    for row in maps:
        print(f"{row.model:8} {row.scenes:7} {row.pen:8.3f} {row.core:9.3f} {row.ways:7.1%} {row.false_pen:8.0f} ppm")
    print(f"{'':20} {'found':>7} {'mean':>8} {'pooled':>8} {'invented':>9} {'in':>4}")
    for result in pictures:
        rates = f"{result.mean:8.2%} {result.pooled:8.2%} {result.invented:9} {result.not_empty:4}"
        print(f"{result.name:20} {result.find:>7} {rates}")
    print(f"{'1920x1080 pixels':20} {'found':>7} {'processor':>9}")
    for time_of in times:
        print(f"{time_of.picture:20} {time_of.find:>7} {time_of.ms:6.0f} ms")


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert evaluate finder",
        description="Measure the finder on held-out made scenes, float and int8, and the reader on pictures "
        "through it, and write its card. Exits with 1 when int8 loses too much.",
    )
    parser.add_argument("bundle", type=Path, nargs="?", default=FINDER, help="its folder (default: models/finder)")
    parser.add_argument("--scenes", type=positive_int, default=SCENES, help="held-out scenes to look at")
    parser.add_argument("--made", type=positive_int, default=MADE, help="made pictures of each kind to read")
    options = parser.parse_args(argv)
    bundle = load_bundle(options.bundle)
    scenes = load_scenes(CACHE / "scenes" / HELD)[: options.scenes]
    int8 = Finder(bundle)
    maps = [map_rates(name, finder, scenes) for name, finder in (("float", Finder(bundle, "keras")), ("int8", int8))]
    readers = [Reader.load(find=find, max_seconds=math.inf) for find in COMPARED]
    for reader in readers:
        reader.finder = int8
    pictures = [picture_rates(name, folder, reader) for name, folder in folders().items() for reader in readers]
    if cases := folders().get(CASES):
        guided = readers[COMPARED.index(USUAL_WAY)]
        pictures += [picture_rates(f"{CASES}, turned by {turn:.0f}°", cases, guided, turn) for turn in TURNS]
    for kind in KINDS:
        made = list(readable_pictures(kind, options.made, SEED))
        pictures += [made_rates(kind, made, reader) for reader in readers]
    times = finding_times(int8)
    print_tables(maps, pictures, times)
    report = options.bundle / "report"
    report.mkdir(exist_ok=True)
    tables: dict[str, Sequence[Any]] = {"maps": maps, "pictures": pictures, "times": times}
    figures = {name: [asdict(row) for row in rows] for name, rows in tables.items()}
    (report / "figures.json").write_text(json.dumps(figures, indent=1))
    write_finder_card(options.bundle, bundle, figures)
    problems = failures(maps)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0
