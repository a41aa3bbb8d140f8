"""The vocabulary: shares of words and of their beginnings, as a plain list of strings would give them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.text.vocabulary import STEPS, Vocabulary

LISTS = st.dictionaries(st.text("abc'", min_size=1, max_size=5), st.integers(0, 255), min_size=1, max_size=30)


def made(steps: dict[str, int]) -> Vocabulary:
    words = sorted(steps)
    return Vocabulary("\n".join(words).encode(), bytes(steps[word] for word in words))


@given(LISTS, st.text("abcABC'", max_size=4))
def test_shares_are_those_of_a_plain_list(steps: dict[str, int], letters: str) -> None:
    """Bisection begins or ends a word too early, or the share of a range is another one's."""
    vocabulary = made(steps)
    shares = {word: math.exp(-step / STEPS) for word, step in steps.items()}
    total = sum(shares.values())
    begun = sum(share for word, share in shares.items() if word.startswith(letters.lower()))
    whole = shares.get(letters.lower(), 0.0)
    assert math.exp(vocabulary.start_score(vocabulary.beginning(letters))) == pytest.approx(begun / total, abs=1e-9)
    assert math.exp(vocabulary.score(letters)) == pytest.approx(whole / total, abs=1e-9)
    fewer = vocabulary.beginning(letters[: len(letters) // 2])
    assert list(vocabulary.beginning(letters, fewer)) == list(vocabulary.beginning(letters))


@given(LISTS)
def test_the_most_common_words_come_first(steps: dict[str, int]) -> None:
    """Texts for training would be drawn from the rarest words."""
    ranked = made(steps).most_common()
    assert sorted(ranked) == sorted(steps)
    assert [steps[word] for word in ranked] == sorted(steps.values())


def test_an_empty_vocabulary_knows_nothing() -> None:
    """The language "none" has one."""
    nothing = Vocabulary(b"", b"")
    assert len(nothing) == 0 and nothing.score("") == nothing.start_score(nothing.beginning("a")) == -math.inf
    assert not nothing.beginning("") and not nothing.beginning("a")


def test_words_without_shares_are_noticed() -> None:
    """A broken file is read as other words."""
    with pytest.raises(ValueError, match="2 words have 3 shares"):
        Vocabulary(b"a\nb", bytes(3))
