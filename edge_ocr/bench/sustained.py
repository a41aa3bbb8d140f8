"""Reading nonstop, to see whether the board keeps its speed when it gets warm."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np

from edge_ocr.bench.child import ReaderChild
from edge_ocr.bench.conditions import Conditions, flags_now, look
from edge_ocr.bench.figures import compare
from edge_ocr.bench.progress import Progress

POINTS = 120
"""Most points of the time series."""

LEAST_POINT_S = 1.0
"""Least seconds of reading for one point."""

CLOCK_FELL = 0.95
"""Part of the first quarter's clock below which the clock counts as fallen."""


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of the run, and the board at its end."""

    time_s: float
    """Since the run began, at the end of the stretch."""
    speed: float
    """1.0 is the median of the whole run, page by page; above is faster."""
    clock_mhz: float | None
    temperature_c: float | None
    throttled: int | None


@dataclass(slots=True)
class Sustained:
    """A run and its verdict."""

    backend: str
    minutes: float
    """Its actual length."""
    interrupted: bool
    points: list[Point] = field(default_factory=list)
    verdict: str = "unknown"
    """"throttled": the board said so, or its clock and speed fell; "slowed": speed fell for no known reason; "steady";
    "unknown": too short for a verdict."""
    says: str = ""
    """The verdict in a sentence."""


def keep_reading(
    child: ReaderChild,
    pages: int,
    minutes: float,
    progress: Progress,
    look: Callable[[], Conditions] = look,
    clock: Callable[[], float] = time.monotonic,
) -> Sustained:
    """Read page after page for this many minutes; Ctrl-C ends it early and keeps what was measured."""
    begin, span = clock(), 60.0 * minutes
    stretch = max(LEAST_POINT_S, span / POINTS)
    stretches: list[tuple[float, list[tuple[int, float]], Conditions]] = []
    readings: list[tuple[int, float]] = []
    interrupted, page = False, 0
    try:
        while clock() - begin < span:
            readings.append((page, child.ask(do="read", page=page)["total_s"]))
            page = (page + 1) % pages
            if clock() - begin >= stretch * (len(stretches) + 1):
                stretches.append((clock() - begin, readings, look()))
                readings = []
                progress.step(f"{child.backend}, sustained, {clock() - begin:.0f} s", (clock() - begin) / span)
    except KeyboardInterrupt:
        interrupted = True
    result = Sustained(child.backend, (clock() - begin) / 60, interrupted, _points(stretches))
    result.verdict, result.says = judge(result.points)
    return result


def _points(stretches: list[tuple[float, list[tuple[int, float]], Conditions]]) -> list[Point]:
    """Pages take different times, so each reading counts relative to its own page's median."""
    by_page: dict[int, list[float]] = {}
    for _, readings, _ in stretches:
        for page, seconds in readings:
            by_page.setdefault(page, []).append(seconds)
    usual = {page: median(times) for page, times in by_page.items()}
    return [
        Point(
            round(end, 2),
            round(1 / median(seconds / usual[page] for page, seconds in readings), 4),
            seen.clock_mhz,
            seen.temperature_c,
            seen.throttled,
        )
        for end, readings, seen in stretches
        if readings
    ]


def judge(points: list[Point]) -> tuple[str, str]:
    """Verdict and sentence: the last quarter of the run against its first, and the firmware's flags meanwhile."""
    quarter = len(points) // 4
    flags = sorted({flag for point in points if point.throttled for flag in flags_now(point.throttled)})
    if flags:
        return "throttled", f"the firmware reported {' and '.join(flags)} during the run{_warmth(points)}"
    if quarter < 2:
        return "unknown", "the run is too short to show whether the board keeps its speed: give it more minutes"
    first, last = points[:quarter], points[-quarter:]
    ratio = compare(np.array([[point.speed for point in first]]), np.array([[point.speed for point in last]]))
    trend = f"the last quarter's speed is {ratio.value:.2f} of the first's ({ratio.low:.2f} to {ratio.high:.2f})"
    clocks = [median(p.clock_mhz for p in part if p.clock_mhz) if _has_clock(part) else 0.0 for part in (first, last)]
    if ratio.verdict == "less" and 0 < clocks[1] < CLOCK_FELL * clocks[0]:
        return "throttled", f"{trend} and the clock fell from {clocks[0]:.0f} to {clocks[1]:.0f} MHz{_warmth(points)}"
    unsaid = "" if any(point.throttled is not None for point in points) else "; throttling flags are unknown here"
    if ratio.verdict == "less":
        return "slowed", f"{trend}{_warmth(points)}, for no known reason{unsaid}"
    if ratio.verdict == "unknown":
        return "unknown", f"{trend}, from too few points for a verdict{_warmth(points)}{unsaid}"
    return "steady", f"{trend}{_warmth(points)}{unsaid}"


def _has_clock(points: list[Point]) -> bool:
    return any(point.clock_mhz for point in points)


def _warmth(points: list[Point]) -> str:
    known = [point.temperature_c for point in points if point.temperature_c is not None]
    return f", from {known[0]:.0f} to {known[-1]:.0f} °C, {max(known):.0f} at most" if known else ""


def as_dict(sustained: Sustained) -> dict[str, Any]:
    """As plain values for the record; the points as columns."""
    columns = {name: [getattr(point, name) for point in sustained.points] for name in Point.__slots__}
    facts = {"backend": sustained.backend, "minutes": round(sustained.minutes, 3)}
    ends = {"interrupted": sustained.interrupted, "verdict": sustained.verdict, "says": sustained.says}
    return {**facts, **ends, "points": columns}
