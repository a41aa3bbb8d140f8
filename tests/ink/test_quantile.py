"""Weighted quantiles: by them a usual letter's height, a line's slope and a clear pen are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.ink.quantile import weighted_quantile


@pytest.mark.parametrize(("part", "value"), [(0.5, 3.0), (0.2, 1.0), (0.9, 9.0)])
def test_half_of_the_weight_lies_up_to_the_median(part: float, value: float) -> None:
    assert weighted_quantile([9, 1, 3], [1, 1, 2], part) == value


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(1, 5)), min_size=1))
def test_weights_count_like_repetitions(pairs: list[tuple[int, int]]) -> None:
    """Fails when a heavy value counts as one."""
    values, weights = np.array(pairs).T
    repeated = np.sort(np.repeat(values, weights))
    assert weighted_quantile(values, weights) == repeated[(len(repeated) - 1) // 2]
