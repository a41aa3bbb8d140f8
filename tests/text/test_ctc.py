"""CTC: the search finds the likeliest text, and keeps to its alphabet and pattern."""

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge_ocr.text.ctc import BLANK, SURE_BLANK, greedy, transcribe
from edge_ocr.text.language import Language
from edge_ocr.text.pattern import Pattern
from edge_ocr.text.search import Search

NONE, ENGLISH = Language.load("none"), Language.load("english")
LETTERS = ("", "a", "b")
LOGITS = arrays(np.float32, st.tuples(st.integers(1, 5), st.just(3)), elements=st.floats(-4, 4, width=32))


def log_softmax(logits: np.ndarray) -> np.ndarray:
    return (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)


def collapse(path: tuple[int, ...], characters: tuple[str, ...] = LETTERS) -> str:
    kept = [number for k, number in enumerate(path) if k == 0 or path[k - 1] != number]
    return "".join(characters[number] for number in kept)


def certain(text: str, characters: tuple[str, ...], frames_each: int = 2, doubt: float = 0.02) -> np.ndarray:
    """Log probabilities of a network that is nearly sure of `text`, a blank after each character."""
    path = [number for char in text for number in [characters.index(char)] * frames_each + [BLANK]]
    rows = np.full((len(path), len(characters)), doubt / (len(characters) - 1))
    rows[np.arange(len(path)), path] = 1 - doubt
    return np.log(rows).astype(np.float32)


@settings(max_examples=60)
@given(LOGITS)
def test_the_search_sums_over_all_alignments(logits: np.ndarray) -> None:
    """The best path's text is taken for the best text, which it often is not."""
    scores = log_softmax(logits)
    sums: dict[str, float] = {}
    for path in product(range(3), repeat=len(scores)):
        text = collapse(path)
        sums[text] = np.logaddexp(sums.get(text, -np.inf), scores[np.arange(len(path)), path].sum())
    found = transcribe(scores, LETTERS, NONE)
    # A frame that is surely blank may be passed over, with what little else it holds.
    passed_over = 1e-3 - 2 * SURE_BLANK * len(scores)
    assert sums[found.text] == pytest.approx(max(sums.values()), abs=passed_over)


ALPHABET = ("", *"abcdefghijklmnopqrstuvwxyz", " ", *"0123456789")


@settings(max_examples=40)
@given(st.text(st.sampled_from("abc 19"), min_size=1, max_size=8))
def test_what_the_network_is_sure_of_is_read(text: str) -> None:
    """A double letter, a space or a digit gets lost between the frames."""
    wanted = " ".join(text.split())
    assert transcribe(certain(text, ALPHABET), ALPHABET, NONE).text == wanted
    assert transcribe(certain(wanted, ALPHABET, doubt=1e-4), ALPHABET, ENGLISH).text == wanted if wanted else True


def test_the_language_decides_where_the_shape_does_not() -> None:
    """An e and a c look alike in the middle of "they"; the language has no say."""
    scores = np.log(np.full((9, len(ALPHABET)), 1e-6))
    for frame, likely in zip(range(0, 9, 2), ("t", "h", "ec", "y", ""), strict=False):
        scores[frame, [ALPHABET.index(char) for char in likely] or [BLANK]] = np.log(0.5)
    scores[1::2, BLANK] = np.log(0.999)
    scores[8, BLANK] = np.log(0.999)
    found = transcribe(log_softmax(scores.astype(np.float32)), ALPHABET, ENGLISH)
    assert found.text == "they"
    plain = transcribe(log_softmax(scores.astype(np.float32)), ALPHABET, NONE)
    assert {"they", "thcy"} <= {plain.text, *dict(plain.others)}


def test_a_pattern_turns_down_what_cannot_match() -> None:
    """The likeliest text is given although it does not match."""
    scores = certain("a1", ALPHABET, doubt=0.2)
    found = transcribe(scores, ALPHABET, NONE, Pattern(r"\d\d", "".join(ALPHABET))).text
    assert len(found) == 2 and found.isdigit() and "1" in found
    assert transcribe(certain("a", ALPHABET), ("", *ALPHABET[1:]), NONE, Pattern("[xy]{4}", "xy")).text == ""


@settings(max_examples=100)
@given(LOGITS, st.sampled_from(["a+", "(ab)*", "b?a", "a*b*", "[ab]", "bb"]))
def test_a_pattern_leaves_the_likeliest_match(logits: np.ndarray, text: str) -> None:
    """Under a pattern a text is given though a likelier one matches, or none though one does."""
    scores = log_softmax(logits)
    sums: dict[str, float] = {}
    for path in product(range(3), repeat=len(scores)):
        read = collapse(path)
        # A frame that is surely blank holds nothing else.
        possible = all(number == BLANK or row[BLANK] < SURE_BLANK for number, row in zip(path, scores, strict=True))
        if possible and re.fullmatch(text, read):
            sums[read] = np.logaddexp(sums.get(read, -np.inf), scores[np.arange(len(path)), path].sum())
    found = transcribe(scores, LETTERS, NONE, Pattern(text, "ab")).text
    if sums:
        assert sums[found] == pytest.approx(max(sums.values()), abs=1e-3 - 2 * SURE_BLANK * len(scores))
    else:
        assert found == ""


def test_a_pattern_reaches_far_beyond_the_likeliest_texts() -> None:
    """A match is dropped early, since many other texts look better at first; or a line is searched without end."""
    scores = certain("the end", ALPHABET, frames_each=1)
    scores[8, ALPHABET.index("1")] = scores[12, ALPHABET.index("2")] = np.log(0.002)
    found = transcribe(log_softmax(scores), ALPHABET, ENGLISH, Pattern(r"[a-z]{3} \d[a-z]\d", "".join(ALPHABET)))
    assert found.text == "the 1n2"
    assert transcribe(scores, ALPHABET, ENGLISH, Pattern(".*", "".join(ALPHABET))).text == "the end"


def test_what_is_nothing_like_the_pattern_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is read at a fraction of its speed, since every line is bent into what it is not."""
    scores = certain("nothing of that kind", ALPHABET, doubt=1e-6)
    monkeypatch.setattr(Search, "grow", None)
    assert transcribe(scores, ALPHABET, ENGLISH, Pattern(r"\d{8} \d{9}", "".join(ALPHABET))).text == ""


def test_nothing_but_blanks_is_no_text() -> None:
    scores = np.log(np.array([[0.98, 0.01, 0.01]] * 6, np.float32))
    assert transcribe(scores, LETTERS, ENGLISH).text == ""


@pytest.mark.parametrize(
    ("classes", "text"), [([1, 1, 0, 1], "aa"), ([0, 1, 2, 2, 0], "ab"), ([0, 0], ""), ([2], "b"), ([], "")]
)
def test_greedy_takes_repeats_and_blanks_out(classes: list[int], text: str) -> None:
    """Error rates of float and int8, and what fine-tuning is judged by, are those of other texts."""
    frames = np.full((len(classes), 3), -9.0, np.float32)
    frames[np.arange(len(classes)), classes] = 0.0
    assert greedy(frames, LETTERS) == text
