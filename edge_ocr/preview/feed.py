"""What viewers see: pictures with their boxes, the text now and the text confirmed last, what to do, the history.

Pictures come from the capture's thread, sights from the loop's, and viewers look from the server's.
"""

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from edge_ocr.board import temperature
from edge_ocr.errors import BadCharset, BadPattern, CameraLost
from edge_ocr.live.advice import Advice, advise
from edge_ocr.live.capture import Shot
from edge_ocr.live.loop import Sight
from edge_ocr.live.statistics import Statistics
from edge_ocr.live.watch import Finding
from edge_ocr.page import Frame, Line
from edge_ocr.picture.overlay import draw
from edge_ocr.preview.film import Drawing, Film, encode
from edge_ocr.preview.history import Entry, History

PICTURE_SIDE, QUALITY = 960, 70
"""Longer side of the pictures of the page, in pixels, and quality of their JPEG."""

SNAPSHOT_SIDE, SNAPSHOT_QUALITY = 8192, 88
"""The same of a snapshot, which keeps the camera's size."""

ADVISED_S = 0.5
"""Seconds between two looks at what could be better."""

FIELDS = {BadCharset: "charset", BadPattern: "pattern"}
"""Fields of the page that can have an error."""

COUNTS = ("pictures", "readings", "still", "blurred", "dropped", "losses")


@dataclass(slots=True)
class _Known:
    """The latest sight, but for its picture."""

    findings: tuple[Finding, ...] = ()
    advice: Advice | None = None
    suspected: Advice | None = None
    advised: float = 0.0
    trouble: str | None = None
    lost_since: float | None = None
    rests_until: float | None = None
    rate: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


class Feed:
    """Encodes a picture only once, when the first viewer asks for it."""

    def __init__(self) -> None:
        self.viewers = 0
        """How many look at the pictures now."""
        self._lock, self._encoding = threading.Lock(), threading.Lock()
        self._film, self._history, self._known = Film(), History(), _Known()
        self._encoded = (0, b"")

    def see(self, shot: Shot) -> None:
        """Take a picture as it comes, also while another one is read; takes microseconds."""
        with self._lock:
            self._film.add(shot, is_watched=self.viewers > 0)

    def put(self, sight: Sight, statistics: Statistics) -> None:
        """Take a new sight; nothing is encoded but the small picture of a text that is given out."""
        is_lost = sight.image is None and isinstance(sight.trouble, CameraLost)
        advice = self._advise(sight)
        with self._lock:
            known = self._known
            known.advice, known.findings = advice, sight.findings
            known.trouble = str(sight.trouble) if sight.trouble else None
            known.rests_until = None if sight.resting_s is None else time.time() + sight.resting_s
            known.rate = round(statistics.rate, 1)
            known.stages = {name: round(ms, 1) for name, ms in statistics.stages.items()}
            known.counts = {name: getattr(statistics, name) for name in COUNTS}
            if is_lost:
                known.lost_since = known.lost_since or time.time()
                self._film.forget()
            elif sight.shot is not None:
                known.lost_since = None
                self._film.read(sight.shot, sight.voted, is_new=sight.page is not None)
            for finding in sight.findings:
                if finding.given is not None:
                    self._history.add(finding.region.name, finding.given, sight.image, time.time())

    def _advise(self, sight: Sight) -> Advice | None:
        """What would help; looked for a few times a second."""
        known = self._known
        if sight.image is None or time.monotonic() - known.advised < ADVISED_S:
            return known.advice
        known.advised = time.monotonic()
        found = advise(sight.image, sight.voted)
        # A note that comes into view is blurred and doubtful for a moment: twice makes a fact.
        shown, known.suspected = found if found == known.suspected else None, found
        return shown

    def drawing(self) -> Drawing | None:
        """The picture that is due now, with its boxes; None while there is none."""
        with self._lock:
            return self._film.due()

    def jpeg(self, shot: Shot) -> bytes:
        """A picture for the page."""
        with self._encoding:  # Viewers wait together for one encoding; `see` and `put` do not.
            if self._encoded[0] != shot.number:
                self._encoded = (shot.number, encode(shot.image, PICTURE_SIDE, QUALITY))
            return self._encoded[1]

    def snapshot(self, *, boxes: bool) -> bytes:
        """The newest picture as a JPEG, or the one read last with its boxes; empty if there is none."""
        with self._lock:
            newest, read = self._film.newest, self._film.last_read
        if boxes and read is not None:
            shot, page = read
            image = draw(page, Frame(shot.image)) if page is not None else shot.image
        elif newest is not None and not boxes:
            image = newest.image
        else:
            return b""
        return encode(image, SNAPSHOT_SIDE, SNAPSHOT_QUALITY)

    def state(self, *, paused: bool) -> dict[str, Any]:
        """All but the pictures, for JSON. Times are in seconds since 1970."""
        degrees = temperature()
        with self._lock:
            known = self._known
            status = self._status(paused=paused)
            is_current = status in ("reading", "resting")
            advice = known.advice if status == "reading" and not known.trouble else None
            return {
                "status": status,
                "since": known.lost_since,
                "until": known.rests_until,
                "advice": {"kind": advice.kind, "sentence": advice.sentence} if advice else None,
                "trouble": known.trouble,
                "regions": [self._region(finding, is_current=is_current) for finding in known.findings],
                "history": self._history.revision,
                "diagnostics": {
                    "rate": known.rate, "stages": known.stages, "counts": known.counts,
                    "texts": self._history.count, "viewers": self.viewers, "temperature": degrees,
                },
            }  # fmt: skip

    def _status(self, *, paused: bool) -> str:
        known = self._known
        if known.lost_since:
            return "lost"
        if paused:
            return "paused"
        if known.rests_until:
            return "resting"
        return "reading" if known.counts else "waiting"

    def _region(self, finding: Finding, *, is_current: bool) -> dict[str, Any]:
        """What a region shows now, which may change with the next picture, and what it gave out last."""
        last = self._history.last(finding.region.name)
        trouble = finding.trouble
        return {
            "name": finding.region.name,
            "now": [_line(line) for line in finding.voted.lines] if finding.voted and is_current else [],
            "confirmed": last.to_dict() if last else None,
            "trouble": str(trouble) if trouble else None,
            "field": next((name for kind, name in FIELDS.items() if isinstance(trouble, kind)), None),
        }

    def history(self) -> list[Entry]:
        """All remembered texts, oldest first."""
        with self._lock:
            return self._history.entries

    def thumbnail(self, number: int) -> bytes:
        """The small picture of a text in the history; empty if there is none."""
        with self._lock:
            return self._history.thumbnail(number)


def describe(drawing: Drawing) -> dict[str, Any]:
    """A picture's number, size and boxes, for JSON."""
    page = drawing.page
    height, width = drawing.shot.image.shape[:2]
    return {
        "number": drawing.shot.number, "width": width, "height": height, "age": round(drawing.age, 3),
        "lines": [_line(line) for line in page.lines] if page else [],
        "doubtful": [_line(line) for line in page.rejected] if page else [],
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    words = [{"text": word.text, "box": word.box.edges, "confidence": round(word.confidence, 3)} for word in line.words]
    return {"text": line.text, "box": line.box.edges, "confidence": round(line.confidence, 3), "words": words}


def to_json(value: object) -> str:
    """JSON on one line, all of it ASCII: a camera's name in a message may hold bytes that are not characters."""
    return json.dumps(value)
