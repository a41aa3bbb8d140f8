"""Pictures whose truth is known, to fit confidence and to judge it.

It is fitted to words, lines and single characters of UNIPEN's test writers, whom no network has seen; to pages made of
these and photographed by simulation; to the same pages read for digits, capitals or small letters alone, when most
lines say something else; and to pictures without any writing. It is judged by the words and lines, the sample
pages, and photographs that it was not fitted to.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import numpy as np

from convert.data.arrays import data_folder, load_strokes
from convert.evaluation.character_sets import page_truths
from convert.evaluation.line_sets import is_line, is_word, picture
from convert.paths import SAMPLE_PAGES
from convert.synthesis.augmentation import Rng
from convert.synthesis.line_sources import LineSource, RowSource, WordSource
from convert.synthesis.photograph import photograph
from convert.synthesis.random_text import Texts
from convert.synthesis.scenes.hands import background_files
from edge_ocr.page import Frame, Gray
from edge_ocr.picture.load import load_image
from edge_ocr.text.language import Language

CHARSETS = ("0-9", "A-Z", "a-z")
"""What the restricted readings are restricted to."""

WORDS, LINES, PAGES, SINGLES = 600, 220, 90, 250
"""Pictures of each kind; words and lines of each half of the writers, single characters of each charset."""

RESTRICTED_WEIGHT = 0.2
"""Of readings restricted to a charset: most are plainly wrong, and there are three of each page."""

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
    weight: float = 1.0
    """Of its readings in the fit."""
    half: int | None = None
    """Of the writers, 0 or 1, where it has one half's alone: halves are left out in turn, to see whether it matters."""
    written: bool = True
    """Whether there is any writing: what is read elsewhere is invented."""


def fitting_sets() -> list[ConfidenceSet]:
    """What confidence is fitted to. DataNotFound without the strokes or the backgrounds."""
    pages = made_pages(PAGES)
    restricted = [
        replace(pages, name=f"{pages.name}, {charset} alone", charset=charset, weight=RESTRICTED_WEIGHT)
        for charset in CHARSETS
    ]
    return [*pen_sets(), *single_characters(), pages, *restricted, backgrounds()]


def judging_sets() -> list[ConfidenceSet]:
    """What confidence and its floor are judged by."""
    real = data_folder() / "real"
    folders = {"sample pages": SAMPLE_PAGES, "real/pages": real / "pages", "real/cases": real / "cases"}
    pictures = [folder_set(name, page_truths(folder)) for name, folder in folders.items()]
    return [*pen_sets(), *pictures, folder_set("real/nowriting", page_truths(real / "nowriting"))]


def folder_set(name: str, truths: dict[Path, str]) -> ConfidenceSet:
    """The pictures of a folder's truth.json."""
    frames = tuple(load_image(path) for path in truths)
    return ConfidenceSet(name, frames, tuple(truths.values()), written=any(truths.values()))


def backgrounds() -> ConfidenceSet:
    """Photographs and textures without writing, of which the finder was trained on none."""
    return folder_set("backgrounds", {path: "" for path in background_files(held_out=True)})


def pen_sets() -> list[ConfidenceSet]:
    """Words and lines of the test writers, each half of them apart."""
    sets = []
    for category, wanted, most in (("7", is_word, WORDS), ("8", is_line, LINES)):
        strokes = load_strokes(category, "test")
        halves = np.array([crc32(str(writer).encode()) % 2 for writer in strokes.writers])
        for half in (0, 1):
            numbers = [k for k in np.flatnonzero(halves == half).tolist() if wanted(str(strokes.labels[k]))]
            chosen = sorted(np.random.default_rng(SEED).permutation(numbers)[:most].tolist())
            drawn = [picture(strokes.sample(k), str(strokes.writers[k])) for k in chosen]
            frames = tuple(Frame(image, f"{category}-{k}") for image, k in zip(drawn, chosen, strict=True))
            texts = tuple(str(strokes.labels[k]) for k in chosen)
            sets.append(ConfidenceSet(f"unipen-{category}, half {half + 1}", frames, texts, half=half))
    return sets


def single_characters() -> list[ConfidenceSet]:
    """Digits, capitals and small letters by the test writers, each by itself, read for their charset and for all."""
    sets = []
    for category, charset in zip(("1a", "1b", "1c"), CHARSETS, strict=True):
        strokes = load_strokes(category, "test")
        chosen = sorted(np.random.default_rng(SEED).permutation(len(strokes))[:SINGLES].tolist())
        frames = tuple(Frame(picture(strokes.sample(k), str(strokes.writers[k])), f"{category}-{k}") for k in chosen)
        alone = ConfidenceSet(f"unipen-{category}", frames, tuple(str(strokes.labels[k]) for k in chosen))
        sets += [alone, replace(alone, name=f"{alone.name}, {charset} alone", charset=charset)]
    return sets


def made_pages(count: int) -> ConfidenceSet:
    """Photographed pages of lines by the test writers."""
    rng = np.random.default_rng(SEED)
    words, lines, *characters = (load_strokes(category, "test") for category in ("7", "8", "1a", "1b", "1c", "1d"))
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
