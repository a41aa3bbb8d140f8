"""Readers take turns, picture by picture, so that other load affects all alike."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from convert.comparison.contender_process import READ_TIMEOUT, ContenderFailed, Facts, Reading, Worker
from convert.comparison.picture_sets import PictureSet
from convert.comparison.roster import Contender
from edge_ocr.output import note

WARM_UP = 2
"""Readings of a picture before any counts: RapidOCR's second is still slower than its third."""

WARM_PICTURES = 4
"""Pictures of each set that everyone reads before any counts."""

EMPTY = 3
"""Readings of an empty picture."""

EMPTY_SHAPE = 240, 320
"""Rows and columns of that picture."""

STRIKES = 3
"""Failures after which a reader is out for this set."""

Turn = tuple[int, tuple[Reading | None, ...]]
"""A picture's number, and everyone's reading of it, None if that failed."""


class Seat:
    """A contender's place in a set: its worker, restarted after a failure, and its failures."""

    def __init__(self, contender: Contender, timeout: float = READ_TIMEOUT) -> None:
        self.contender, self.timeout = contender, timeout
        self.failures: dict[Path, str] = {}
        """Picture -> what happened there; it is not asked for that one again."""
        self.facts: Facts | None = None
        self._out = bool(contender.absent)
        self._worker: Worker | None = None

    def __enter__(self) -> "Seat":
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def read(self, picture: Path) -> Reading | None:
        """Its reading; None if it is absent, failed (which is noted) or has failed too often."""
        if self._out or picture in self.failures:
            return None
        try:
            if self._worker is None:
                self._out = True  # A worker that does not start once will not start the next time.
                self._worker = Worker(self.contender.name, list(self.contender.command), self.timeout)
                self.facts, self._out = self._worker.facts, False
            return self._worker.read(picture)
        except ContenderFailed as error:
            self.failures[picture] = str(error)
            note(str(error))
            self._out = self._out or len(self.failures) >= STRIKES
            if self._worker and self._worker.broken:
                self._close()
            return None

    def _close(self) -> None:
        if self._worker is not None:
            self._worker.child.close()
            self._worker = None


def warm_up(seats: Sequence[Seat], pictures: PictureSet, empty: Path) -> list[float | None]:
    """Everyone reads some pictures without counting.

    Returns the processor milliseconds of an empty picture, which is written to `empty`; None if that failed.
    """
    cv2.imwrite(str(empty), np.full(EMPTY_SHAPE, 255, np.uint8))
    costs: list[float | None] = []
    for seat in tqdm(seats, desc=f"{pictures.title}: warm-up", unit="reader", leave=False, disable=None):
        readings = [seat.read(empty) for _ in range(EMPTY)]
        times = [1e3 * reading.cpu_s for reading in readings if reading]
        costs.append(float(np.median(times)) if times else None)
        for picture in pictures.pictures[:WARM_PICTURES] * WARM_UP:
            seat.read(picture)
    return costs


def take_turns(seats: Sequence[Seat], pictures: PictureSet, turns: list[Turn]) -> None:
    """Add complete turns to `turns`: everyone reads a picture before the next one comes, and each is first in turn."""
    numbers = [number for _ in range(pictures.rounds) for number in range(len(pictures.pictures))]
    for turn, number in enumerate(tqdm(numbers, desc=pictures.title, unit="picture", leave=False, disable=None)):
        first = turn % len(seats)
        found: dict[int, Reading | None] = {}
        for index in [*range(first, len(seats)), *range(first)]:
            found[index] = seats[index].read(pictures.pictures[number])
        turns.append((number, tuple(found[index] for index in range(len(seats)))))


def read_all(seats: Sequence[Seat], pictures: PictureSet, empty: Path) -> tuple[list[Turn], list[float | None]]:
    """The turns and the milliseconds of an empty picture; Ctrl-C ends it early and keeps the turns before."""
    turns: list[Turn] = []
    costs: list[float | None] = [None] * len(seats)
    with suppress(KeyboardInterrupt):
        costs = warm_up(seats, pictures, empty)
        take_turns(seats, pictures, turns)
    return turns, costs
