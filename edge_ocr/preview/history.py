"""The texts that were given out, with when each was there and a small picture of it; as text, table or JSON."""

import json
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Page, around
from edge_ocr.spreadsheet import to_rows

KEPT = 500
"""Texts in the history."""

THUMBNAIL = 240, 120
"""Largest width and height of a small picture, in pixels."""

THUMBNAIL_QUALITY = 60
"""Of its JPEG: a few kilobytes."""

COLUMNS = ("time", "text", "confidence", "until", "ended", "region")
"""Of the table."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A text that was given out."""

    number: int
    """From 1."""
    region: str
    """Name of the region; empty without names."""
    time: float
    """When it was given out, in seconds since 1970."""
    text: str
    confidence: float
    """Of its least certain line, 0 to 1."""
    thumbnail: bytes
    """JPEG of the writing; empty if there was no picture."""
    until: float | None = None
    """When it was there no more, in seconds since 1970; None while it is there."""
    ended: str | None = None
    """ "removed" if the writing went away, "changed" if another text took its place."""

    def to_dict(self) -> dict[str, Any]:
        """All but the thumbnail."""
        return {
            "number": self.number,
            "region": self.region,
            "time": round(self.time, 3),
            "text": self.text,
            "confidence": self.confidence,
            "until": None if self.until is None else round(self.until, 3),
            "ended": self.ended,
        }


class History:
    """The last KEPT texts. Not safe to use from several threads at once."""

    def __init__(self) -> None:
        self.revision = 0
        """Grows with each change."""
        self.count = 0
        """Of all texts, forgotten ones among them."""
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def add(self, region: str, page: Page, image: NDArray[np.uint8] | None, now: float) -> None:
        """A region's page was given out; one without lines says that the writing went away."""
        last = self.last(region)
        if last is not None and last.until is None and last.text == page.text:
            return  # It is given out again for those who listen, as --repeat-after asks.
        self.revision += 1
        self._end(region, "changed" if page.lines else "removed", now)
        if not page.lines:
            return
        self.count += 1
        confidence = round(min(line.confidence for line in page.lines), 4)
        small = _thumbnail(image, page) if image is not None else b""
        self._entries.append(Entry(self.count, region, now, page.text, confidence, small))

    def last(self, region: str) -> Entry | None:
        """The text that a region gave last, still there or not."""
        return next((entry for entry in reversed(self._entries) if entry.region == region), None)

    @property
    def entries(self) -> list[Entry]:
        """Oldest first."""
        return list(self._entries)

    def thumbnail(self, number: int) -> bytes:
        """The small picture of an entry; empty if there is none."""
        return next((entry.thumbnail for entry in self._entries if entry.number == number), b"")

    def _end(self, region: str, how: str, now: float) -> None:
        for place, entry in enumerate(self._entries):
            if entry.region == region and entry.until is None:
                self._entries[place] = replace(entry, until=now, ended=how)


def _thumbnail(image: NDArray[np.uint8], page: Page) -> bytes:
    """JPEG of the written part of a picture."""
    box = around([line.box for line in page.lines])
    margin = box.height // 4 + 4
    rows = slice(max(0, box.top - margin), box.bottom + margin)
    part = image[rows, max(0, box.left - margin) : box.right + margin]
    scale = min(1.0, THUMBNAIL[0] / part.shape[1], THUMBNAIL[1] / part.shape[0])
    size = max(1, round(scale * part.shape[1])), max(1, round(scale * part.shape[0]))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, THUMBNAIL_QUALITY])[1])


def render_history(entries: list[Entry], form: str) -> tuple[str, str]:
    """The history as "txt", "csv" or "json", and its content type."""
    if form == "json":
        return json.dumps([entry.to_dict() for entry in entries], ensure_ascii=False, indent=1), "application/json"
    if form == "txt":
        return "\n\n".join(entry.text for entry in entries) + "\n", "text/plain"
    rows = [[entry[name] for name in COLUMNS] for entry in map(Entry.to_dict, entries)]
    return to_rows([COLUMNS, *rows]), "text/csv"
