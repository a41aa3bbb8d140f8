"""Numbers on command lines: taken as they are meant, or refused with what was expected."""

import argparse
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.arguments import MINUTES, bounded_float, name_of, positive_int, seed_number


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


@pytest.mark.parametrize("text", ["-1", str(2**32), "1.5", ""])
def test_seeds_are_those_that_every_library_takes(text: str) -> None:
    """NumPy or Keras would refuse it with a traceback, minutes later."""
    assert [seed_number(text) for text in ("0", str(2**32 - 1))] == [0, 2**32 - 1]
    with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 4294967295"):
        seed_number(text)


def test_bounds_are_reported() -> None:
    """Whoever gives a wrong number would have to guess what is right."""
    with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 1440"):
        MINUTES("-1")


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_name_is_refused(text: str) -> None:
    """`--save "$UNSET"` would be taken for no --save at all."""
    assert name_of("a folder")("out") == "out"
    with pytest.raises(argparse.ArgumentTypeError, match="the name of a folder"):
        name_of("a folder")(text)
