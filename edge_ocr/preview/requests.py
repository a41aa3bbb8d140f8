"""Requests of viewers for another task, checked, and the task as the page shows it."""

import json
from typing import Any

from edge_ocr.errors import BadRegions
from edge_ocr.live.region import TEXTS, Region
from edge_ocr.live.rules import RULES, WrongRule, rules_from, table_of
from edge_ocr.live.steady import MIN_CONFIDENCE
from edge_ocr.live.task import Controls, Task
from edge_ocr.page import Box

LONGEST_TEXT = 200
"""Most characters of a charset or pattern."""

MOST_AREAS = 16
"""Most regions, and most areas to ignore: each region is read by itself."""

FIELDS = frozenset({"regions", "ignored", "paused"})
"""The fields that a viewer may set."""

REGION_FIELDS = frozenset({*TEXTS, *RULES, "min_confidence", "box"})


class WrongTask(ValueError):
    """A viewer's request cannot be done; `str(error)` is a sentence for the field."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field
        """Its field, one of FIELDS or REGION_FIELDS; None for the whole."""


def describe_task(task: Task) -> dict[str, Any]:
    """The task as the page shows it, and as `change_task` takes it."""
    return {
        "regions": [
            {name: getattr(region, name) or "" for name in TEXTS}
            | {"min_confidence": region.min_confidence, "box": region.box.edges if region.box else None}
            | table_of(region.rules)
            for region in task.regions
        ],
        "ignored": [box.edges for box in task.ignored],
        "paused": task.paused,
    }


def change_task(controls: Controls, body: bytes) -> None:
    """Do what a viewer wants, or nothing: WrongTask says what is wrong."""
    changes = parse_task(body)
    try:
        controls.change(**changes)
    except BadRegions as error:
        raise WrongTask(str(error), "name") from error


def parse_task(body: bytes) -> dict[str, Any]:
    """A viewer's changes of the task, as fields of `Task`. WrongTask says what is wrong."""
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WrongTask("expected JSON") from error
    if not isinstance(wanted, dict) or not wanted.keys() <= FIELDS:
        raise WrongTask(f"expected fields among {', '.join(sorted(FIELDS))}")
    changes: dict[str, Any] = {}
    if "regions" in wanted:
        changes["regions"] = tuple(_parse_region(region) for region in _parse_list(wanted["regions"], "regions"))
    if "ignored" in wanted:
        changes["ignored"] = tuple(_parse_box(box) for box in _parse_list(wanted["ignored"], "ignored"))
    if "paused" in wanted:
        if not isinstance(wanted["paused"], bool):
            raise WrongTask("expected true or false", "paused")
        changes["paused"] = wanted["paused"]
    return changes


def _parse_list(wanted: object, field: str) -> list[object]:
    if not isinstance(wanted, list) or len(wanted) > MOST_AREAS:
        raise WrongTask(f"expected a list of at most {MOST_AREAS}", field)
    return wanted


def _parse_region(wanted: object) -> Region:
    """A region; what is left out of it stands for the default."""
    if not isinstance(wanted, dict) or not wanted.keys() <= REGION_FIELDS:
        raise WrongTask(f"expected a region with fields among {', '.join(sorted(REGION_FIELDS))}", "regions")
    texts = {name: _parse_text(wanted.get(name, ""), name) for name in TEXTS}
    box = wanted.get("box")
    try:
        rules = rules_from(wanted)
    except WrongRule as error:
        raise WrongTask(str(error), error.name) from error
    return Region(
        name=texts.pop("name"),
        **{name: text or None for name, text in texts.items()},
        min_confidence=_parse_confidence(wanted.get("min_confidence")),
        box=None if box is None else _parse_box(box),
        rules=rules,
    )


def _parse_text(text: object, field: str) -> str:
    # An unprintable character may be half of a surrogate pair, which cannot be sent back to viewers.
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or not text.isprintable():
        raise WrongTask(f"expected a text of at most {LONGEST_TEXT} printable characters", field)
    return text


def _parse_confidence(wanted: object) -> float:
    """A number from 0 to 1; null stands for the default."""
    if wanted is None:
        return MIN_CONFIDENCE
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or not 0 <= wanted <= 1:
        raise WrongTask("expected a number from 0 to 1, such as 0.6", "min_confidence")
    return float(wanted)


def _parse_box(box: object) -> Box:
    if not isinstance(box, list) or len(box) != 4 or not all(type(edge) is int for edge in box):
        raise WrongTask("expected four whole numbers", "box")
    left, top, right, bottom = box
    if not (0 <= left < right <= 100_000 and 0 <= top < bottom <= 100_000):
        raise WrongTask("expected left, top, right, bottom in pixels", "box")
    return Box(left, top, right, bottom)
