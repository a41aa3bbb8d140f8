"""Pictures whose truth is known, for confidence: one half of UNIPEN's test writers to fit it, the other to judge it.

Beside single words and lines there are pages, made of the same writers' words, lines and characters and photographed
by simulation; pictures without any writing; and pages read for digits, capitals or small letters alone, most of whose
lines say something else.
"""

from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from convert.data.arrays import Strokes, data_folder, load_strokes
from convert.evaluation.character_sets import page_truths
from convert.evaluation.line_sets import is_line, is_word, picture
from convert.paths import SAMPLE_PAGES
from convert.synthesis.line_sources import LineSource, RowSource, WordSource
from convert.synthesis.photograph import photograph
from convert.synthesis.random_text import Texts
from convert.synthesis.wear import Rng
from edge_ocr.page import Frame, Gray
from edge_ocr.picture.load import load_image
from edge_ocr.text.language import Language

CHARSETS = ("0-9", "A-Z", "a-z")
"""What the restricted readings are restricted to."""

WORDS, LINES, PAGES, BACKGROUNDS = 700, 250, 90, 110
"""Pictures of each kind."""

SEED = 5

PAGE = (960, 1280)
"""Height and width of a made page in pixels."""

MOST_ON_PAGE = 9
"""Lines of a made page at most."""


@dataclass(frozen=True, slots=True)
class ConfidenceSet:
    """Pictures of one kind with their texts."""

    name: str
    frames: tuple[Frame, ...]
    truths: tuple[str, ...]
    charset: str | None = None
    """What the reading is restricted to."""
    written: bool = True
    """Whether there is any writing: what is read elsewhere is invented."""


def fitting_sets() -> list[ConfidenceSet]:
    """What confidence is fitted to. DataNotFound without the strokes or the backgrounds."""
    pages = made_pages(judging=False, count=PAGES)
    restricted = [replace(pages, name=f"{pages.name}, {charset} alone", charset=charset) for charset in CHARSETS]
    return [*pen_sets(judging=False), pages, *restricted, backgrounds()]


def judging_sets() -> list[ConfidenceSet]:
    """What confidence and its floor are judged by."""
    real = data_folder() / "real"
    folders = {"sample pages": SAMPLE_PAGES, "real/pages": real / "pages", "real/cases": real / "cases"}
    pictures = [folder_set(name, page_truths(folder)) for name, folder in folders.items()]
    return [*pen_sets(judging=True), *pictures, folder_set("real/nowriting", page_truths(real / "nowriting"))]


def folder_set(name: str, truths: dict) -> ConfidenceSet:
    """The pictures of a folder's truth.json."""
    frames = tuple(load_image(path) for path in truths)
    return ConfidenceSet(name, frames, tuple(truths.values()), written=any(truths.values()))


def backgrounds() -> ConfidenceSet:
    """Photographs and textures without writing."""
    paths = sorted((data_folder() / "backgrounds").glob("*.jpg"))
    chosen = paths[:: max(1, len(paths) // BACKGROUNDS)]
    return folder_set("backgrounds", {path: "" for path in chosen})


def pen_sets(*, judging: bool) -> list[ConfidenceSet]:
    """Words and lines of one half of the test writers."""
    sets = []
    for category, wanted, most in (("7", is_word, WORDS), ("8", is_line, LINES)):
        strokes = of_half(load_strokes(category, "test"), judging=judging)
        numbers = [number for number, label in enumerate(strokes.labels.tolist()) if wanted(label)]
        chosen = sorted(np.random.default_rng(SEED).permutation(numbers)[:most].tolist())
        frames = tuple(Frame(picture(strokes.sample(k), str(strokes.writers[k])), f"{category}-{k}") for k in chosen)
        sets.append(ConfidenceSet(f"unipen-{category}", frames, tuple(str(strokes.labels[k]) for k in chosen)))
    return sets


def of_half(strokes: Strokes, *, judging: bool) -> Strokes:
    """The samples of the writers of one half; the same halves at every run and in every category."""
    halves = np.array([crc32(str(writer).encode()) % 2 == 0 for writer in strokes.writers])
    return strokes.select(np.flatnonzero(halves == judging))


def made_pages(*, judging: bool, count: int) -> ConfidenceSet:
    """Photographed pages of lines by one half of the test writers."""
    rng = np.random.default_rng(SEED)
    words, lines, *characters = (
        of_half(load_strokes(category, "test"), judging=judging) for category in ("7", "8", "1a", "1b", "1c", "1d")
    )
    rows = RowSource(characters, Texts(Language.load().vocabulary.most_common()))
    sources: list[LineSource] = [WordSource(words, 3), WordSource(lines, 1), rows]
    pages = [_page(sources, rng) for _ in range(count)]
    frames = tuple(Frame(photograph(ink, rng).picture, f"page {number}") for number, (ink, _) in enumerate(pages))
    return ConfidenceSet("made pages", frames, tuple(text for _, text in pages))


def _page(sources: list[LineSource], rng: Rng) -> tuple[Gray, str]:
    """The ink of a page of one to MOST_ON_PAGE lines, and its text."""
    height, width = PAGE
    page = np.zeros(PAGE, np.uint8)
    left, top = int(rng.integers(30, 200)), int(rng.integers(30, 160))
    wanted = int(rng.integers(1, MOST_ON_PAGE + 1))
    texts: list[str] = []
    while len(texts) < wanted and top < height - 100:
        line = sources[int(rng.integers(len(sources)))].draw(rng)
        tall, wide = line.ink.shape
        if left + wide > width - 20 or top + tall > height - 20:
            continue
        area = page[top : top + tall, left : left + wide]
        np.maximum(area, line.ink, out=area)
        texts.append(line.text)
        top += tall + int(rng.integers(4, 40))
    return page, "\n".join(texts)
