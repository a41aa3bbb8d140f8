"""What is measured of the films of cases: how soon a note is given out and reported gone, and what is invented."""

import pytest

pytest.importorskip("rapidfuzz", reason="the convert extra is not installed")

from convert.comparison.case_films import FILMS, RATE, CaseFilm, Outcome, case_table, figures_of, judge

FILM = CaseFilm("in-and-out", ("GATE 47",), shown=30, gone=90)


def test_a_film_that_is_read_rightly() -> None:
    outcome = judge(FILM, [(36, "GATE 47"), (96, "")])
    assert outcome == Outcome("in-and-out", 6 / RATE, 6 / RATE, True, 0)
    assert judge(FILM, [(33, "GATE 4T"), (88, "")]).once, "one misread character is still the note"


@pytest.mark.parametrize(("given", "false"), [
    ([], 0), ([(36, "GATE 47")], 0), ([(36, "GATE 47"), (40, "GATE 4T"), (96, "")], 0),
    ([(10, "ILLI"), (36, "GATE 47"), (96, "")], 1), ([(36, "GATE 47"), (60, ""), (96, "")], 0),
])  # fmt: skip
def test_what_is_missing_or_given_twice_is_not_once(given: list[tuple[int, str]], false: int) -> None:
    """A loop that says nothing, or everything, has good figures."""
    outcome = judge(FILM, given)
    assert not outcome.once and outcome.false == false


def test_the_figures_are_of_their_films() -> None:
    """A text that never came shortens the median, or an invention on an empty desk counts nowhere."""
    outcomes = [
        judge(film, [(film.shown + 3, film.texts[0]), *([(film.gone + 6, "")] if film.gone else [])])
        if film.texts
        else judge(film, [(5, "LAMP")])
        for film in FILMS
    ]
    figures = figures_of(outcomes)
    assert figures == {"out_s": 0.2, "gone_s": 0.4, "films": 6, "films_once": 6, "false_on_empty_desks": 2}
    assert "6 of 6" in case_table(figures)
    never = figures_of([judge(film, []) for film in FILMS])
    assert never["out_s"] == never["gone_s"] == float("inf") and never["films_once"] == 0
