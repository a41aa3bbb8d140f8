"""Numbers on command lines: taken as they are meant, or refused with what was expected."""

import argparse
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.arguments import bounded_float, positive_int


@given(st.floats(0.5, 30))
def test_numbers_within_the_bounds_are_taken(value: float) -> None:
    assert bounded_float("a few", 0.5, 30)(repr(value)) == value


@pytest.mark.parametrize("text", ["0.4", "31", "nan", "inf", "-inf", "", "x", "1,5", "1e999"])
def test_other_numbers_are_refused_with_what_was_expected(text: str) -> None:
    """An endless or impossible run begins."""
    for parse in (bounded_float("a few, as 3", 0.5, 30), bounded_float("a few, as 3", 50.0)):
        with pytest.raises(argparse.ArgumentTypeError, match="expected a few, as 3"):
            parse(text)


@given(st.integers(-3, 999_999))
def test_counts_are_whole_and_above_zero(value: int) -> None:
    if value > 0:
        assert positive_int(str(value)) == value
    else:
        with pytest.raises(argparse.ArgumentTypeError, match="whole number from 1"):
            positive_int(str(value))


@pytest.mark.parametrize("text", ["", "1.0", "²", "ten", str(10**30), str(math.inf)])
def test_what_is_no_count_is_refused(text: str) -> None:
    """A superscript is a digit for Python, and no number."""
    with pytest.raises(argparse.ArgumentTypeError):
        positive_int(text)
