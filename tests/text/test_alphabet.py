"""Charsets and patterns: what is let through, what is refused, and with which words."""

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.errors import BadCharset, BadPattern
from edge_ocr.text.alphabet import Alphabet, Pattern, parse_charset

KNOWN = string.digits + string.ascii_letters + ".,:;!?'\"()-+/&@#%*=$_[]<>{}"
POSTCODE = r"[A-Z]{2} \d{5}"


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("0-9", string.digits),
        ("0-9A-Z", string.digits + string.ascii_uppercase),
        ("abz", "abz"),
        ("a-fx", "abcdefx"),
        ("-0-9", "-" + string.digits),
        ("0-9-", "-" + string.digits),
        (r"a\-f", "a-f"),
        (r"+\--/", "+-./"),
        ("c-c", "c"),
        ("é0-9ü ", string.digits),
        ("\0-\U0010ffff", KNOWN),
    ],
)
def test_charset_names_characters(spec: str, names: str) -> None:
    """A user's charset admits other characters than it says."""
    assert parse_charset(spec, KNOWN) == frozenset(names)


@pytest.mark.parametrize("spec", ["Z-A", "9-0", "", "é", " ", "à-ü", "a-f-z", "0-9\\"])
def test_bad_charset_is_refused(spec: str) -> None:
    """A charset that is malformed, or leaves nothing, makes empty readings instead of a message."""
    with pytest.raises(BadCharset) as caught:
        parse_charset(spec, KNOWN)
    assert "\n" not in str(caught.value)


@given(st.sets(st.sampled_from(KNOWN), min_size=1))
def test_escaped_characters_name_themselves(chars: set[str]) -> None:
    """A program that escapes each character cannot build the charset it wants."""
    assert parse_charset("".join(f"\\{char}" for char in sorted(chars)), KNOWN) == chars


@pytest.mark.parametrize(
    ("prefix", "allowed"),
    [
        ("", True),
        ("A", True),
        ("AB ", True),
        ("AB 1234", True),
        ("AB 12345", True),
        ("a", False),
        ("AB1", False),
        ("ABC", False),
        ("AB 123456", False),
    ],
)
def test_pattern_prunes_prefixes(prefix: str, allowed: bool) -> None:
    """The beam search keeps texts that can no longer match, or drops ones that can."""
    pattern = Pattern(POSTCODE, KNOWN)
    assert pattern.allows(prefix) is allowed
    assert pattern.allows(prefix) is allowed, "the remembered answer differs"


def test_pattern_matches_complete_texts_only() -> None:
    """A text that stops halfway, or goes on behind, passes for a match."""
    pattern = Pattern(POSTCODE, KNOWN)
    assert pattern.matches("AB 12345")
    assert not pattern.matches("AB 1234")
    assert not pattern.matches("AB 123456")


@given(letters=st.text(string.ascii_uppercase, min_size=2, max_size=2), number=st.integers(10_000, 99_999))
def test_every_beginning_of_a_match_is_allowed(letters: str, number: int) -> None:
    """The search loses a text that matches because one of its beginnings was pruned."""
    pattern = Pattern(POSTCODE, KNOWN)
    text = f"{letters} {number}"
    assert all(pattern.allows(text[:length]) for length in range(len(text) + 1))
    assert pattern.matches(text)


@pytest.mark.parametrize("text", ["(", "*a", "[z-a]", "(?P<x>a", "a{99999999999999}", "\\"])
def test_no_regular_expression_is_refused(text: str) -> None:
    """A typing mistake in a pattern ends in a traceback."""
    with pytest.raises(BadPattern, match="is not a regular expression") as caught:
        Pattern(text, KNOWN)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "(?!)",
        "é+",
        r"[^\x20-\x7e]",
        r"[A-Z]{2}\d{5}é",
        "[a-z]+é",
        ".+é",
        "(?:a|b){30}é",
        r"(\w+\s?)+\$é",
        r"abc\bd",
        "",
        " +",
        "é*",
        r"\p{Lu}{3}é",
        r"(?:x|y[0-9](?:é|\u00fc))ß",
        "(?<=a)b",
    ],
)
def test_pattern_that_nothing_matches_is_refused(text: str) -> None:
    """The user waits for readings that can never come, and gets empty pages."""
    with pytest.raises(BadPattern, match="No text was found that matches"):
        Pattern(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        POSTCODE,
        r"\w+@\w+\.com",
        ".{65}",
        "(?i)é|HELLO",
        r"\p{Lu}{3}-\d+",
        r"(.)\1é|(.)(?!\2).x",
        "(a+)+b",
        ".*",
        r"\x41{3}",
        "[[:upper:]]{2}",
        r"\d{4}-\d{2}-\d{2}",
        r"(?:é|ab)?\$\d+",
        "[^a-zA-Z0-9]",
        "(?=.*5)[0-9]{9}",
    ],
)
def test_pattern_that_something_matches_is_taken(text: str) -> None:
    """A legitimate pattern is refused because the search for a match looked in the wrong places."""
    assert Pattern(text, KNOWN).allows("")


def test_catastrophic_pattern_cannot_hang() -> None:
    """A pattern with exponential backtracking stops the reader for ever."""
    begun = time.monotonic()
    with pytest.raises(BadPattern):
        pattern = Pattern("(?:(?:x+x+)+y)+|é", KNOWN)
        pattern.matches("x" * 60)
        pattern.matches("x" * 6000)
    assert time.monotonic() - begun < 10


def test_alphabet_of_a_model() -> None:
    """Classes offer characters that the charset forbids, or the class without a character is lost."""
    labels = ["0", "A", "Cc", "c", ".", ""]
    everything = Alphabet.of(labels)
    assert everything.choices == (("0",), ("A",), ("C", "c"), ("c",), (".",), ())
    assert everything.pattern is None
    small = Alphabet.of(labels, "a-z")
    assert small.allowed == {"c"}
    assert small.choices == ((), (), ("c",), ("c",), (), ())
    with pytest.raises(BadCharset):
        Alphabet.of(labels, "x-z")


def test_alphabet_checks_the_pattern_against_the_charset() -> None:
    """A charset and a pattern that exclude each other give empty readings instead of a message."""
    labels = [*string.digits, *string.ascii_uppercase]
    alphabet = Alphabet.of(labels, "0-9", r"[A-Z\d]{3}")
    assert alphabet.pattern is not None and alphabet.pattern.matches("123")
    with pytest.raises(BadPattern):
        Alphabet.of(labels, "0-9", "[A-Z]{3}")
