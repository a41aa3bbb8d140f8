"""Prospects: a search under a pattern is promised what the best match scores, and nothing where none is left."""

import math
import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge_ocr.text.automaton import START
from edge_ocr.text.pattern import Pattern
from edge_ocr.text.prospects import look_along_frames, look_along_lattice
from tests.text.test_lattice_search import row

CHARACTERS = ("", "a", "b", "c")
PATTERNS = st.sampled_from(["a+b", "(ab|c)*", "[^a]+", "a?b?c?", "c.", "(a|bc)*c"])


@settings(max_examples=150)
@given(arrays(np.float32, st.tuples(st.integers(1, 5), st.just(4)), elements=st.floats(-9, 0, width=32)), PATTERNS)
def test_frames_promise_the_best_path(scores: np.ndarray, text: str) -> None:
    """A match is dropped since its promise is too low; or a hopeless line is searched at length."""
    found = look_along_frames(scores, 0, CHARACTERS, Pattern(text, "abc"))
    # A repeated character without a blank between counts once, or, as the promise has it, twice.
    best = -math.inf
    for path in product(range(4), repeat=len(scores)):
        readings = {""}
        for at, number in enumerate(path):
            char = CHARACTERS[number]
            again = at > 0 and number == path[at - 1]
            readings = {read + char for read in readings} | (readings if again else set())
        if any(re.fullmatch(text, read) for read in readings):
            best = max(best, float(scores[np.arange(len(path)), path].sum()))
    assert found.whole >= best - 1e-4
    assert found.whole == pytest.approx(best, abs=1e-4)


@settings(max_examples=150)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.floats(1e-6, 1), min_size=1), min_size=1, max_size=5),
       PATTERNS)  # fmt: skip
def test_a_lattice_promises_the_best_text(places: list[dict[str, float]], text: str) -> None:
    """The same, where characters were cut."""
    found = look_along_lattice(row(*places), Pattern(text, "abc"))
    chances = [
        math.prod(place[char] for place, char in zip(places, chars, strict=True))
        for chars in product(*places)
        if re.fullmatch(text, "".join(chars))
    ]
    assert math.exp(found.whole) == pytest.approx(max(chances, default=0.0), rel=1e-4)


def test_the_promise_is_by_state() -> None:
    """All beginnings are promised the same, so that the search keeps those that lead nowhere."""
    pattern = Pattern("ab|cd", "abcd")
    lattice = row({"a": 0.5, "c": 0.5}, {"b": 0.9, "d": 0.1})
    found = look_along_lattice(lattice, pattern)
    first, second = pattern.step(START, "a"), pattern.step(START, "c")
    assert first and second
    assert math.exp(found.of(1, first)) == pytest.approx(0.9, rel=1e-4)
    assert math.exp(found.of(1, second)) == pytest.approx(0.1, rel=1e-4)
    assert math.exp(found.of(1, first | second)) == pytest.approx(0.9, rel=1e-4)
    assert found.of(2, START) == -math.inf
