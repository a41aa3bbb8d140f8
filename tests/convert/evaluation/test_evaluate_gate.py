"""The gate in front of a release: what int8 may lose against float, and how a failure is reported."""

import pytest

from convert.evaluation.gates import agreement, character_failures
from convert.evaluation.results import Comparison

OWN = "photographs: digits, own charset"


def row(name: str, *, count: int = 1000, exact: float = 0.95, int8: float = 0.95, same: float = 1.0) -> Comparison:
    return Comparison(name, count, exact, int8, 0.99, 0.99, same, 0.3)


def test_a_good_model_passes() -> None:
    """A model as good as its float original could not be released."""
    assert character_failures([row(OWN), row("EMNIST test, ByMerge's 47 classes", same=0.9)]) == []


def test_disagreement_on_photographs_is_named_with_its_figure() -> None:
    """A model that reads photographs otherwise than the float one would be released."""
    (problem,) = character_failures([row(OWN, same=0.98)])
    assert "own charset" in problem and "98.00%" in problem


def test_agreement_counts_every_photograph_once() -> None:
    """A small class would count as much as a large one."""
    rows = [row(OWN, count=100, same=0.90), row("photographs: capitals, own charset", count=900, same=1.0)]
    assert agreement(rows)["own charset"] == pytest.approx(0.99)


@pytest.mark.parametrize(("int8", "problems"), [(0.948, 0), (0.9479, 1), (0.96, 0)])
def test_lost_accuracy_fails_above_two_tenths_of_a_point(int8: float, problems: int) -> None:
    """Accuracy would be lost unseen, or a loss that is allowed would stop a release."""
    assert len(character_failures([row("UNIPEN 1a, own charset", int8=int8)])) == problems
