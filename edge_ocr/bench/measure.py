"""The measurement: every backend reads every page many times, in turns, each in its own process."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from edge_ocr.bench.child import ReaderChild
from edge_ocr.bench.progress import Progress
from edge_ocr.bench.samples import Samples
from edge_ocr.bench.sustained import Sustained, keep_reading
from edge_ocr.errors import BadBundle, BadData, EdgeOcrError, NoInterpreter

WARM_UP = 1
"""Readings of each page after a start that do not count: buffers, caches and the clock settle."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure."""

    samples: Samples
    options: dict[str, Any]
    """Arguments of `Reader.load`, without the backend."""
    backends: tuple[str, ...] = ("auto",)
    starts: int = 3
    """Processes for each backend, one after another."""
    rounds: int = 5
    """Readings of every page in each process."""
    minutes: float = 0.0
    """Minutes of nonstop reading at the end, with the first backend."""
    referred: frozenset[str] | None = None
    """Backends of the reference, of which one must run here; None without a reference."""

    @property
    def pictures(self) -> list[str]:
        return [str(path.resolve()) for path in self.samples.pictures]

    @property
    def steps(self) -> int:
        """Steps of the progress, as far as they are known in advance."""
        return len(self.backends) * self.starts * (1 + (WARM_UP + self.rounds) * len(self.samples.pictures))


@dataclass(slots=True)
class Taken:
    """Everything measured of one backend, in order."""

    backend: str
    version: str
    starts: list[dict[str, Any]] = field(default_factory=list)
    """Of each process: import_s, load_s, first_s, process_s, peak_mb, steady_mb."""
    readings: list[dict[str, Any]] = field(default_factory=list)
    """start, round, page, and what `edge_ocr.bench.worker` answers."""
    networks: list[dict[str, Any]] = field(default_factory=list)
    """kind, batch, width, threads, and `seconds` of each call that was timed."""


@dataclass(slots=True)
class Measurement:
    """Backends that ran, those that cannot run here with the reason, and the sustained run, if any."""

    taken: list[Taken]
    absent: dict[str, str]
    sustained: Sustained | None = None
    interrupted: bool = False
    """Whether Ctrl-C ended it: `taken` then holds the finished starts, without the calls of the models."""

    def keep(self, starts: int) -> None:
        """Drop what an interrupted start left unfinished."""
        self.interrupted = True
        for taken in self.taken:
            del taken.starts[starts:]
            taken.readings = [row for row in taken.readings if row["start"] < starts]
            taken.networks = []


def measure(plan: Plan) -> Measurement:
    """Measure as planned, which takes seconds to minutes; after Ctrl-C only the finished starts.

    Raises:
        EdgeOcrError: no backend can run here, or none of the reference's; a page cannot be read, a process died.
        KeyboardInterrupt: Ctrl-C came before one start was finished.
    """
    measurement = Measurement([], {})
    with Progress(plan.steps) as progress:
        for start in range(plan.starts):
            try:
                with ExitStack() as stack:
                    _measure_start(plan, measurement, start, stack, progress)
            except KeyboardInterrupt:
                if start == 0:
                    raise
                measurement.keep(start)
                break
    return measurement


def _measure_start(plan: Plan, measurement: Measurement, start: int, stack: ExitStack, progress: Progress) -> None:
    """One process of each backend; the last ones also time the models' calls and read nonstop."""
    crew = _start(plan, measurement, stack, progress)
    _check_referred(plan, crew)
    _take_rounds(plan, measurement.taken, crew, start, progress)
    if start == plan.starts - 1:
        _time_networks(plan, measurement.taken, crew, progress)
        if plan.minutes:
            measurement.sustained = keep_reading(crew[0], len(plan.pictures), plan.minutes, progress)


def _check_referred(plan: Plan, crew: list[ReaderChild]) -> None:
    """BadData if the reference has none of the running backends; only now is it known which one "auto" is."""
    if plan.referred is not None and not any(child.backend in plan.referred for child in crew):
        raise other_backends(plan.referred)


def other_backends(referred: Iterable[str]) -> BadData:
    """The error for a reference with other backends."""
    names = " and ".join(sorted(referred))
    return BadData(f"the reference was measured with {names}: measure one of these with --backends")


def _start(plan: Plan, measurement: Measurement, stack: ExitStack, progress: Progress) -> list[ReaderChild]:
    """A process for each backend; one that cannot run is noted at the first start, then left out."""
    crew: list[ReaderChild] = []
    known = {taken.backend: taken for taken in measurement.taken}
    failures: list[EdgeOcrError] = []
    for backend in plan.backends:
        if backend in measurement.absent:
            continue
        progress.step(f"{backend}, cold start")
        try:
            child = stack.enter_context(ReaderChild({**plan.options, "backend": backend}, plan.pictures))
        except (NoInterpreter, BadBundle) as error:
            # Only Keras has its own model file, which may be missing.
            shared = isinstance(error, BadBundle) and backend != "keras"
            if shared or len(plan.backends) == 1 or any(taken.readings for taken in measurement.taken):
                raise
            measurement.absent[backend] = str(error)
            failures.append(error)
            continue
        if any(child.backend == other.backend for other in crew):
            child.close()  # "auto" and the backend that it stands for.
            continue
        if child.backend not in known:
            known[child.backend] = Taken(child.backend, child.facts["version"])
            measurement.taken.append(known[child.backend])
        known[child.backend].starts.append({key: child.facts[key] for key in child.facts if key.endswith("_s")})
        crew.append(child)
    if not crew:
        raise failures[0]
    return crew


def _take_rounds(plan: Plan, taken: list[Taken], crew: list[ReaderChild], start: int, progress: Progress) -> None:
    """Every page once for each round and backend; the order rotates, so that none is always first."""
    steady: list[list[float]] = [[] for _ in crew]
    for number in range(-WARM_UP, plan.rounds):
        for who in _turn(len(crew), number):
            for page in range(len(plan.pictures)):
                progress.step(f"{crew[who].backend}, start {start + 1} of {plan.starts}, round {max(number, 0) + 1}")
                answer = crew[who].ask(do="read", page=page)
                if number >= 0:
                    taken[who].readings.append({"start": start, "round": number, "page": page, **answer})
                    steady[who] += [answer["now_mb"]] if answer["now_mb"] is not None else []
    for row, memory in zip(taken, steady, strict=True):
        row.starts[-1]["peak_mb"] = row.readings[-1]["peak_mb"]
        row.starts[-1]["steady_mb"] = sorted(memory)[len(memory) // 2] if memory else None


def _time_networks(plan: Plan, taken: list[Taken], crew: list[ReaderChild], progress: Progress) -> None:
    """Calls of the models, in as many rounds; last, since what this opens would count as the reader's memory."""
    for row, child in zip(taken, crew, strict=True):
        progress.step(f"{child.backend}, calls of the models", 1.0)
        row.networks = [{**facts, "seconds": []} for facts in child.ask(do="networks")]
    for number in range(-WARM_UP, plan.rounds * plan.starts):
        for who in _turn(len(crew), number):
            for index, network in enumerate(taken[who].networks):
                seconds = crew[who].ask(do="network", number=index)
                if number >= 0:
                    network["seconds"].append(seconds)


def _turn(count: int, number: int) -> Iterator[int]:
    return ((number + k) % count for k in range(count))
