"""The search takes what shape, language, case and pattern together make likeliest, in bounded time."""

import math
import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_ocr.layout.segments import Segment
from edge_ocr.text.language import Language
from edge_ocr.text.lattice import Arc, Lattice
from edge_ocr.text.lattice_search import BEAM, Reading, decode
from edge_ocr.text.pattern import Pattern
from edge_ocr.text.search import Search, State

SHAPES = np.zeros((0, 0), np.float32)
"""What the classifier said before it was restricted; the search does not look at it."""

KNOWN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-'"
NONE = Language.load("none")
ENGLISH = Language.load("english")


def segment(first: int, last: int) -> Segment:
    return Segment(first, last, 30 * first, 40, 30 * last + 20, 80, np.zeros((40, 20), np.uint8), 40)


def arc(start: int, end: int, choices: dict[str, float]) -> Arc:
    scored = sorted(((char, math.log(chance)) for char, chance in choices.items()), key=lambda choice: -choice[1])
    return Arc(end, tuple(scored), segment(start, end - 1), 0)


def row(*places: dict[str, float], spaces: dict[int, float] | None = None) -> Lattice:
    """One arc a place; chances of a space before some of the positions."""
    arcs = tuple((arc(k, k + 1, place),) for k, place in enumerate(places))
    return Lattice(arcs, tuple((spaces or {}).get(k, 0.0) for k in range(len(places))), SHAPES)


def sure(text: str) -> Lattice:
    """Every character is certain."""
    return row(*({char: 1.0} for char in text))


def pattern(text: str) -> Pattern:
    return Pattern(text, KNOWN)


def test_without_a_language_the_best_shape_wins() -> None:
    """`--language none` guesses words all the same."""
    lattice = row({"t": 0.9}, {"h": 0.49, "b": 0.51}, {"e": 0.45, "c": 0.55})
    assert decode(lattice, NONE).text == "tbc"


@pytest.mark.parametrize(
    ("places", "text"),
    [
        ([{"t": 0.9}, {"h": 0.45, "b": 0.55}, {"e": 0.45, "c": 0.55}], "the"),
        ([{"h": 1.0}, {"o": 0.5, "0": 0.5}, {"u": 0.4, "v": 0.6}, {"s": 0.4, "5": 0.6}, {"e": 1.0}], "house"),
        ([{"2": 1.0}, {"O": 0.55, "0": 0.45}, {"2": 1.0}, {"4": 1.0}], "2024"),
        ([{"M": 1.0}, {"o": 0.55, "O": 0.45}, {"N": 1.0}, {"D": 1.0}, {"A": 1.0}, {"Y": 1.0}], "MONDAY"),
    ],
)
def test_english_prefers_what_people_write(places: list[dict[str, float]], text: str) -> None:
    """Look-alikes are read as what nobody writes, in spite of the word around them."""
    assert decode(row(*places), ENGLISH).text == text


@pytest.mark.parametrize("text", ["xqzjk", "KX-40917", "aB3", "zzz", "7q7"])
def test_clear_shapes_outvote_the_language(text: str) -> None:
    """Names, codes and passwords are bent into English words."""
    assert decode(row(*({char: 0.998, "e": 0.002} for char in text)), ENGLISH).text == text


def test_the_better_cut_wins() -> None:
    """Joined letters are read as one, or a letter as two, against what the classifier says."""
    halves = (arc(0, 1, {"c": 0.3}), arc(0, 2, {"d": 0.9})), (arc(1, 2, {"l": 0.3}),)
    assert decode(Lattice(halves, (0.0, 0.0), SHAPES), NONE).text == "d"
    whole = (arc(0, 1, {"c": 0.9}), arc(0, 2, {"d": 0.2})), (arc(1, 2, {"l": 0.9}),)
    assert decode(Lattice(whole, (0.0, 0.0), SHAPES), NONE).text == "cl"


def test_a_pattern_prunes() -> None:
    """A field that can only hold digits is read with letters in it."""
    lattice = row({"O": 0.9, "0": 0.1}, {"l": 0.8, "1": 0.2}, {"S": 0.99, "5": 0.01})
    assert decode(lattice, ENGLISH, pattern(r"\d+")).text == "015"
    assert decode(lattice, ENGLISH, pattern(r"[A-Z]\d[A-Z]")).text == "O1S"


def test_a_pattern_decides_about_spaces() -> None:
    """The blank of a postcode is lost, or put where the pattern has none."""
    lattice = row({"A": 1.0}, {"B": 1.0}, {"1": 1.0}, {"2": 1.0}, spaces={2: 0.3})
    assert decode(lattice, NONE, pattern(r"[A-Z]{2} \d\d")).text == "AB 12"
    assert decode(lattice, NONE, pattern(r"[A-Z]{2}\d\d")).text == "AB12"


def test_a_pattern_reaches_beyond_the_likeliest_texts() -> None:
    """The text that matches is dropped early, since many others look better at first."""
    places = [{char: 0.9 / 4 for char in "abcd"} | {"7": 0.1} for _ in range(6)]
    assert decode(row(*places), ENGLISH, pattern("7{6}")).text == "777777"


PATTERNS = st.sampled_from(["[ab]+1?", "a*b*c*1*", "(ab|c1|1)*", "[^a]*", "(a|b)(c|1)+", ".*1.*", "a?.?c?"])


@settings(max_examples=150)
@given(
    st.lists(st.dictionaries(st.sampled_from("abc1"), st.floats(1e-6, 1), min_size=1), min_size=1, max_size=5), PATTERNS
)
def test_no_better_match_is_missed(places: list[dict[str, float]], text: str) -> None:
    """Under a pattern a text is given though a likelier one matches, or none though one does."""
    matching = [chars for chars in product(*places) if re.fullmatch(text, "".join(chars))]
    reading = decode(row(*places), NONE, pattern(text), most_loss=math.inf)
    assert bool(reading.text) is bool(matching)
    if matching:
        chances = [math.prod(p[c] for p, c in zip(places, chars, strict=True)) for chars in matching]
        assert math.prod(p[c] for p, c in zip(places, reading.text, strict=True)) == pytest.approx(max(chances))


@pytest.mark.parametrize("text", [r"\d\d\d", r"[a-z]", "x+"])
def test_nothing_matching_is_an_empty_reading(text: str) -> None:
    """A text that the pattern forbids is handed out, or the reader stops."""
    reading = decode(sure("ab"), ENGLISH, pattern(text))
    assert reading == Reading((), -math.inf) and reading.text == ""


def test_a_lattice_without_a_way_through_is_an_empty_reading() -> None:
    """A line whose last piece may be nothing stops the reader."""
    assert decode(Lattice(((arc(0, 1, {"a": 1.0}),), ()), (0.0, 0.0), SHAPES), NONE).text == ""
    assert decode(Lattice((), (), SHAPES), NONE).text == ""


@pytest.mark.parametrize(("chance", "text"), [(0.0, "ab"), (0.1, "ab"), (0.9, "a b"), (1.0, "a b")])
def test_air_decides_about_spaces(chance: float, text: str) -> None:
    """Words run together, or fall apart."""
    assert decode(row({"a": 1.0}, {"b": 1.0}, spaces={1: chance}), NONE).text == text


def test_the_language_decides_where_air_does_not() -> None:
    """A gap of middling width parts a word in two."""
    together = row(*({char: 1.0} for char in "monday"), spaces={3: 0.5})
    apart = row(*({char: 1.0} for char in "onthe"), spaces={2: 0.5})
    assert decode(together, ENGLISH).text == "monday"
    assert decode(apart, ENGLISH).text == "on the"


@settings(max_examples=60)
@given(st.text(KNOWN, min_size=1, max_size=12), st.integers(1, 11))
def test_certain_characters_are_read_as_they_are(text: str, at: int) -> None:
    """Some text can't be read at all; or steps are not in the order of the line."""
    spaces = {at: 1.0} if at < len(text) else {}
    reading = decode(row(*({char: 1.0} for char in text), spaces=spaces), ENGLISH)
    assert reading.text == (text[:at] + " " + text[at:] if spaces else text)
    lefts = [step.arc.segment.left for step in reading.steps if step.arc]
    assert lefts == sorted(lefts)


@settings(max_examples=60)
@given(st.lists(st.dictionaries(st.sampled_from("abc1"), st.floats(0.05, 1), min_size=1), min_size=1, max_size=5))
def test_without_a_language_no_better_text_is_missed(places: list[dict[str, float]]) -> None:
    """The beam drops the best text."""
    best = max(product(*places), key=lambda chars: math.prod(p[c] for p, c in zip(places, chars, strict=True)))
    wanted = math.prod(place[char] for place, char in zip(places, best, strict=True))
    reading = decode(row(*places), NONE)
    found = math.prod(place[char] for place, char in zip(places, reading.text, strict=True))
    assert found == pytest.approx(wanted)


@pytest.mark.slow
def test_work_grows_with_the_line_and_no_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long, smudged line keeps a Raspberry Pi busy for minutes."""
    rng = np.random.default_rng(0)
    steps = 0
    grow = Search.grow

    def counted(self: Search, state: State, char: str) -> tuple[State, float]:
        nonlocal steps
        steps += 1
        return grow(self, state, char)

    monkeypatch.setattr(Search, "grow", counted)

    def smudge(length: int) -> Lattice:
        arcs = []
        for start in range(length):
            ends = range(start + 1, min(start + 5, length) + 1)
            arcs.append(tuple(arc(start, end, dict.fromkeys(rng.permutation(list(KNOWN))[:8], 0.12)) for end in ends))
        return Lattice(tuple(arcs), (0.5,) * length, SHAPES)

    def steps_of(length: int, only: str | None = None) -> int:
        nonlocal steps
        steps = 0
        assert decode(smudge(length), ENGLISH, pattern(only) if only else None).text
        return steps

    assert steps_of(100) < 6 * steps_of(25) < 6 * 25 * 5 * 8 * 2 * BEAM
    for only in (".*", "(?:[a-zA-Z ]{1,30}){1,30}", "([a-z]|[A-Z]|.[.,'-]|.)*"):
        assert steps_of(100, only) < 100 * 5 * 8 * 2 * BEAM
