"""The names on a command line -> the picture files to read, and what each of them holds."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_ocr.errors import ImageNotFound
from edge_ocr.output import note
from edge_ocr.picture.folder import look_into, no_pictures
from edge_ocr.picture.load import read_bytes, read_file

STDIN = "-"
"""The name for stdin among the pictures."""

NAMED = 5
"""Files that a message names; more are counted."""


@dataclass(frozen=True, slots=True)
class Source:
    """A picture file that was named, or lies in a folder that was."""

    name: str
    """As it is opened, or STDIN."""
    place: Path
    """Below the folder that was named: where its documents go below the folder for results."""

    @property
    def path(self) -> Path | None:
        """None for stdin."""
        return None if self.name == STDIN else Path(self.name)

    @property
    def title(self) -> str:
        """Of its pages: what stands in messages and documents."""
        return "stdin" if self.name == STDIN else self.name

    def read(self) -> bytes:
        """The file's bytes; ImageNotFound or BadImage, which say why not."""
        if self.name != STDIN:
            return read_file(self.name)
        if sys.stdin is None:
            raise ImageNotFound("stdin is closed: pipe a picture into it, as in `edge-ocr read - < note.jpg`")
        return read_bytes(sys.stdin.buffer, "stdin")


def gather(names: Iterable[str], failed: Callable[[Exception], None], without: Path | None = None) -> list[Source]:
    """Names with folders replaced by their pictures; what else lies in them is counted and named on stderr.

    Args:
        names: of files and folders, or STDIN.
        failed: takes what is wrong with a name.
        without: a folder that is left out, since results go there.
    """
    sources: list[Source] = []
    for name in names:
        try:
            sources += _sources_of(name, without)
        except ImageNotFound as error:
            failed(error)
    return sources


def _sources_of(name: str, without: Path | None) -> list[Source]:
    if not name:
        raise ImageNotFound("an empty file name was given: expected the name of a picture or folder")
    if name == STDIN:
        return [Source(STDIN, Path("stdin"))]
    folder = Path(name)
    if not folder.is_dir():
        return [Source(name, Path(folder.name))]
    contents = look_into(folder, without)
    if contents.others:
        named = ", ".join(str(path.relative_to(folder)) for path in contents.others[:NAMED])
        more = f" and {len(contents.others) - NAMED} more" if len(contents.others) > NAMED else ""
        count = f"{len(contents.others)} file{'s' * (len(contents.others) > 1)}"
        note(f"{count} in {folder} left out, no pictures by their names: {named}{more}")
    if not contents.pictures:
        raise no_pictures(folder)
    return [Source(str(path), path.relative_to(folder)) for path in contents.pictures]
