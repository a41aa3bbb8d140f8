"""Which words follow which: pairs are looked up in a mapped table, and decide between words that look alike."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.data.word_pairs import count_pairs, pair_scores
from edge_ocr.text.language import Language
from edge_ocr.text.neighbours import ANY, LEAST, NONE, STEPS, UNKNOWN, Neighbours, packed
from edge_ocr.text.weights import LINE_WEIGHTS
from tests.text.test_search import judged


@given(st.dictionaries(st.tuples(st.integers(0, 200_000), st.integers(0, ANY)), st.floats(LEAST, 11.9), max_size=40))
def test_each_pair_is_found_again(pairs: dict[tuple[int, int], float]) -> None:
    """A word is scored by another one's neighbour, or a pair gets lost."""
    table = Neighbours(packed(pairs))
    for (before, after), score in pairs.items():
        assert table.score(before, after) == pytest.approx(score, abs=0.51 / STEPS)


def test_words_without_a_pair_share_what_is_left() -> None:
    """An unseen pair is as likely as a seen one, or text before which nothing is known is punished."""
    table = Neighbours(packed({(3, ANY): -2.0, (3, 7): 4.0}))
    assert table.score(3, 7) == 4.0 and table.score(3, 8) == -2.0
    assert table.score(4, 7) == table.score(NONE, 7) == UNKNOWN.score(3, 7) == 0.0


def test_counts_become_probabilities() -> None:
    """The scores of a word's neighbours do not add up to a probability of one."""
    text = "the cat sat. the cat ran. the dog sat; a dog ran the cat ran a dog sat the dog ran"
    counts = count_pairs([text], None)
    numbers = {word: number for number, word in enumerate(["a", "cat", "dog", "ran", "sat", "the"])}
    scores = pair_scores(counts, numbers)
    after = {
        word: sum(count for pair, count in counts.items() if pair[0] in numbers and pair[1] == word) for word in numbers
    }
    total = sum(after.values())
    share = {word: count / total for word, count in after.items()}
    the = numbers["the"]
    kept = sum(share[word] * np.exp(scores.get((the, n), scores[the, ANY])) for word, n in numbers.items())
    assert kept == pytest.approx(1.0, abs=0.05)
    assert scores[the, numbers["cat"]] > 0 > scores[the, ANY]


def score(text: str, language: Language) -> float:
    return judged(text, language, LINE_WEIGHTS)


def test_the_word_before_decides_between_words_that_look_alike() -> None:
    """ "going tourite" is as good as "going to write": each word is read as if it stood alone."""
    known, alone = Language.load(), Language.load()
    alone.neighbours = UNKNOWN
    for right, wrong in (
        ("of course", "of coarse"),
        ("United States", "United Slates"),
        ("I have been", "I have bean"),
    ):
        with_pairs, without = (score(right, lang) - score(wrong, lang) for lang in (known, alone))
        assert with_pairs > without


def test_signs_and_unknown_words_break_a_pair() -> None:
    """A word after a full stop, a name or a number is judged by what stood before that."""
    known, alone = Language.load(), Language.load()
    alone.neighbours = UNKNOWN
    for text in ("united. states", "united 7 states", "xqzt states", "states"):
        assert score(text, known) == pytest.approx(score(text, alone))


def test_a_table_goes_to_another_process() -> None:
    """A reader cannot be handed to a worker."""
    table = Neighbours(packed({(3, 7): 4.0}))
    assert pickle.loads(pickle.dumps(table)).score(3, 7) == 4.0
    assert len(Language.load().neighbours) > 100_000
