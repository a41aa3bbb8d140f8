"""How far a tuned model may go: never to where everybody else is read worse than allowed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from convert.finetuning.interpolation import FACTORS, Point, between, choose

RATES = st.floats(0, 1)
POINTS = st.lists(st.tuples(RATES, RATES, RATES), min_size=len(FACTORS), max_size=len(FACTORS)).map(
    lambda rows: [Point(factor, *row) for factor, row in zip(FACTORS, rows, strict=True)]
)


@given(POINTS, st.floats(0, 0.1))
def test_general_writing_never_loses_more_than_allowed(points: list[Point], limit: float) -> None:
    """The tuned model reads its writer and nobody else."""
    chosen = choose(points, limit)
    assert chosen in points and chosen.general - points[0].general <= limit + 1e-8


@given(POINTS, st.floats(0, 0.1), st.floats(0, 0.1))
def test_the_own_hand_is_never_read_worse_than_by_chance(points: list[Point], limit: float, chance: float) -> None:
    """A point is chosen that is worse than not to tune at all."""
    chosen = choose(points, limit, chance)
    assert chosen.own <= points[0].own + chance + 1e-8 and chosen.own_loss <= points[0].own_loss


def test_the_best_allowed_point_is_taken() -> None:
    rows = [(0.0, 0.4, 2.0, 0.1), (0.5, 0.3, 1.5, 0.102), (0.8, 0.3, 1.2, 0.103), (0.9, 0.41, 1.0, 0.1)]
    rows.append((1.0, 0.1, 1.0, 0.11))
    points = [Point(*row) for row in rows]
    assert [choose(points, limit).factor for limit in (0.0, 0.0025, 0.004, 0.02)] == [0.0, 0.5, 0.8, 1.0]


def test_weights_lie_on_the_line_between() -> None:
    before, after = [np.zeros(3), np.ones((2, 2))], [np.ones(3), np.full((2, 2), 3.0)]
    middle = between(before, after, 0.5)
    assert np.array_equal(middle[0], np.full(3, 0.5)) and np.array_equal(middle[1], np.full((2, 2), 2.0))
    assert all(np.array_equal(one, other) for one, other in zip(between(before, after, 0.0), before, strict=True))
