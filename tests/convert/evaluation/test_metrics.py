"""The error rates that every figure of the project is stated in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.evaluation.metrics import FOLDS, fold, loose_cer, loose_text, strict_cer, strict_text

TEXT = st.text(alphabet="aAbO0 \n.", max_size=12)


def edits(truth: str, reading: str) -> int:
    """Levenshtein distance by its definition, to check the library's against."""
    if not truth or not reading:
        return len(truth) + len(reading)
    replaced = edits(truth[1:], reading[1:]) + (truth[0] != reading[0])
    return min(replaced, edits(truth[1:], reading) + 1, edits(truth, reading[1:]) + 1)


@given(TEXT)
def test_a_perfect_reading_has_no_errors(text: str) -> None:
    """Fails when normalising treats truth and reading differently."""
    assert strict_cer([(text, text)]) == loose_cer([(text, text)]) == 0


@given(st.text("ab", min_size=1, max_size=5), st.text("ab", max_size=5))
def test_errors_are_edits_over_length(truth: str, reading: str) -> None:
    """Fails when the rate is divided by anything but the truth's length, or costs are not 1 each."""
    assert strict_cer([(truth, reading)]) == pytest.approx(edits(truth, reading) / len(truth))


def test_pages_are_weighed_by_their_length() -> None:
    """Fails when pages' rates are averaged: a short page would count as much as a long one."""
    assert strict_cer([("a", "b"), ("abcdefghi", "abcdefghi")]) == pytest.approx(0.1)


def test_strict_counts_case_and_punctuation_but_not_the_kind_of_space() -> None:
    """Fails when a line break is an error against a space, or a wrong case is none."""
    assert strict_cer([("to be\n or", "to  be or")]) == 0
    assert strict_cer([("Ab.", "ab")]) == pytest.approx(2 / 3)
    assert strict_text(" a\t\n b ") == "a b"


def test_loose_counts_letters_and_digits_alone() -> None:
    """Fails when spaces, punctuation or case reach the loose rate, or when a letter does not."""
    assert loose_text("It's 7:30,\nOK_?") == "its730ok"
    assert loose_cer([("It's 7:30", "ITS 730.")]) == 0
    assert loose_cer([("AB 12", "AB 13")]) == pytest.approx(0.25)


def test_without_truth_anything_read_is_infinitely_wrong() -> None:
    """Fails when junk read on an unwritten page goes unnoticed, or divides by zero."""
    assert strict_cer([]) == 0
    assert strict_cer([("", "")]) == 0
    assert strict_cer([("", "x")]) == float("inf")


def test_look_alikes_fold_to_one_class() -> None:
    """A pair that nobody can distinguish counts as an error, or one that people can does not."""
    for group in ("0oO", "1iIlL", "2zZ", "5sS"):
        assert len({fold(char) for char in group}) == 1, group
    assert len({fold(char) for char in "0123456789"}) == 10
    assert [fold(char) for char in "ISO"] == [fold(char) for char in "150"] and fold("8") != fold("B")


@given(st.characters(codec="ascii"))
def test_folding_twice_changes_nothing(char: str) -> None:
    """Fails when a fold leads to a character that folds again: equality would depend on the order."""
    assert fold(fold(char)) == fold(char)
    assert all(digit not in FOLDS for digit in FOLDS.values())
