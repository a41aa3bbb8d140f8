"""Statistics of times: differences are reported if there are any, and only then."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_ocr.bench.figures import LEAST_ROUNDS, Figures, compare

times = st.floats(0.1, 1e4, allow_nan=False)


def rounds(seed: int, level: float = 100.0, scatter: float = 0.02, between: float = 0.005) -> np.ndarray:
    """(3, 5) times around a level; starts differ among each other too."""
    rng = np.random.default_rng(seed)
    return level * (1 + between * rng.standard_normal((3, 1)) + scatter * rng.standard_normal((3, 5)))


@given(st.lists(times, min_size=1, max_size=60))
def test_figures_are_in_order_and_among_the_values(values: list[float]) -> None:
    """A table would show a 5 % that is above the median, or a most that never was."""
    figures = Figures.of(values)
    assert min(values) - 1e-3 <= figures.p5 <= figures.median <= figures.p95 <= figures.max
    assert figures.max == pytest.approx(max(values), abs=1e-4) and figures.count == len(values)


def test_equal_runs_are_mostly_noise() -> None:
    """Somebody would look for a slowdown that is none."""
    verdicts = [compare(rounds(seed), rounds(seed + 1000)).verdict for seed in range(100)]
    assert verdicts.count("noise") >= 95


@pytest.mark.parametrize(("factor", "verdict"), [(1.2, "more"), (0.8, "less")])
def test_a_fifth_is_shown(factor: float, verdict: str) -> None:
    """A slowdown of a fifth would pass for noise."""
    found = [compare(rounds(seed), rounds(seed + 1000, 100 * factor)) for seed in range(50)]
    assert [ratio.verdict for ratio in found] == [verdict] * 50
    assert np.mean([ratio.low <= factor <= ratio.high for ratio in found]) >= 0.7


def test_drift_that_hits_both_alike_does_not_hide_a_difference() -> None:
    """Backends that took turns on a board that gets slower cannot be distinguished."""
    drift = np.linspace(1, 2, 15).reshape(3, 5)
    one, other = rounds(1, scatter=0.01) * drift, rounds(2, 108.0, scatter=0.01) * drift
    assert compare(one, other).verdict == "noise" and compare(one, other, paired=True).verdict == "more"


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(0.5, 2), st.floats(1e-3, 1e3))
def test_the_unit_does_not_matter_and_the_interval_holds_the_ratio(seed: int, factor: float, unit: float) -> None:
    """Seconds would give another verdict than milliseconds."""
    one, other = rounds(seed), rounds(seed + 1, 100 * factor)
    ratio, scaled = compare(one, other), compare(one * unit, other * unit)
    assert scaled.verdict == ratio.verdict and scaled.value == pytest.approx(ratio.value)
    assert ratio.low <= ratio.value <= ratio.high


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(0.5, 2))
def test_the_other_way_round_it_is_the_other_way_round(seed: int, factor: float) -> None:
    """A would be faster than B, and B faster than A."""
    one, other = rounds(seed), rounds(seed + 1, 100 * factor)
    there, back = compare(one, other), compare(other, one)
    assert there.value * back.value == pytest.approx(1)
    assert not {there.verdict, back.verdict} <= {"more"} and not {there.verdict, back.verdict} <= {"less"}


@pytest.mark.parametrize("count", range(1, LEAST_ROUNDS))
def test_too_few_rounds_say_nothing(count: int) -> None:
    """One slow reading would be called a slowdown."""
    assert compare(np.full((1, count), 1.0), np.full((3, 5), 9.0)).verdict == "unknown"


def test_the_same_measurements_give_the_same_answer() -> None:
    """A verdict would change from one call to the next."""
    assert compare(rounds(1), rounds(2)) == compare(rounds(1), rounds(2))
