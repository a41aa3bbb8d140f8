"""One picture file -> everything that is wanted of it; the same in this process, in others and on other machines."""

import os
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import cv2

from edge_ocr.batch.sources import Source
from edge_ocr.documents.formats import FORMATS, WITH_REJECTED, Format, Read
from edge_ocr.errors import BadImage, CannotWrite, EdgeOcrError
from edge_ocr.page import Frame, Page
from edge_ocr.picture.load import load_images
from edge_ocr.picture.overlay import draw
from edge_ocr.stopwatch import MAX_SECONDS


class Reads(Protocol):
    """What a Reader does."""

    def read(self, frame: Frame) -> Page: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to make of each picture."""

    format: str
    """A name of FORMATS."""
    rejected: bool = False
    """Whether JSON lists the lines left out."""
    drawn: str = ""
    """Suffix of pictures with the text drawn on them, such as ".png"; "" for none."""
    rendered: bool = True
    """Whether documents are made; else the pages alone are wanted."""
    max_seconds: float = MAX_SECONDS
    """For decoding a picture; what it takes is missing from the time for its reading."""

    def how(self) -> Format:
        """The format, as it is wanted."""
        return WITH_REJECTED if self.rejected and self.format == "json" else FORMATS[self.format]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a picture file: several pages where it holds several pictures."""

    pages: tuple[Page, ...]
    documents: tuple[bytes, ...] = ()
    """In the format that was wanted."""
    drawn: tuple[bytes, ...] = ()
    """The pictures with their texts, a page each."""
    broken: BadImage | None = None
    """Why there are no pages after these, which are all right."""


Outcome = Reading | Exception
"""What came of a picture, or why nothing did."""


def read_picture(reader: Reads, data: bytes, name: str, wanted: Wanted) -> Reading:
    """Read the picture file `data`; raises BadImage, or CannotWrite where this OpenCV cannot encode a drawn picture."""
    pages: list[Page] = []
    drawn: list[bytes] = []
    broken: list[BadImage] = []

    def read() -> Iterator[tuple[Page, Frame]]:
        try:
            for frame in load_images(data, name=name, max_seconds=wanted.max_seconds):
                pages.append(reader.read(frame))
                if wanted.drawn:
                    drawn.append(_draw(pages[-1], frame, wanted.drawn))
                yield pages[-1], frame
        except BadImage as error:
            if not pages:
                raise
            broken.append(error)

    documents = wanted.how().render(read()) if wanted.rendered else _only(read())
    return Reading(tuple(pages), tuple(documents), tuple(drawn), broken[0] if broken else None)


def attempt(reader: Reads, data: bytes, name: str, wanted: Wanted) -> Outcome:
    """`read_picture`, or why not."""
    try:
        return read_picture(reader, data, name, wanted)
    except Exception as error:
        return error


def portable(outcome: Outcome) -> Outcome:
    """What may be sent to another process: not every error can be pickled, nor its traceback."""
    if isinstance(outcome, (Reading, EdgeOcrError, MemoryError)):
        return outcome
    trace = "\n" + "".join(traceback.format_exception(outcome)) if os.environ.get("EDGE_OCR_DEBUG") else ""
    return RuntimeError(f"{type(outcome).__name__}: {outcome}{trace}")


def read_one_by_one(reader: Reads, sources: Iterable[Source], wanted: Wanted) -> Iterator[tuple[Source, Outcome]]:
    """Each source with what came of it, in this process."""
    for source in sources:
        try:
            data = source.read()
        except Exception as error:
            yield source, error
        else:
            yield source, attempt(reader, data, source.title, wanted)


def _only(read: Read) -> list[bytes]:
    """Read all pages, and make no documents of them."""
    for _ in read:
        pass
    return []


def _draw(page: Page, frame: Frame, suffix: str) -> bytes:
    done, content = cv2.imencode(suffix, draw(page, frame))
    if not done:
        raise CannotWrite(f"{frame.name} cannot be drawn as {suffix} by this OpenCV: choose a name that ends in .png")
    return content.tobytes()
