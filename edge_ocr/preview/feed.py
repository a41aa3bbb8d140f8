"""The loop's latest sight for the page: a small JPEG and a JSON state; put by one thread, read by another."""

import json
import threading
import time
from collections import deque
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.board import temperature
from edge_ocr.errors import BadCharset, BadPattern
from edge_ocr.live.loop import Sight
from edge_ocr.live.statistics import Statistics
from edge_ocr.page import Page

PICTURE_SIDE = 960
"""Longer side of the sent picture, in pixels."""

QUALITY = 70
"""Of its JPEG."""

HISTORY = 500
"""Texts in the history."""

FIELDS = {BadCharset: "charset", BadPattern: "pattern"}
"""Fields of the page that can have an error."""


class Feed:
    """Holds what viewers see. Encodes a picture only once, when the first viewer asks for it."""

    def __init__(self) -> None:
        self._lock, self._encoding = threading.Lock(), threading.Lock()
        self._image: NDArray[np.uint8] | None = None
        self._number = self._texts = 0
        self._encoded = (-1, b"")
        self._state: dict[str, Any] = {}
        self._history: deque[dict[str, Any]] = deque(maxlen=HISTORY)

    def put(self, sight: Sight, statistics: Statistics) -> None:
        """Take a new sight; takes microseconds, since nothing is encoded yet."""
        new = [] if sight.given is None else [_entry(sight.given)]
        with self._lock:
            if sight.image is not None:
                self._image = sight.image
                self._number += 1
            self._history.extend(new)
            self._texts += len(new)
            self._state = {
                "number": self._number,
                "size": None if self._image is None else [self._image.shape[1], self._image.shape[0]],
                "page": sight.voted.to_dict(rejected=True) if sight.voted else None,
                "trouble": str(sight.trouble) if sight.trouble else None,
                "field": next((name for kind, name in FIELDS.items() if isinstance(sight.trouble, kind)), None),
                "rate": round(statistics.rate, 1),
                "stages": {name: round(ms, 1) for name, ms in statistics.stages.items()},
                "counts": {
                    name: getattr(statistics, name) for name in ("pictures", "readings", "still", "blurred", "dropped")
                },
                # Of all texts: the length of the history stays the same once it is full.
                "texts": self._texts,
            }

    @property
    def number(self) -> int:
        """Of the latest picture, 0 before the first."""
        with self._lock:
            return self._number

    def picture(self) -> tuple[int, bytes]:
        """Number and JPEG of the latest picture; -1 and nothing before the first."""
        with self._encoding:  # Viewers wait together for one encoding; `put` does not.
            with self._lock:
                number, image = self._number, self._image
            if image is not None and self._encoded[0] != number:
                self._encoded = (number, _encode(image))
            return self._encoded

    def state(self, extra: dict[str, Any]) -> str:
        """The latest state with `extra`, as JSON on one line."""
        with self._lock:
            state = dict(self._state)
        # Escaped: a camera's name in a message may hold bytes that are not characters.
        return json.dumps({**state, **extra, "temperature": temperature()})

    def history(self) -> list[dict[str, Any]]:
        """All remembered texts, oldest first, with their times in seconds since 1970."""
        with self._lock:
            return list(self._history)


def _entry(page: Page) -> dict[str, Any]:
    confidences = [line.confidence for line in page.lines]
    return {"time": round(time.time(), 3), "text": page.text, "confidence": round(min(confidences, default=0.0), 4)}


def _encode(image: NDArray[np.uint8]) -> bytes:
    scale = PICTURE_SIDE / max(image.shape[:2])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])
