"""A folder of pictures with their readings, to tune a model on: it keeps the newest."""

import calendar
import json
import re
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import CannotWrite
from edge_ocr.page import Box, Page

QUALITY = 92
"""Of the JPEG files, 0 to 100."""

NAME = re.compile(r"(\d{8}-\d{6})-(\d{3})")
"""Day, time and millisecond, in UTC."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much a folder may hold; None is without limit."""

    pictures: int | None = None
    megabytes: int | None = None


class Recording:
    """Keeps pictures with their readings, NAME.jpg and NAME.json. Later pictures have later names."""

    def __init__(self, folder: Path, room: Room | None = None) -> None:
        """Raises CannotWrite if the folder cannot be made."""
        self.trouble: CannotWrite | None = None
        self._folder, self._room = folder, room or Room()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            names = sorted(path.stem for path in folder.glob("*.jpg") if NAME.fullmatch(path.stem))
            self._kept = deque((name, self._size(name)) for name in names)
        except OSError as error:
            raise CannotWrite(f"{folder} cannot be made ({error.strerror}): choose another folder") from error
        self._bytes = sum(size for _, size in self._kept)
        # A Pi has no clock of its own: it may start in the past, before the pictures that are there.
        self._latest = _milliseconds(names[-1]) if names else 0

    def add(self, image: NDArray[np.uint8], page: Page, region: Box | None = None) -> None:
        """Store one picture with its page, and the part of it that was read; never raises, see `trouble`."""
        name = self._next_name()
        facts = {**page.to_dict(), "region": region.edges if region else None}
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        picture, reading = self._paths(name)
        try:
            picture.write_bytes(data)
            reading.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            self._kept.append((name, self._size(name)))
            self._bytes += self._kept[-1][1]
            self._forget()
            self.trouble = None
        except OSError as error:
            self._remove(name)
            self.trouble = CannotWrite(f"{self._folder} cannot be written ({error.strerror}): make room")

    def _forget(self) -> None:
        """Remove the oldest pictures beyond the room."""
        pictures, megabytes = self._room.pictures, self._room.megabytes
        while (pictures is not None and len(self._kept) > pictures) or (
            megabytes is not None and self._bytes > megabytes * 1_000_000 and len(self._kept) > 1
        ):
            name, size = self._kept.popleft()
            self._bytes -= size
            self._remove(name)

    def _paths(self, name: str) -> tuple[Path, Path]:
        return self._folder / f"{name}.jpg", self._folder / f"{name}.json"

    def _size(self, name: str) -> int:
        return sum(path.stat().st_size for path in self._paths(name) if path.exists())

    def _remove(self, name: str) -> None:
        for path in self._paths(name):
            with suppress(OSError):  # A disk that became read-only does not even remove.
                path.unlink()

    def _next_name(self) -> str:
        """The time in UTC, or the millisecond after the latest if that is taken or the clock was set back."""
        self._latest = max(self._latest + 1, time.time_ns() // 1_000_000)
        seconds, milliseconds = divmod(self._latest, 1000)
        return time.strftime("%Y%m%d-%H%M%S", time.gmtime(seconds)) + f"-{milliseconds:03}"


def _milliseconds(name: str) -> int:
    """A name's time since 1970; 0 if it is none, such as the 99th of a month."""
    match = NAME.fullmatch(name)
    with suppress(ValueError):
        return 1000 * calendar.timegm(time.strptime(match[1], "%Y%m%d-%H%M%S")) + int(match[2]) if match else 0
    return 0
