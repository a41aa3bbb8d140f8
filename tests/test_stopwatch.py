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
