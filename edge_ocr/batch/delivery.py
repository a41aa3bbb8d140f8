"""What was read of each picture -> stdout or its documents, its drawings, and a sentence where something is missing."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from edge_ocr.batch.places import Documents
from edge_ocr.batch.reading import Outcome, Wanted
from edge_ocr.batch.sources import Source
from edge_ocr.documents.formats import FORMATS, endings
from edge_ocr.folders import write_whole
from edge_ocr.output import note, pour, say
from edge_ocr.page import Page
from edge_ocr.stopwatch import MAX_SECONDS


class Delivery:
    """Takes readings one by one, in the order in which they are to be given out."""

    def __init__(
        self,
        format: str,
        documents: Documents | None = None,
        drawings: Mapping[Source, Path] | None = None,
        *,
        rejected: bool = False,
        max_seconds: float = MAX_SECONDS,
    ) -> None:
        """
        Args:
            format: a name of FORMATS.
            documents: where they go; None for stdout.
            drawings: where drawn pictures go, as far as they are wanted.
            rejected: whether JSON lists the lines left out.
            max_seconds: that each picture has, for the sentence about those that need more.
        """
        self._documents, self._drawings = documents, drawings or {}
        self._is_first, self._max_seconds = True, max_seconds
        suffix = next((place.suffix for place in self._drawings.values()), "")
        flows = documents is None and FORMATS[format].flow is not None
        self.wanted = Wanted(format, rejected, suffix, rendered=not flows, max_seconds=max_seconds)

    def take(self, source: Source, reading: Outcome) -> None:
        """Give out what was read; raises why it was not, CannotWrite, StdoutLost and BrokenPipeError."""
        if isinstance(reading, Exception):
            raise reading
        self._note_gaps(reading.pages)
        if self._documents is not None:
            if reading.broken is None:  # A document that is there is whole.
                self._documents.write(source, reading.documents)
        elif self.wanted.rendered:
            pour(b"".join(reading.documents))
        else:
            self._say(reading.pages)
        if source in self._drawings:
            self._draw(self._drawings[source], reading.drawn)
        if reading.broken is not None:
            raise reading.broken

    def _note_gaps(self, pages: Sequence[Page]) -> None:
        for page in pages:
            if page.partial:
                limit = f"{self._max_seconds:g} s"
                note(f"{page.name} was not read to its end within {limit}: allow more with --max-seconds for the rest")
            elif not page.text:
                note(f"no writing found in {page.name}")

    def _say(self, pages: Sequence[Page]) -> None:
        flow = self.wanted.how().flow
        assert flow is not None
        for page in pages:
            part = flow(page, self._is_first)
            if part:
                say(part)
                self._is_first = False

    def _draw(self, place: Path, drawn: Sequence[bytes]) -> None:
        for name, content in zip(endings(place.suffix, len(drawn)), drawn, strict=True):
            path = place.with_name(place.stem + name)
            write_whole(path, content)
            note(f"the annotated picture is {path}")
