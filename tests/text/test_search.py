"""How texts are judged as they grow: listed words and their beginnings, letters of other words, ends."""

import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.text.language import Language
from edge_ocr.text.search import Search, State, add_logs
from edge_ocr.text.weights import Weights

ENGLISH, NOTHING = Language.load("english"), Language.load("none")
PLAIN = Weights(language=1.0, case=0.0, word=0.0, length=0.0)
"""Scores are log probabilities."""


def judged(text: str, language: Language = ENGLISH, weights: Weights = PLAIN) -> float:
    search = Search(language, weights)
    state, total = search.start, 0.0
    for char in text:
        state, score = search.space(state) if char == " " else search.grow(state, char)
        total += score
    return total + search.finish(state)


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [
        ("the dogs' home", "the dogo' home"),
        ("said 'yes'", "said 'ycs'"),
        ("kettle", "ketfle"),
        ("kettle", "kettl"),
        ("Whitfield", "Whiffield"),
        ("the house", "the hou5e"),
        ("7148", "7l48"),
    ],
)
def test_what_is_written_is_likelier(likely: str, unlikely: str) -> None:
    """The vocabulary does not reach the search, or a beginning of a word passes for one."""
    assert judged(likely) > judged(unlikely) + 1


def test_a_wrong_turn_costs_at_once() -> None:
    """A beam loses the right word before its end shows which one is listed."""
    search = Search(ENGLISH, PLAIN)
    state = search.start
    for char in "neighbou":
        state, _ = search.grow(state, char)
    assert search.grow(state, "r")[1] > -0.5
    assert search.grow(state, "n")[1] < -4


@given(st.text(string.ascii_lowercase, max_size=6))
def test_characters_share_one_probability(word: str) -> None:
    """Scores of texts that end at different letters cannot be compared."""
    search = Search(ENGLISH, PLAIN)
    state = search.start
    for char in word:
        state, _ = search.grow(state, char)
    chars = string.ascii_lowercase + string.digits + "'.,:;!?\"()-+/&@#%*=$[]{}<>_"
    total = sum(math.exp(search.grow(state, char)[1]) for char in chars) + math.exp(search.space(state)[1])
    assert total <= 1.1  # The 4-grams and the ends are rounded.


@given(st.text(string.ascii_letters + string.digits + " .,'-", max_size=12))
def test_none_judges_nothing(text: str) -> None:
    """`--language none` still bends what is read."""
    assert judged(text, NOTHING, Weights(0.5, 0.5, 0.5, 0.5)) == 0


def test_texts_with_the_same_future_are_of_one_kind() -> None:
    """The beam fills with texts that differ in what no longer matters."""
    search = Search(ENGLISH, PLAIN)

    def after(text: str) -> State:
        state = search.start
        for char in text:
            state = search.space(state)[0] if char == " " else search.grow(state, char)[0]
        return state

    assert after("one map").kind == after("two map").kind
    assert after("one map").kind != after("one mop").kind


@given(st.floats(-50, 0), st.floats(-50, 0))
def test_logs_are_added(first: float, second: float) -> None:
    assert math.exp(add_logs(first, second)) == pytest.approx(math.exp(first) + math.exp(second))
    assert add_logs(first, -math.inf) == add_logs(-math.inf, first) == first
