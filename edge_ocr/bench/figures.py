"""Statistics of times: medians and percentiles, and whether two differ by more than noise.

Rounds of one process resemble each other more than rounds of two: where its memory lies changes its speed (Mytkowicz
et al., 2009). So every measurement spreads its rounds over several starts, and intervals come from a bootstrap that
draws starts first and then rounds within them (Kalibera and Jones, 2013).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rounds = NDArray[np.float64]
"""(starts, rounds) one time each, in any unit."""

RESAMPLES = 2000
"""Draws of the bootstrap: the ends of its 95 % interval then vary by a few percent of its width."""

COVERAGE = (2.5, 97.5)
"""Percentiles of the draws at the ends of the interval."""

FLOOR = 0.03
"""Least difference of two runs, as a part: three starts see too few memory layouts to confirm less."""

LEAST_ROUNDS = 6
"""Rounds below which an interval means nothing."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A distribution in few numbers."""

    median: float
    p5: float
    p95: float
    max: float
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> "Figures":
        """Of one value or more."""
        known = np.array(list(values), np.float64)
        p5, median, p95 = np.percentile(known, [5, 50, 95]).tolist()
        return cls(round(median, 4), round(p5, 4), round(p95, 4), round(float(known.max()), 4), len(known))


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as large the other figure is, with the interval of the true ratio."""

    value: float
    low: float
    high: float
    verdict: str
    """"more", "less", "noise", or "unknown" if there are too few rounds."""


def compare(base: Rounds, other: Rounds, paired: bool = False) -> Ratio:
    """The ratio of medians `other` / `base` with its 95 % interval.

    Args:
        base, other: each (starts, rounds); all times positive.
        paired: the rounds of both were taken in turns, so that drift hits both alike: both then have the same shape,
            and the ratio is the median of the rounds' ratios.
    """
    rng = np.random.default_rng(0)
    if paired:
        ratios = other / base
        value, draws = float(np.median(ratios)), _medians(ratios, rng)
    else:
        value = float(np.median(other) / np.median(base))
        draws = _medians(other, rng) / _medians(base, rng)
    low, high = np.percentile(draws, COVERAGE).tolist()
    return Ratio(value, low, high, _verdict(value, low, high, min(base.size, other.size)))


def _medians(rounds: Rounds, rng: np.random.Generator) -> NDArray[np.float64]:
    """(RESAMPLES,) medians of rounds, drawn from drawn starts."""
    starts, count = rounds.shape
    which = rng.integers(0, starts, (RESAMPLES, starts, 1))
    drawn = rounds[which, rng.integers(0, count, (RESAMPLES, starts, count))]
    return np.asarray(np.median(drawn.reshape(RESAMPLES, -1), axis=1))


def _verdict(value: float, low: float, high: float, rounds: int) -> str:
    if rounds < LEAST_ROUNDS:
        return "unknown"
    if low <= 1 <= high or max(value, 1 / value) < 1 + FLOOR:
        return "noise"
    return "more" if value > 1 else "less"


def rounds_ms(backend: dict[str, Any], what: str = "page_ms") -> Rounds:
    """(starts, rounds) milliseconds of a page, or of one of its stages, mean over the pages of each round."""
    readings = backend["readings"]
    sums: dict[tuple[int, int], list[float]] = {}
    for start, number, value in zip(readings["start"], readings["round"], readings[what], strict=True):
        sums.setdefault((start, number), []).append(value)
    starts = 1 + max(start for start, _ in sums)
    means = [sum(values) / len(values) for _, values in sorted(sums.items())]
    return np.array(means).reshape(starts, -1)


def middle(values: list[float | None]) -> float | None:
    """The median of the known values of several starts; None if there is none."""
    known = [value for value in values if value is not None]
    return median(known) if known else None
