"""The stopwatch of a reading: no second is lost, and none is counted twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr import stopwatch
from edge_ocr.stopwatch import STAGES, Stopwatch

TREES = st.recursive(st.just([]), lambda inner: st.lists(st.tuples(st.sampled_from(STAGES), inner), max_size=4))


@given(TREES)
def test_stages_within_stages_add_up_to_the_whole(tree: list) -> None:
    """The benchmark's stages would add up to more or less than the reading took."""
    now = [0]

    def tick() -> float:
        now[0] += 1
        return float(now[0])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stopwatch.time, "perf_counter", tick)
        watch = Stopwatch()

        def enter(children: list) -> None:
            for stage, inner in children:
                with watch(stage):
                    enter(inner)

        with watch("decode"):
            enter(tree)
    assert sum(watch.laps.values()) == now[0] - 1
    assert tuple(watch.laps) == STAGES and all(seconds >= 0 for seconds in watch.laps.values())


def test_an_outer_stage_does_not_count_its_inner_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """`decode` would hold the time of the models that it calls."""
    times = iter([0.0, 1.0, 5.0, 6.0])
    monkeypatch.setattr(stopwatch.time, "perf_counter", lambda: next(times))
    watch = Stopwatch()
    with watch("decode"), watch("inference"):
        pass
    assert (watch.laps["decode"], watch.laps["inference"]) == (2.0, 4.0)


def test_a_failing_stage_leaves_the_watch_usable() -> None:
    """After an error within a stage, all later time would be counted to it."""
    watch = Stopwatch()
    with pytest.raises(ValueError), watch("ink"):
        raise ValueError
    before = watch.laps["ink"]
    with watch("layout"):
        pass
    assert watch.laps["ink"] == before and watch.laps["layout"] > 0


def test_the_time_is_over_when_it_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture would be read without end, or given up while there is time left."""
    now = [100.0]
    monkeypatch.setattr(stopwatch.time, "perf_counter", lambda: now[0])
    watch = Stopwatch(10.0)
    now[0] = 150.0  # Waiting before the first stage is not reading.
    with watch("ink"):
        assert not watch.is_over() and not watch.was_over
        now[0] = 155.0
        assert not watch.is_over() and watch.is_over(0.5)
        assert watch.was_over
        now[0] = 160.0
        assert watch.is_over()


def test_without_a_limit_the_time_is_never_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever measures accuracy would get a part of a page, depending on how busy the machine is."""
    now = [0.0]
    monkeypatch.setattr(stopwatch.time, "perf_counter", lambda: now[0])
    watch = Stopwatch()
    with watch("ink"):
        now[0] = 1e9
        assert not watch.is_over(0.5) and not watch.was_over
