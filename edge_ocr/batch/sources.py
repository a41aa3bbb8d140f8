"""The names on a command line -> the picture files to read, and what each of them holds."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_ocr.errors import ImageNotFound
from edge_ocr.picture.load import find_images, read_bytes, read_file

STDIN = "-"
"""The name for stdin among the pictures."""


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


def gather(names: Iterable[str], failed: Callable[[Exception], None]) -> list[Source]:
    """Names with folders replaced by their pictures; `failed` takes what is wrong with a name."""
    sources: list[Source] = []
    for name in names:
        try:
            if not name:
                raise ImageNotFound("an empty file name was given: expected the name of a picture or folder")
            if name == STDIN:
                sources.append(Source(STDIN, Path("stdin")))
                continue
            for path in find_images([name]):
                sources.append(Source(str(path), path.relative_to(name) if Path(name).is_dir() else Path(path.name)))
        except ImageNotFound as error:
            failed(error)
    return sources
