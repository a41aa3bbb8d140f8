"""Where the results of each picture go: checked before anything is read, written whole or not at all."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from edge_ocr.batch.sources import Source
from edge_ocr.documents.formats import endings
from edge_ocr.errors import CannotWrite
from edge_ocr.folders import check_folder, make_folder, write_whole

DRAWN_AS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
"""Suffixes that --annotate can write."""


class Documents:
    """The document of each picture, beside it or in a folder that mirrors where the pictures lie."""

    def __init__(self, sources: Iterable[Source], ending: str, folder: Path | None) -> None:
        """
        Args:
            sources: that are read.
            ending: of the documents, after the pictures' whole names.
            folder: for the documents; None for the pictures' own folders.

        Raises:
            CannotWrite: the folder cannot be written, two pictures would have one document, or stdin has no place.
        """
        self._ending, self._folder = ending, folder
        taken: dict[Path, Source] = {}
        for source in sources:
            other = taken.setdefault(self.path(source), source)
            if other.name != source.name:
                raise CannotWrite(
                    f"{other.name} and {source.name} would both become {self.path(source)}: read them one after the "
                    "other, to different folders"
                )
        for place in {path.parent for path in taken} if folder is None else {folder}:
            check_folder(place)

    def path(self, source: Source) -> Path:
        """Of the picture's document, or of its first one."""
        if self._folder is not None:
            return self._folder / f"{source.place}{self._ending}"
        if source.path is None:
            raise CannotWrite("stdin lies in no folder: name one for its document with --output FOLDER")
        return Path(f"{source.path}{self._ending}")

    def is_there(self, source: Source) -> bool:
        """Whether the picture has been read before: its document is there, and as new as the picture."""
        try:
            return source.path is not None and self.path(source).stat().st_mtime >= source.path.stat().st_mtime
        except OSError:
            return False

    def write(self, source: Source, documents: Sequence[bytes]) -> None:
        """Write them; the first comes last, since it says that all are there."""
        first = self.path(source)
        make_folder(first.parent)
        names = endings(self._ending, len(documents))
        for name, content in reversed(list(zip(names, documents, strict=True))):
            write_whole(first.with_name(first.name.removesuffix(self._ending) + name), content)


def drawing_places(annotate: str, sources: Sequence[Source]) -> dict[Source, Path]:
    """The path of each picture that is drawn on.

    Args:
        annotate: a file, for several pictures the pattern OUT-NAME.png; or a folder.
        sources: that are read.

    Raises:
        CannotWrite: an unknown ending, a folder that is missing or not writable, or a picture of the sources.
    """
    out = Path(annotate)
    into_folder = out.is_dir() or annotate.endswith(os.sep)
    _check_drawing(out, out if into_folder else out.parent, into_folder=into_folder)
    places: dict[Source, Path] = {}
    for source in dict.fromkeys(sources):
        stem = source.place.stem
        name = out / f"{stem}.png" if into_folder else out.with_name(f"{out.stem}-{stem}{out.suffix}")
        places[source] = _unused(name, places) if into_folder or len(sources) > 1 else out
    pictures = {source.path.resolve() for source in sources if source.path}
    for place in places.values():
        if place.resolve() in pictures:
            raise CannotWrite(f"{place} is one of the pictures to read: choose another name for the annotated picture")
    return places


def _check_drawing(out: Path, folder: Path, *, into_folder: bool) -> None:
    if not into_folder and out.suffix.lower() not in DRAWN_AS:
        raise CannotWrite(f"{out} has no picture suffix: expected one of {', '.join(sorted(DRAWN_AS))}")
    if not folder.is_dir():
        raise CannotWrite(f"{folder} is not a folder: make it first, or choose another place for the annotated picture")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWrite(f"{folder} is not writable: choose another place for the annotated picture")


def _unused(path: Path, places: dict[Source, Path]) -> Path:
    """`path`, with a number if a picture of the same name from another folder has it already."""
    taken, number, free = set(places.values()), 2, path
    while free in taken:
        free, number = path.with_name(f"{path.stem}-{number}{path.suffix}"), number + 1
    return free
