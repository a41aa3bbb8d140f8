"""Character errors without the workstation's libraries: the same as with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.bench.accuracy import count_errors, edit_distance, error_rate

texts = st.text("AbC1 .\n", max_size=12)


@pytest.mark.parametrize(("one", "other", "edits"), [
    ("", "", 0), ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("flaw", "lawn", 2), ("ab", "ba", 2),
])  # fmt: skip
def test_known_distances(one: str, other: str, edits: int) -> None:
    """Accuracy would be wrong on every page."""
    assert edit_distance(one, other) == edits


@given(texts, texts, texts)
def test_it_is_a_metric(one: str, other: str, third: str) -> None:
    """Errors would depend on which text is called the truth."""
    there = edit_distance(one, other)
    assert there == edit_distance(other, one) and (there == 0) == (one == other)
    assert there <= edit_distance(one, third) + edit_distance(third, other)
    assert abs(len(one) - len(other)) <= there <= max(len(one), len(other))


@given(texts, texts)
def test_it_counts_as_the_models_cards_do(truth: str, reading: str) -> None:
    """The board's accuracy could not be compared with the card's."""
    metrics = pytest.importorskip("convert.evaluation.metrics", reason="the workstation's metrics need rapidfuzz")
    errors = count_errors(truth, reading)
    if errors.loose_length:
        assert error_rate(errors.loose, errors.loose_length) == metrics.loose_cer([(truth, reading)])
    if errors.strict_length:
        assert error_rate(errors.strict, errors.strict_length) == metrics.strict_cer([(truth, reading)])


def test_a_page_without_writing() -> None:
    """An unwritten page would end in a division by zero."""
    assert error_rate(0, 0) == 0 and error_rate(3, 0) == 1
