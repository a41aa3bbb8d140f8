"""One field's line of handwriting -> its text: read freely first, since what then fits the field is surer than what was
made to fit it."""

import re

from edge_ocr.errors import BadCharset
from edge_ocr.forms.form import Field
from edge_ocr.page import Frame, Page
from edge_ocr.reader import Reader
from edge_ocr.text.alphabet import parse_charset


class FieldReader:
    """Reads what may stand in one field."""

    def __init__(self, reader: Reader, field: Field) -> None:
        """Raises BadCharset and BadPattern, if `reader` cannot read what the field may hold."""
        self._charset, self._pattern = field.wishes
        self._has_words = field.kind == "text"
        self._free = reader
        self._limited = reader.limited(self._charset, self._pattern)

    def read(self, frame: Frame, count: int | None = None) -> Page:
        """The page of a frame, as `Reader.read` gives it; `count` is of the characters on it, where that is known."""
        page = self._free.read(frame)
        fits = bool(page.lines) and all(self._fits(line.text) for line in page.lines)
        return page if fits and count in (None, len("".join(page.text.split()))) else self._limited.read(frame)

    def _fits(self, text: str) -> bool:
        """Whether a line may stand in the field as it is."""
        characters = "".join(text.split())
        if self._pattern is not None and not re.fullmatch(self._pattern, text if self._has_words else characters):
            return False
        try:
            return self._charset is None or parse_charset(self._charset, characters) == set(characters)
        except BadCharset:  # None of them.
            return False
