"""Charsets: what is let through, what is refused, and with which words."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.errors import BadCharset, BadPattern
from edge_ocr.text.alphabet import Alphabet, parse_charset

KNOWN = string.digits + string.ascii_letters + ".,:;!?'\"()-+/&@#%*=$_[]<>{}"


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


@pytest.mark.parametrize(
    ("spec", "cure"), [("9-0", "write 0-9"), ("a-f-z", "write it first"), ("0\\", r"write \\\\"), ("é", "knows ")]
)
def test_a_refused_charset_comes_with_a_cure(spec: str, cure: str) -> None:
    """The user learns that it is wrong, and not how it would be right."""
    with pytest.raises(BadCharset, match=cure):
        parse_charset(spec, KNOWN)
