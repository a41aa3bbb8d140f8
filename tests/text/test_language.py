"""The language model: probabilities that are ones, a table that fits the runtime, and the program that builds it."""

import io
import math
import string
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from convert.data import lexicon
from edge_ocr.errors import EdgeOcrError
from edge_ocr.text import language as module
from edge_ocr.text.language import BROKEN, CASE, SHARES, START, SYMBOL, SYMBOLS, Language, read_tables

HELD_OUT = """Please leave the blue bicycle behind the garden shed
Mrs. Eleanor Whitfield, 42 Chestnut Avenue, Springfield IL 62704
Thomas said he'd bring sandwiches and two bottles of lemonade.
Parking closes at 18:45, Level 3
Dentist on Thursday 9 March, ask about the crown
Order 30718: six hinges, one lock
"""
"""Written for this test; no part of it was looked at when the model was made."""


@pytest.fixture(scope="module")
def english() -> Language:
    return Language.load("english")


@pytest.fixture(scope="module")
def nothing() -> Language:
    return Language.load("none")


def bits_a_character(language: Language, lines: list[str]) -> float:
    bits = count = 0.0
    for line in lines:
        context = language.start
        for char in line:
            bits -= language.row(context)[language.fold(char)] / math.log(2)
            context = language.advance(context, char)
            count += 1
    return bits / count


def unigram_bits(lines: list[str]) -> float:
    """Of the best possible unigram model: the text's own symbol entropy."""
    symbols = [SYMBOL[char] for line in lines for char in line]
    shares = np.bincount(symbols, minlength=SYMBOLS) / len(symbols)
    return float(-sum(share * np.log2(share) for share in shares if share))


def test_unseen_text_is_predicted(english: Language) -> None:
    """The table was built, stored or read wrongly, so that it no longer helps to read."""
    lines = HELD_OUT.splitlines()
    bits = bits_a_character(english, lines)
    assert bits < 2.95
    assert bits < 0.7 * unigram_bits(lines)


@given(context=st.integers(0, SYMBOLS**3 - 1))
def test_rows_are_distributions(english: Language, context: int) -> None:
    """Scores of different lengths of text cannot be compared, since probabilities do not sum to one."""
    assert np.exp(english.row(context)).sum() == pytest.approx(1, abs=0.05)


@given(text=st.text(string.printable.strip() + " é", max_size=12))
def test_score_is_row_and_share(english: Language, text: str) -> None:
    """`row` and `char_score` disagree, or the context holds other than the last three characters."""
    context = english.start
    for char in text:
        context = english.advance(context, char)
    assert context == sum(english.fold(char) << 5 * back for back, char in enumerate(reversed(text[-3:])))
    row = english.row(context)
    assert english.char_score(context, "e") == english.char_score(context, "E") == row[english.fold("e")]
    assert english.char_score(context, "7") == pytest.approx(row[SYMBOL["7"]] - math.log(10))
    stops = [english.char_score(context, char) for char in ".,:;!?"]
    assert np.logaddexp.reduce(stops) == pytest.approx(row[SYMBOL["."]])
    assert english.char_score(context, ".") == pytest.approx(row[SYMBOL["."]] + math.log(SHARES["."]))


def test_nothing_is_impossible(english: Language) -> None:
    """One odd character outweighs everything that the picture shows."""
    assert min(english.char_score(context, "\u2603") for context in range(SYMBOLS**3)) > -21


def test_likely_letters_win(english: Language) -> None:
    """The context is read in the wrong order."""
    context = english.start
    for char in "qu":
        context = english.advance(context, char)
    assert english.char_score(context, "i") > english.char_score(context, "l") + 3
    number = english.advance(english.advance(english.start, "4"), "2")
    assert english.row(number)[SYMBOL["7"]] > english.row(number)[SYMBOL["o"]]


def test_listed_words_are_known_in_any_case(english: Language) -> None:
    """Frequent words are no likelier than rare ones, or strings that are none are listed."""
    vocabulary = english.vocabulary
    the, kettle = vocabulary.score("the"), vocabulary.score("Kettle")
    assert -5 < the < -3 and -14.6 < kettle < the - 4
    assert vocabulary.score("KETTLE") == kettle
    assert vocabulary.score("don't") > -15 and vocabulary.score("whitfield") > -15
    assert {vocabulary.score(word) for word in ("", "zzxq", "th", "the ", "th'", "kettl", "\ud800", "12")} == {
        -math.inf
    }


def test_words_are_sorted_and_clean(english: Language) -> None:
    """Bisection misses words because the stored list is not sorted as bytes are."""
    words = [english.vocabulary[number] for number in range(len(english.vocabulary))]
    assert words == sorted(set(words))
    assert len(words) >= lexicon.LISTED_WORDS
    assert all(english.vocabulary.score(word) > -math.inf for word in words[::97])


def case_score(language: Language, text: str) -> float:
    state, total = START, 0.0
    for char in text:
        state, score = language.next_case(state, char)
        total += score
    return total


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [
        ("street", "strEet"),
        ("street", "streeT"),
        ("STREET", "STREEt"),
        ("Street", "STreet"),
        ("STREET", "sTREET"),
        ("good Day", "gooD day"),
        ("McDonald", "McDoNald"),
        ("BOX", "B0X"),
        ("bill", "bi11"),
        ("it's", "it'S"),
    ],
)
def test_case(english: Language, likely: str, unlikely: str) -> None:
    """Shapes that capitals and small letters share get the case that nobody writes."""
    assert case_score(english, likely) > case_score(english, unlikely)


def test_case_starts_anew(english: Language) -> None:
    """The case of one word leaks into the next."""
    for char in " .-/(é":
        assert english.next_case(english.next_case(START, "a")[0], char) == (START, 0.0)
    for odds in CASE.values():
        assert odds["lower"] + odds["upper"] == pytest.approx(1)


@given(context=st.integers(0, SYMBOLS**3 - 1), state=st.sampled_from(sorted(CASE)), char=st.characters())
def test_none_prefers_nothing(nothing: Language, context: int, state: int, char: str) -> None:
    """`--language none` still bends what is read."""
    assert nothing.char_score(context, char) == 0
    assert nothing.next_case(state, char)[1] == 0
    assert not nothing.row(context).any()
    assert nothing.vocabulary.score(char) == -math.inf and not nothing.vocabulary.beginning(char)


def test_none_keeps_the_same_states(english: Language, nothing: Language) -> None:
    """A search that works with one language breaks with the other."""
    for char in "aZ5' .-\u2603":
        assert english.advance(12345, char) == nothing.advance(12345, char)
        assert [english.next_case(state, char)[0] for state in CASE] == [
            nothing.next_case(state, char)[0] for state in CASE
        ]


def test_unknown_language_is_refused() -> None:
    """A misspelt language is read without one, silently."""
    with pytest.raises(EdgeOcrError, match="choose 'english' or 'none'"):
        Language.load("englsh")


def test_missing_data_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An incomplete installation ends in a traceback."""
    monkeypatch.setattr(module.resources, "files", lambda package: tmp_path)
    with pytest.raises(EdgeOcrError, match="reinstall edge-ocr"):
        Language.load("english")


@pytest.mark.parametrize("kept", [0, 100, 10_000, 500_000])
def test_broken_data_is_noticed(kept: int) -> None:
    """A data file cut short ends in an error that nothing catches."""
    data = lexicon.DATA.read_bytes()
    with pytest.raises(BROKEN):
        read_tables(io.BytesIO(data[:kept]))
    with pytest.raises(BROKEN):
        read_tables(io.BytesIO(data[:kept] + b"\0" * 1000 + data[kept + 1000 :]))


def test_data_is_small() -> None:
    """The repository, the wheel or the memory of the smallest boards fills up."""
    assert lexicon.DATA.stat().st_size <= 700_000
    tracemalloc.start()
    try:
        loaded = Language.load("english")
        assert loaded.name == "english"
        assert tracemalloc.get_traced_memory()[0] <= 6_000_000
    finally:
        tracemalloc.stop()


def small_stream() -> tuple[str, NDArray[np.float64]]:
    frequencies = {"the": 0.05, "cat": 0.01, "sat": 0.002}
    return lexicon.draw_stream(lexicon.token_weights(frequencies, ["zoe"]), size=2000)


def test_stream_has_the_wanted_weights() -> None:
    """Rare words count as much as frequent ones, or numbers and names go missing from the table."""
    tokens = lexicon.token_weights({"the": 0.05, "cat": 0.01}, ["zoe"])
    assert sum(tokens.values()) == pytest.approx(1)
    assert tokens["zoe"] == pytest.approx(lexicon.DICTIONARY_SHARE)
    assert tokens["the"] / tokens["cat"] == pytest.approx(5**lexicon.FREQUENCY_POWER)
    text, weights = small_stream()
    assert len(text) == len(weights)
    firsts = [at for at in range(len(text)) if text.startswith("zoe", at)]
    assert weights[firsts].sum() == pytest.approx(lexicon.DICTIONARY_SHARE)


def test_smoothing_keeps_probabilities() -> None:
    """The stored table sums to more or less than one, or has a zero."""
    smoothed = lexicon.smooth(lexicon.count_4grams(*small_stream()))
    assert smoothed.sum(axis=-1) == pytest.approx(1)
    assert smoothed.min() > 0
    t, h, e = SYMBOL["t"], SYMBOL["h"], SYMBOL["e"]
    assert smoothed[0, t, h].argmax() == e
    assert smoothed[t, h, e].argmax() == 0


def test_written_data_reads_back(tmp_path: Path) -> None:
    """The differences that are stored do not add up to the table, or two runs differ."""
    counts = lexicon.count_4grams(*small_stream())
    words = lexicon.listed_words(
        {"the": 0.05, "a": 0.02, "th": 0.02, "it's": 0.01, "'s": 0.1, "4th": 0.1}, ["zoe", "b"]
    )
    assert list(words) == ["a", "it's", "the", "zoe"]
    assert sum(words.values()) == pytest.approx(1) and words["zoe"] == pytest.approx(lexicon.LISTED_SHARE)
    for name in ("one", "two"):
        lexicon.write_data(tmp_path / name, counts, words, ["a source 1.0"])
    with (tmp_path / "one").open("rb") as file:
        table, vocabulary = read_tables(file)
    assert table == lexicon.quantise(lexicon.smooth(counts)).tobytes()
    assert [vocabulary[number] for number in range(4)] == list(words)
    assert [vocabulary.score(word) for word in words] == pytest.approx(
        [math.log(share) for share in words.values()], abs=0.1
    )
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_missing_source_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Building without wordfreq ends in a traceback."""
    monkeypatch.setitem(sys.modules, "wordfreq", None)
    assert lexicon.main([]) == 1
    assert "pip install wordfreq" in capsys.readouterr().err
