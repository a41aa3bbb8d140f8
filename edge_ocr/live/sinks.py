"""Where steady texts go: a file, a folder of pictures with their readings. What cannot be stored is reported once."""

import json
import os
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import CannotWrite
from edge_ocr.page import Box, Page

KEPT = 10_000
"""Most entries that wait in memory while the disk is full; the oldest are dropped."""


def entry(page: Page, when: float | None = None, *, rejected: bool = False) -> str:
    """One JSON object on one line: time (seconds since 1970), text, confidence and lines with boxes.

    Args:
        page: what was read.
        when: seconds since 1970; now if None.
        rejected: also list the lines left out.
    """
    confidences = [line.confidence for line in page.lines]
    facts = {
        "time": round(time.time() if when is None else when, 3),
        "text": page.text,
        "confidence": round(min(confidences), 4) if confidences else None,
        **{key: value for key, value in page.to_dict(rejected=rejected).items() if key not in ("name", "text")},
    }
    return json.dumps(facts, ensure_ascii=False)


class OutputFile:
    """Appends entries to a file, each complete and flushed, so that a kill loses none.

    While the disk is full, entries wait in memory; they are written when there is room again.
    """

    def __init__(self, path: Path, as_json: bool, *, rejected: bool = False) -> None:
        """Raises CannotWrite if the file cannot be opened; `rejected` as in `entry`."""
        self.trouble: CannotWrite | None = None
        self._path, self._as_json, self._rejected = path, as_json, rejected
        self._waiting: deque[bytes] = deque(maxlen=KEPT)
        if path.is_fifo():
            raise CannotWrite(f"{path} is a pipe, which may have no reader: choose a file, or leave --output out")
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise CannotWrite(f"{path} cannot be written ({error.strerror}): choose another file") from error

    def add(self, page: Page, when: float | None = None) -> None:
        """Append a page with its time (seconds since 1970; now if None); never raises, see `trouble`."""
        text = entry(page, when, rejected=self._rejected) if self._as_json else page.text + "\n"
        self._waiting.append((text + "\n").encode())
        self.flush()

    def flush(self) -> None:
        """Write waiting entries as far as there is room."""
        while self._waiting:
            try:
                self._write(self._waiting[0])
            except OSError as error:
                self.trouble = CannotWrite(
                    f"{self._path} cannot be written ({error.strerror}): make room; {len(self._waiting)} texts wait"
                )
                return
            self._waiting.popleft()
        self.trouble = None

    def close(self) -> None:
        self.flush()
        self._file.close()

    def _write(self, data: bytes) -> None:
        """Append all or nothing: half an entry is removed."""
        start = os.fstat(self._file.fileno()).st_size
        try:
            written = self._file.write(data)
            while written is not None and written < len(data):
                written += self._file.write(data[written:]) or 0
        except OSError:
            with suppress(OSError):  # A device has no length.
                os.ftruncate(self._file.fileno(), start)
            raise


class Recording:
    """Keeps pictures with their readings, NAME.jpg and NAME.json, for later training."""

    QUALITY = 92

    def __init__(self, folder: Path) -> None:
        """Raises CannotWrite if the folder cannot be made."""
        self.trouble: CannotWrite | None = None
        self._folder = folder
        self._latest = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotWrite(f"{folder} cannot be made ({error.strerror}): choose another folder") from error

    def add(self, image: NDArray[np.uint8], page: Page, region: Box | None = None) -> None:
        """Store one picture with its page, and the part of it that was read; never raises, see `trouble`."""
        name = self._next_name()
        picture, reading = self._folder / f"{name}.jpg", self._folder / f"{name}.json"
        edges = None if region is None else [region.left, region.top, region.right, region.bottom]
        facts = {**page.to_dict(), "region": edges}
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, self.QUALITY])[1].tobytes()
        try:
            picture.write_bytes(data)
            reading.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            self.trouble = None
        except OSError as error:
            for path in (picture, reading):
                path.unlink(missing_ok=True)
            self.trouble = CannotWrite(f"{self._folder} cannot be written ({error.strerror}): make room")

    def _next_name(self) -> str:
        """The time to the millisecond, or the one after the latest if that is taken or the clock was set back."""
        self._latest = max(self._latest + 1, time.time_ns() // 1_000_000)
        seconds, milliseconds = divmod(self._latest, 1000)
        return time.strftime("%Y%m%d-%H%M%S", time.localtime(seconds)) + f"-{milliseconds:03}"
