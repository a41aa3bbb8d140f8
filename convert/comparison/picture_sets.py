"""The pictures for comparing readers: pages, photographs, words and lines, or your own, with their texts."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2

from convert.data.arrays import DataNotFound, data_folder
from convert.paths import SAMPLE_PAGES
from edge_ocr.output import note
from edge_ocr.picture.folder import find_images
from edge_ocr.picture.load import load_image

NOTE = Path("edge_ocr/samples/note.jpg")

LETTERS = 40
"""Photographed lines of letters that are read by every reader, cut out by hand."""

MADE, MADE_SEED = 24, 5
"""Made pictures of each kind, and the seed of those that `evaluate finder` reads."""

LINES = 250
"""Words and lines to draw from the development sets."""


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Pictures of one kind."""

    key: str
    """Its name on the command line, "own" for pictures named there."""
    title: str
    kind: str
    """ "page", "line" or "word": the content of each picture."""
    pictures: tuple[Path, ...]
    texts: tuple[str | None, ...]
    """Of each picture, None if unknown."""
    rounds: int = 1
    """How often everyone reads all of them."""


def known_text(picture: Path) -> str | None:
    """A picture's text, from the truth.json beside it (file name -> text)."""
    path = picture.with_name("truth.json")
    text = json.loads(path.read_text(encoding="utf-8")).get(picture.name) if path.exists() else None
    return None if text is None else str(text)


def pages(key: str, title: str, places: list[Path], rounds: int) -> PictureSet:
    """Whole pages: pictures, or folders of them; a wrong name is reported at once."""
    pictures = find_images(places)
    for picture in pictures:
        load_image(picture)
    return PictureSet(key, title, "page", tuple(pictures), tuple(map(known_text, pictures)), rounds)


def photographs(key: str, title: str, name: str) -> PictureSet:
    """A folder of real photographs of the data folder; DataNotFound without it."""
    folder = data_folder() / "real" / name
    if not folder.is_dir():
        raise DataNotFound(f"{folder} is missing: docs/data.md says where to get the photographs")
    return pages(key, title, [folder], 1)


def drawn(key: str, title: str, name: str, folder: Path) -> PictureSet:
    """The words or lines of `evaluation.line_sets` as pictures in `folder`; DataNotFound without the strokes."""
    from convert.evaluation.line_sets import line_sets

    line_set = next(line_set for line_set in line_sets(LINES) if line_set.name == name)
    pictures = []
    for number, frame in enumerate(line_set.frames):
        pictures.append(folder / f"{key}-{number}.png")
        cv2.imwrite(str(pictures[-1]), frame.image)
    return PictureSet(key, title, key.removesuffix("s"), tuple(pictures), line_set.texts)


def made(key: str, title: str, folder: Path) -> PictureSet:
    """Made pictures of one of `readable.KINDS` in `folder`; DataNotFound without what they are made of."""
    from convert.synthesis.scenes.readable import readable_pictures

    pictures, texts = [], []
    for number, one in enumerate(readable_pictures(key, MADE, MADE_SEED)):
        pictures.append(folder / f"{key}-{number}.png")
        cv2.imwrite(str(pictures[-1]), one.picture)
        texts.append(one.text)
    return PictureSet(key, title, "page", tuple(pictures), tuple(texts))


SETS: dict[str, Callable[[Path], PictureSet]] = {
    "note": lambda folder: pages("note", "the sample note", [NOTE], 9),
    "pages": lambda folder: pages("pages", "sample pages", [SAMPLE_PAGES], 3),
    "photographs": lambda folder: photographs("photographs", "photographs of pages", "pages"),
    "cases": lambda folder: photographs("cases", "photographs that people took", "cases"),
    "letters": lambda folder: _limited(photographs("letters", "photographed lines", "copiste"), LETTERS, 0),
    "boxes": lambda folder: made("boxes", "made forms and tables", folder),
    "sheets": lambda folder: made("sheets", "made sheets before backgrounds", folder),
    "words": lambda folder: drawn("words", "words", "unipen-7 words", folder),
    "lines": lambda folder: drawn("lines", "lines", "unipen-8 lines", folder),
}
"""Set -> function that opens it, given a folder for drawn pictures."""


def open_sets(wanted: list[str], folder: Path, images: int = 0, rounds: int = 0) -> list[PictureSet]:
    """The sets of these names and the pictures at these paths; all sets by default.

    Args:
        folder: an empty one for drawn pictures.
        images: only this many of each set; 0 for all.
        rounds: instead of each set's own number; 0 for that.

    Raises:
        DataNotFound: data of a named set is missing; if none is named, that set is left out with a message.
        ImageNotFound, BadImage: a path is not a picture.
    """
    own = [Path(name) for name in wanted if name not in SETS]
    found = [pages("own", "your pictures", own, 3)] if own else []
    for key in wanted or SETS:
        if key in SETS:
            try:
                found.append(SETS[key](folder))
            except DataNotFound as error:
                if wanted:
                    raise
                note(f"the set {key!r} is left out: {error}")
    return [_limited(row, images, rounds) for row in found]


def _limited(row: PictureSet, images: int, rounds: int) -> PictureSet:
    count = images or len(row.pictures)
    return replace(
        row, pictures=row.pictures[:count], texts=row.texts[:count], rounds=rounds or row.rounds
    )  # fmt: skip
