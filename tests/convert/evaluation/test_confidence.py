"""How confidence is judged: which characters count as right, and what a floor saves and costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rapidfuzz", reason="the workstation's metrics need rapidfuzz")

from convert.evaluation.confidence import calibration_error, reliability, with_floor
from convert.evaluation.readings import Reading, Sample, right_characters


def reading(text: str, sure: float, right: int) -> Reading:
    count = len(text)
    return Reading(text, "lines", np.zeros((count, 1)), np.arange(count) < right, np.full(count, sure))


def test_characters_are_right_where_they_stand_in_the_truth() -> None:
    """An inserted character shifts all that follow, and a sure reader is called wrong."""
    first, second = right_characters(["helio", "worlds"], "helloworld")
    assert first.tolist() == [True, True, True, False, True]
    assert second.tolist() == [True] * 5 + [False]


def test_chance_agreement_is_no_reading() -> None:
    """`arthur`, read in a line of other words, has three letters that stand there too, and counts as half right."""
    (found,) = right_characters(["arthur"], "RecifeRiversideDublinCairo")
    assert not found.any()


@given(st.lists(st.text("abc", max_size=6), max_size=4), st.text("abc", max_size=12))
def test_each_line_gets_one_verdict_a_character(lines: list[str], truth: str) -> None:
    """Verdicts of one line are given to another."""
    found = right_characters(lines, truth)
    assert [len(own) for own in found] == [len(line) for line in lines]
    assert sum(int(own.sum()) for own in found) <= len(truth)


def test_the_error_is_the_distance_from_the_truth() -> None:
    """A reader that says 0.9 and is right in half of its characters passes for calibrated."""
    honest = [Sample("a", "ab", (reading("ab", 0.5, 1),))]
    boastful = [Sample("a", "ab", (reading("ab", 0.9, 1),))]
    assert calibration_error(honest) == 0 and calibration_error(boastful) == pytest.approx(0.4)
    assert [row.lines for row in reliability(honest + boastful)] == [1, 1]


def test_a_floor_holds_back_lines_and_counts_what_it_costs() -> None:
    """The curve that the default is chosen by says less than was lost, or counts wrong characters as lost."""
    samples = [
        Sample("a", "abcd", (reading("ab", 0.9, 2), reading("cd", 0.2, 1))),
        Sample("b", "", (reading("il", 0.3, 0),)),
    ]
    low, high = with_floor(samples, 0.1), with_floor(samples, 0.5)
    assert (low.given, low.pictures, low.lost) == (6, 2, 0.0)
    assert (high.given, high.pictures, high.lost) == (2, 1, 0.25)
