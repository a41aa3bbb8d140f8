"""Requests of viewers, checked, and answers to them: tasks and histories as text."""

import csv
import io
import json
from typing import Any

from edge_ocr.live.steady import MIN_CONFIDENCE
from edge_ocr.live.task import Controls
from edge_ocr.page import Box

LONGEST_TEXT = 200
"""Most characters of a charset or pattern."""


FIELDS = frozenset({"charset", "pattern", "pattern_in", "min_confidence", "paused", "region"})
"""The fields that a viewer may set."""


class WrongTask(ValueError):
    """A viewer's request cannot be done; `str(error)` is a sentence for the field."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field
        """Its field, one of FIELDS; None for the whole."""


def describe_task(controls: Controls) -> dict[str, Any]:
    """The task as the page shows it."""
    task = controls.task
    region, box = task.regions[0], task.regions[0].box
    return {
        "charset": region.charset or "",
        "pattern": region.pattern or "",
        "pattern_in": region.pattern_in or "",
        "min_confidence": region.min_confidence,
        "paused": task.paused,
        "region": [box.left, box.top, box.right, box.bottom] if box else None,
    }


def change_task(controls: Controls, changes: dict[str, Any]) -> None:
    """Apply what `parse_task` gave: `paused` to the task, all else to its first region."""
    if "paused" in changes:
        controls.change(paused=changes["paused"])
    of_region = {"box" if name == "region" else name: value for name, value in changes.items() if name != "paused"}
    if of_region:
        controls.change_region(**of_region)


def parse_task(body: bytes) -> dict[str, Any]:
    """A viewer's changes of the task, checked; WrongTask says what is wrong."""
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WrongTask("expected JSON") from error
    if not isinstance(wanted, dict) or not wanted.keys() <= FIELDS:
        raise WrongTask(f"expected fields among {', '.join(sorted(FIELDS))}")
    changes: dict[str, Any] = {}
    for name in wanted.keys() & {"charset", "pattern", "pattern_in"}:
        text = wanted[name]
        # An unprintable character may be half of a surrogate pair, which cannot be sent back to viewers.
        if not isinstance(text, str) or len(text) > LONGEST_TEXT or not text.isprintable():
            raise WrongTask(f"expected a text of at most {LONGEST_TEXT} printable characters", name)
        changes[name] = text or None
    if "min_confidence" in wanted:
        changes["min_confidence"] = _parse_confidence(wanted["min_confidence"])
    if "paused" in wanted:
        if not isinstance(wanted["paused"], bool):
            raise WrongTask("expected true or false", "paused")
        changes["paused"] = wanted["paused"]
    if "region" in wanted:
        changes["region"] = _parse_region(wanted["region"])
    return changes


def _parse_confidence(wanted: object) -> float:
    """A number from 0 to 1; null stands for the default."""
    if wanted is None:
        return MIN_CONFIDENCE
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or not 0 <= wanted <= 1:
        raise WrongTask("expected a number from 0 to 1, such as 0.6", "min_confidence")
    return float(wanted)


def _parse_region(region: object) -> Box | None:
    if region is None:
        return None
    if not isinstance(region, list) or len(region) != 4 or not all(type(edge) is int for edge in region):
        raise WrongTask("expected four whole numbers", "region")
    left, top, right, bottom = region
    if not (0 <= left < right <= 100_000 and 0 <= top < bottom <= 100_000):
        raise WrongTask("expected left, top, right, bottom in pixels", "region")
    return Box(left, top, right, bottom)


def render_history(entries: list[dict[str, Any]], form: str) -> tuple[str, str]:
    """The history as "txt", "csv" or "json", and its content type."""
    if form == "json":
        return json.dumps(entries, ensure_ascii=False, indent=1), "application/json"
    if form == "txt":
        return "\n\n".join(entry["text"] for entry in entries) + "\n", "text/plain"
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["time", "text", "confidence"])
    writer.writerows([entry["time"], _guarded(entry["text"]), entry["confidence"]] for entry in entries)
    return table.getvalue(), "text/csv"


def _guarded(text: str) -> str:
    """A spreadsheet reads a cell that begins with one of these as a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@")) else text
