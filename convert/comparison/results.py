"""The results of a comparison: each reader's figures on each set of pictures."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from convert.comparison.contender_process import READ_TIMEOUT, Reading
from convert.comparison.picture_sets import PictureSet
from convert.comparison.roster import Contender
from convert.comparison.round_robin import Seat, Turn, read_all
from convert.evaluation.metrics import loose_cer, strict_cer
from convert.spread import Spread


@dataclass(frozen=True, slots=True)
class Result:
    """One reader's needs and error rates, over the pictures of a set that it read."""

    name: str
    version: str
    """ "" if it never started."""
    absent: str
    """How to install it; "" if it is here."""
    failures: tuple[str, ...]
    """A sentence for each picture on which it failed."""
    complete: bool
    """Whether it read all pictures; only then may it be compared."""
    cpu_ms: tuple[float, ...]
    """Processor time for a picture, all threads, of each round."""
    wall_ms: tuple[float, ...]
    """Wall time."""
    empty_ms: float | None
    """Processor time of an empty picture: for a program that starts for each picture, mostly its start."""
    peak_mb: float | None
    """Peak memory of the reading process, in millions of bytes."""
    model_mb: float | None
    """Its networks and language models on disk, in millions of bytes."""
    loose: float | None
    """Character error rates, None if the texts are unknown."""
    strict: float | None

    @property
    def label(self) -> str:
        """The name, with the version before the comma."""
        family, comma, settings = self.name.partition(",")
        return f"{family} {self.version}".rstrip() + comma + settings

    def as_json(self) -> dict[str, Any]:
        """Its figures, times as median and quartiles of the rounds."""
        times = {key: asdict(Spread.of(row)) for key in ("cpu_ms", "wall_ms") if (row := getattr(self, key))}
        return {**asdict(self), "cpu_ms": None, "wall_ms": None, **times}


@dataclass(frozen=True, slots=True)
class SetResult:
    """Everyone on one set."""

    key: str
    title: str
    pictures: int
    """Pictures read by everyone who could."""
    rounds: int
    finished: bool
    """Whether that was all of them, in all rounds; else the figures are from before the interruption."""
    readers: tuple[Result, ...]

    def reader(self, name: str) -> Result | None:
        """The one of this name, if it read everything."""
        return next((reader for reader in self.readers if reader.name == name and reader.complete), None)

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {**asdict(self), "readers": [reader.as_json() for reader in self.readers]}


def compare_set(pictures: PictureSet, contenders: Sequence[Contender], timeout: float = READ_TIMEOUT) -> SetResult:
    """Everyone reads a set, each in its own process; `finished` is false after Ctrl-C."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        seats = [stack.enter_context(Seat(contender, timeout)) for contender in contenders]
        turns, empty = read_all(seats, pictures, folder / "empty.png")
    return summarise(pictures, seats, turns, empty)


def summarise(
    pictures: PictureSet, seats: Sequence[Seat], turns: Sequence[Turn], empty: Sequence[float | None]
) -> SetResult:
    """The figures of these turns; times of an unfinished round count only if it is the first."""
    count = len(pictures.pictures)
    rounds = [turns[start : start + count] for start in range(0, len(turns), count)]
    timed = [row for row in rounds if len(row) == count] or rounds
    readers = [
        _result(seat, index, pictures.texts, turns, timed, empty[index]) for index, seat in enumerate(seats)
    ]  # fmt: skip
    return SetResult(
        pictures.key, pictures.title, len({number for number, _ in turns}), len(timed),
        len(turns) == count * pictures.rounds, tuple(readers),
    )  # fmt: skip


def _result(
    seat: Seat,
    index: int,
    texts: Sequence[str | None],
    turns: Sequence[Turn],
    rounds: Sequence[Sequence[Turn]],
    empty: float | None,
) -> Result:
    """One reader's figures; error rates are those of its last reading of each picture."""
    read = {number: reading for number, found in turns if (reading := found[index])}
    pairs = [(texts[number] or "", reading.text) for number, reading in read.items() if texts[number] is not None]
    found = [[reading for _, readings in row if (reading := readings[index])] for row in rounds]
    return Result(
        name=seat.contender.name,
        version=seat.facts.version if seat.facts else "",
        absent=seat.contender.absent,
        failures=tuple(seat.failures.values()),
        complete=bool(turns) and all(readings[index] for _, readings in turns),
        cpu_ms=_milliseconds(found, lambda reading: reading.cpu_s),
        wall_ms=_milliseconds(found, lambda reading: reading.wall_s),
        empty_ms=empty,
        peak_mb=max((reading.peak_mb for row in found for reading in row), default=None),
        model_mb=seat.facts.model_mb if seat.facts else None,
        loose=loose_cer(pairs) if pairs else None,
        strict=strict_cer(pairs) if pairs else None,
    )


def _milliseconds(rounds: list[list[Reading]], seconds: Callable[[Reading], float]) -> tuple[float, ...]:
    """A picture, of each round."""
    return tuple(1e3 * sum(map(seconds, row)) / len(row) for row in rounds if row)


def cpu_ratio(theirs: Result, ours: Result) -> Spread:
    """The other reader's processor time relative to ours, round by round."""
    return Spread.of(their / our for their, our in zip(theirs.cpu_ms, ours.cpu_ms, strict=True))
