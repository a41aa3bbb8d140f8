"""`evaluate patterns`: its pages hold what they say, and its goals are judged as they are stated."""

import re

import numpy as np
import pytest

from convert.data.arrays import DataNotFound, data_folder
from convert.evaluation import patterns
from convert.evaluation.evaluate import main
from convert.evaluation.pattern_pages import KINDS, _filled, _others, made_pages
from convert.evaluation.patterns import Cost, Found, described, failures, share

FOUND = [
    Found("plates", False, 100, 98, 1, 0),
    Found("dates", False, 100, 97, 2, 1),
    Found("plates", True, 50, 40, 9, 1),
]


def test_answers_match_their_patterns_and_nothing_else_does() -> None:
    """A right answer is counted as wrong, since the page holds two, or none."""
    rng = np.random.default_rng(3)
    for kind in KINDS:
        assert all(re.fullmatch(kind.pattern, _filled(kind.form, rng)) for _ in range(50))
        assert not any(re.search(kind.pattern, line) for _ in range(20) for line in _others(kind, rng))
        assert not any(re.search(kind.pattern, lead) for lead in kind.leads)


@pytest.mark.slow
def test_a_page_does_not_depend_on_how_many_there_are() -> None:
    """A quick look measures other pages than the whole measurement."""
    try:
        fonts = data_folder() / "fonts"
    except DataNotFound:
        pytest.skip("the handwriting fonts are not here")
    if not fonts.is_dir():
        pytest.skip("the handwriting fonts are not here")
    few, more = (list(made_pages(count, inside=True, fonts=fonts, seed=1)) for count in (1, 2))
    assert few[0].answer == more[0].answer and np.array_equal(few[0].frame.image, more[0].frame.image)
    assert more[0].kind is not more[1].kind


def test_missed_goals_are_named() -> None:
    """A pattern invents texts, or takes a minute a page, and the measurement passes."""
    assert share(FOUND, False) == 0.975 and share(FOUND, True) == 0.8
    problems = failures(FOUND, {"a": 0, "b": 2}, [Cost("x.jpg", "a", 1.2), Cost("y.jpg", "b", 3.5)])
    assert len(problems) == 3
    assert "--pattern-in: 80.0%" in problems[0] and "b invents 2" in problems[1] and "y.jpg takes 3.5" in problems[2]
    fine = [*FOUND[:2], Found("plates", True, 50, 50, 0, 0)]
    assert failures(fine, {"a": 0}, [Cost("x.jpg", "a", 1.2)]) == []


def test_all_of_it_is_in_the_document() -> None:
    """A figure is measured and shown nowhere."""
    text = described(FOUND, {"b": 2}, [Cost("x.jpg", "a", 1.25), Cost("y.jpg", "b", 3.5), Cost("y.jpg", "a", 2.0)])
    for figure in ("97.50 %", "80.00 %", "2 texts", "2.00 times", "3.50, y.jpg"):
        assert figure in text


def test_the_command_is_reached(capsys: pytest.CaptureFixture[str]) -> None:
    """`evaluate patterns` evaluates characters instead."""
    with pytest.raises(SystemExit):
        main(["patterns", "--help"])
    assert "evaluate patterns" in capsys.readouterr().out and patterns.PAGES == 200
