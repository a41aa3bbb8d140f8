"""A form: its picture, and the fields that people fill in."""

from dataclasses import dataclass

from edge_ocr.page import Gray

KINDS = ("text", "digits", "comb", "checkbox", "signature")
"""What a field holds: lines of text; digits; a character a cell; a mark or none; a signature or none."""

MARKS = ("checkbox", "signature")
"""Kinds whose value is yes or no."""

MOST_CELLS = 100
"""Of a comb."""

DIGITS = "0-9"

Span = tuple[float, float]
"""Left and right of a cell, in parts of its comb's width."""


@dataclass(frozen=True, slots=True)
class Area:
    """An upright rectangle on the form, in parts of its width and height: 0 left and top, 1 right and bottom."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Field:
    """A place on the form that people fill in."""

    name: str
    """Unique in the form; the heading of its column."""
    kind: str
    """One of KINDS."""
    area: Area
    charset: str | None = None
    """Characters that may stand there, such as "0-9A-Z"; None for all, in digits for 0 to 9."""
    pattern: str | None = None
    """Regular expression that each line of it matches."""
    cells: int = 0
    """Of a comb; 0 for other kinds."""
    seen: tuple[Span, ...] = ()
    """Of each cell, where the form's picture shows its walls; () where it does not: then all are of one width."""

    @property
    def is_mark(self) -> bool:
        """Whether its value is yes or no."""
        return self.kind in MARKS

    @property
    def spans(self) -> tuple[Span, ...]:
        """Of each cell of a comb; other fields are one cell."""
        count = max(1, self.cells)
        return self.seen or tuple((cell / count, (cell + 1) / count) for cell in range(count))

    @property
    def wishes(self) -> tuple[str | None, str | None]:
        """The charset and the pattern to read it with."""
        return self.charset or (DIGITS if self.kind == "digits" and not self.pattern else None), self.pattern


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A form that photographs of filled copies are compared with."""

    name: str
    """Of its file, for messages."""
    picture: Gray
    """(height, width) of an empty or a filled copy, straight and upright."""
    fields: tuple[Field, ...]
    """In the order of the columns."""
