"""The run that shows heat: what it is called, and that nothing of it is lost."""

from typing import Any

import pytest

from edge_ocr.bench.conditions import Conditions
from edge_ocr.bench.progress import Progress
from edge_ocr.bench.sustained import Point, as_dict, judge, keep_reading


class FakeChild:
    """Reads pages in made-up times: page 1 takes three times as long as page 0; keeps the time that went by."""

    backend = "litert"

    def __init__(self, factor: Any = lambda now: 1.0, stop: float = 1e9) -> None:
        self.now, self.factor, self.stop, self.asked = 0.0, factor, stop, 0

    def ask(self, do: str, page: int) -> dict[str, float]:
        self.asked += 1
        if self.now > self.stop:
            raise KeyboardInterrupt
        seconds = (0.3 if page else 0.1) * self.factor(self.now)
        self.now += seconds
        return {"total_s": seconds}


def run(child: FakeChild, seen: Any = lambda now: Conditions(None, None, None, None, None, None)) -> Any:
    with Progress(1) as progress:
        return keep_reading(child, 2, 2.0, progress, lambda: seen(child.now), lambda: child.now)  # type: ignore[arg-type]


def warm(now: float, clock: float = 1500.0, word: int | None = 0) -> Conditions:
    return Conditions("ondemand", clock, 1500.0, 50 + now / 4, word, 1.0)


def test_a_board_that_keeps_its_speed_is_steady() -> None:
    """Pages of different length would look like a board that changes its speed."""
    result = run(FakeChild(), warm)
    assert result.verdict == "steady" and "80 °C" in result.says
    assert {point.speed for point in result.points} == {1.0} and 100 <= len(result.points) <= 120


def test_a_board_whose_clock_falls_is_throttled() -> None:
    """Heat that halves the speed would pass unseen."""
    result = run(FakeChild(lambda now: 1.0 if now < 60 else 2.0), lambda now: warm(now, 1500.0 if now < 60 else 750.0))
    assert result.verdict == "throttled" and "from 1500 to 750 MHz" in result.says


def test_what_nobody_explains_is_only_slowed() -> None:
    """Another program that started meanwhile would be called heat."""
    result = run(FakeChild(lambda now: 1.0 if now < 60 else 1.5))
    assert result.verdict == "slowed" and "for no known reason; throttling flags are unknown here" in result.says


def test_the_firmwares_word_counts_even_for_a_moment() -> None:
    """Throttling in the middle of the run would be forgotten at its end."""
    result = run(FakeChild(), lambda now: warm(now, word=0x4 if 50 < now < 60 else 0x40000 if now >= 60 else 0))
    assert result.verdict == "throttled" and "throttled" in result.says


def test_flags_from_before_do_not_count() -> None:
    """A board that was hot last week would be called throttled today."""
    assert run(FakeChild(), lambda now: warm(now, word=0xF0000)).verdict == "steady"


def test_ctrl_c_keeps_what_was_measured() -> None:
    """Nine of ten minutes would be lost."""
    result = run(FakeChild(stop=60.0), warm)
    assert result.interrupted and result.minutes == pytest.approx(1.0, abs=0.05) and len(result.points) >= 50
    columns = as_dict(result)["points"]
    assert len(columns["time_s"]) == len(columns["speed"]) == len(result.points)


@pytest.mark.parametrize("count", [0, 1, 3, 7])
def test_short_runs_say_nothing(count: int) -> None:
    """Ten seconds would prove that a board keeps its speed."""
    verdict, says = judge([Point(float(k), 1.0, None, None, None) for k in range(count)])
    assert verdict == "unknown" and "too short" in says
