"""Folders -> the pictures in them, and what else lies there, so that nothing is left out without a word."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_ocr.errors import ImageNotFound

_ENDINGS = "png jpg jpeg jpe jfif bmp gif tif tiff webp pbm pgm ppm pnm avif jp2 heic heif pdf"

SUFFIXES = frozenset(f".{ending}" for ending in _ENDINGS.split())
"""What counts as a picture in a folder, even one that needs an extra: that is said of each, and it is not left out
without a word. A file that is named directly may have any name."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies in a folder and in all folders below it; hidden files and folders do not count."""

    pictures: list[Path]
    """In natural order: page2 before page10, and a folder's own before those of the folders in it."""
    others: list[Path]
    """Files that are no pictures, in the same order; without those that belong to a picture, as note.jpg.txt does."""


def look_into(folder: Path, without: Path | None = None) -> Contents:
    """All that lies in a folder. Links to folders are not followed, since they may lead round in a circle.

    Args:
        folder: to look into.
        without: a folder that is left out, since results go there.

    Raises:
        ImageNotFound: the folder cannot be opened.
    """
    contents = Contents([], [])
    apart = without.resolve() if without and without.resolve() != folder.resolve() else None

    def refuse(error: OSError) -> None:
        raise ImageNotFound(f"{error.filename} cannot be opened ({error.strerror}): expected a folder of pictures")

    for place, folders, names in os.walk(folder, onerror=refuse):
        if apart is not None and Path(place).resolve() == apart:
            folders.clear()
            continue
        folders[:] = sorted((name for name in folders if not name.startswith(".")), key=_natural)
        shown = sorted((name for name in names if not name.startswith(".")), key=_natural)
        pictures = {name for name in shown if Path(name).suffix.lower() in SUFFIXES}
        for name in shown:
            if not _is_made_of(name, pictures) and os.path.isfile(os.path.join(place, name)):
                (contents.pictures if name in pictures else contents.others).append(Path(place, name))
    return contents


def find_images(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Files as they are, and the pictures in folders and those below, in natural order (page2 before page10).

    `load_image` checks whether a file exists and is a picture. What is hidden is left out.

    Raises:
        ImageNotFound: a folder holds no picture, or cannot be opened.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        found += _pictures_in(path) if path.is_dir() else [path]
    return found


def _pictures_in(folder: Path) -> list[Path]:
    pictures = look_into(folder).pictures
    if not pictures:
        raise no_pictures(folder)
    return pictures


def no_pictures(folder: Path) -> ImageNotFound:
    """What is wrong with a folder without pictures."""
    return ImageNotFound(f"{folder} holds no pictures: expected files such as page.jpg or page.png in it")


def _is_made_of(name: str, pictures: set[str]) -> bool:
    """Whether a file is named after a whole picture beside it, as our documents and many programs' notes are."""
    stem = name
    while (stem := stem.rpartition(".")[0]) != "":
        if stem in pictures:
            return True
    return False


def _natural(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """Sorts numbers in names by value; the name itself decides between 01 and 1, a and A."""
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", name.casefold())
    return [(False, int(part), "") if part[0] in "0123456789" else (True, 0, part) for part in parts], name
