"""What the page of `edge-ocr read --form --review` shows and takes: doubtful answers, each beside its picture."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from edge_ocr.errors import BadData
from edge_ocr.forms.answers import Answer, FilledForm
from edge_ocr.forms.corrections import Corrections

LONGEST = 1000
"""Characters of an answer."""


class Review:
    """Shows the doubtful answers of some forms, and keeps what a person says they are."""

    page = "review.html"

    def __init__(self, forms: Sequence[FilledForm], corrections: Corrections) -> None:
        self._corrections = corrections
        self._asked = [(filled, answer) for filled in forms for answer in filled.doubtful if answer.views is not None]

    def get(self, name: str) -> bytes | None:
        """answers.json, and crop-NUMBER.jpg, the picture of each answer in it."""
        if name == "answers.json":
            return json.dumps([_shown(filled, answer) for filled, answer in self._asked]).encode()
        number = name.removeprefix("crop-").removesuffix(".jpg")
        if number.isdecimal() and int(number) < len(self._asked):
            views = self._asked[int(number)][1].views
            return views.photo if views else None
        return None

    def post(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """`answer`: keep the value of an answer, by its number; raises BadData and CannotWrite."""
        if name != "answer":
            raise KeyError(name)
        filled, answer = self._asked[_number(given["number"], len(self._asked))]
        value = given["value"]
        if not isinstance(value, type(answer.value)) or len(str(value)) > LONGEST or not str(value).isprintable():
            raise BadData(f"{value!r} is no answer: expected a text of at most {LONGEST} characters, or yes or no")
        self._corrections.keep(filled, answer, value)
        return {}


def _number(number: object, count: int) -> int:
    if not isinstance(number, int) or not 0 <= number < count:
        raise KeyError(number)
    return number


def _shown(filled: FilledForm, answer: Answer) -> dict[str, Any]:
    value = answer.value if isinstance(answer.value, bool) else answer.text
    return {"picture": filled.name, "field": answer.name, "value": value, "doubt": answer.doubt}
