"""The place of a box distinguishes lookalikes: o from O, a comma from an apostrophe."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.text.geometry import WORST, place, place_score, unknown_x_height

KNOWN = string.digits + string.ascii_letters + ".,:;!?'\"()-+/&@#%*=$_[]<>{}"


def likelier(first: str, other: str, top: float, bottom: float, x_height: float = 0.6) -> bool:
    return place_score(first, top, bottom, x_height) > place_score(other, top, bottom, x_height) + 0.3


@pytest.mark.parametrize("pair", ["Oo", "Ss", "Cc", "Xx", "Zz", "Vv", "Ww", "Uu", "0o"])
def test_height_shows_the_case(pair: str) -> None:
    """Letters of one shape are read in the wrong case."""
    assert likelier(pair[0], pair[1], 1.0, 0.0)
    assert likelier(pair[1], pair[0], 0.6, 0.0)


@pytest.mark.parametrize(
    ("is_this", "not_that", "top", "bottom"),
    [
        (",", "'", 0.15, -0.15),
        ("'", ",", 1.05, 0.7),
        (".", "-", 0.12, 0.0),
        ("-", "_", 0.45, 0.38),
        ("_", "-", -0.05, -0.12),
        ("p", "P", 0.6, -0.4),
        ("P", "p", 1.0, 0.0),
        ("g", "9", 0.6, -0.4),
        ("9", "g", 1.0, 0.0),
    ],
)
def test_place_distinguishes_signs(is_this: str, not_that: str, top: float, bottom: float) -> None:
    """Signs of one shape are taken for each other."""
    assert likelier(is_this, not_that, top, bottom)


@given(st.sampled_from(KNOWN), st.floats(-3, 4), st.floats(-3, 4), st.floats(0.3, 1))
def test_a_place_is_never_worth_more_than_its_bounds(char: str, top: float, bottom: float, x_height: float) -> None:
    """One misplaced box outvotes the whole line, or a well placed one earns more than nothing."""
    assert WORST <= place_score(char, top, bottom, x_height) <= 0


@given(st.characters(exclude_categories=("Cs", "Cc")), st.floats(-3, 4), st.floats(-3, 4))
def test_letters_of_any_script_have_a_place(char: str, top: float, bottom: float) -> None:
    """A model whose labels are é, Ж or 字 ends in a traceback at its first line."""
    assert WORST <= place_score(char, top, bottom, 0.6) <= 0


@pytest.mark.parametrize(("accented", "plain", "top", "bottom"), [("é", "e", 0.9, 0.0), ("ç", "c", 0.6, -0.3)])
def test_an_accent_goes_on_its_letter(accented: str, plain: str, top: float, bottom: float) -> None:
    """Accented letters lose to plain ones in their own place."""
    assert likelier(accented, plain, top, bottom)
    assert likelier(plain, accented, 0.6, 0.0)


@given(st.sampled_from(KNOWN), st.integers(30, 100))
def test_the_expected_place_is_the_best(char: str, percent: int) -> None:
    """Characters are expected elsewhere than their scores peak."""
    top, bottom = place(char, percent / 100)
    assert top > bottom
    assert place_score(char, top, bottom, percent / 100) == pytest.approx(0, abs=1e-9)


def test_lines_of_one_height_do_not_show_the_case() -> None:
    """A note in capitals, or one in small letters only, is judged as if both stood there."""
    assert unknown_x_height(1.0) and unknown_x_height(0.97)
    assert not unknown_x_height(0.7)
