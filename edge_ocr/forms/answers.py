"""What a filled form says: an answer for each field."""

from dataclasses import dataclass, field
from typing import Any

from edge_ocr.page import Box, Glyph, Line, Page, Word

SURE = 0.75
"""Confidence below which an answer is doubtful."""


@dataclass(frozen=True, slots=True)
class Views:
    """Pictures of a field, for a person and for a model."""

    photo: bytes
    """A JPEG of the field as it was photographed, laid flat."""
    line: bytes
    """A PNG of its handwriting as the reader saw it, without print; empty for marks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands in one field."""

    name: str
    """The field's."""
    kind: str
    """The field's, one of `form.KINDS`."""
    value: str | bool
    """Its text, "" where nothing stands; for check boxes and signatures whether there is one."""
    confidence: float
    """Of a text, as everywhere: the probability that a character is right. Of a mark, how clear the case is, 0 to 1."""
    box: Box
    """Around the field on the photograph, in pixels."""
    doubt: str = ""
    """Why a person should look; "" where nobody needs to."""
    views: Views | None = field(default=None, repr=False, compare=False)
    """Of a doubtful answer, where they were asked for."""

    @property
    def text(self) -> str:
        """As it stands in a table: on one line, yes or no for marks."""
        return (("no", "yes")[self.value]) if isinstance(self.value, bool) else " ".join(self.value.split())

    def to_dict(self) -> dict[str, Any]:
        """Plain values, the box as [left, top, right, bottom]; `doubt` is None where there is none."""
        confidence = round(self.confidence, 4)
        return {"value": self.value, "confidence": confidence, "doubt": self.doubt or None, "box": self.box.edges}


@dataclass(frozen=True, slots=True)
class FilledForm(Page):
    """A photographed form; as a page, each answer that is a text is a line."""

    answers: tuple[Answer, ...] = ()
    """In the order of the form's fields."""
    refusal: str = ""
    """Why there are no answers, where a batch goes on; "" where there are."""

    @property
    def doubtful(self) -> tuple[Answer, ...]:
        """The answers that a person should look at."""
        return tuple(answer for answer in self.answers if answer.doubt)

    def to_dict(self, *, rejected: bool = False) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers; boxes in pixels of the photograph."""
        fields = {answer.name: answer.to_dict() for answer in self.answers}
        return {
            "name": self.name,
            "width": self.width,
            "height": self.height,
            "partial": self.partial,
            "fields": fields,
        }


def as_lines(answers: tuple[Answer, ...]) -> tuple[Line, ...]:
    """A line for each answer, its text as one glyph that fills the field: for drawing."""
    shown = [answer for answer in answers if answer.value]
    return tuple(Line((Word((Glyph(answer.text, answer.box, answer.confidence),)),)) for answer in shown)
