"""Patterns: the automaton says what Python's `re` says, at once, and what it cannot decide is refused in a sentence."""

import re
import string
import time
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge_ocr.errors import BadPattern
from edge_ocr.text.pattern import Pattern

KNOWN = string.digits + string.ascii_letters + ".,:;!?'\"()-+/&@#%*=$_[]<>{}"
SMALL = "aAb1-"
"""Few characters, so that generated texts often match."""
POSTCODE = r"[A-Z]{2} \d{5}"

ATOMS = st.sampled_from(
    ["a", "A", "b", "1", r"\-", " ", ".", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", "[ab]", "[^a]", "[a-b1]", "[^A-Z ]",
     r"[\d-]", r"[^\w]", r"\x41", "[A-b]", "^", "$", "[]a]"]
)  # fmt: skip
COUNTS = st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "{1,3}", "{,2}", "*?", "+?", "??", "{1,2}?"])


def _larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    counted = st.tuples(parts, COUNTS).map(lambda both: f"(?:{both[0]}){both[1]}")
    return (
        st.tuples(parts, parts).map("".join)
        | st.tuples(parts, parts).map(lambda both: f"({both[0]}|{both[1]})")
        | st.tuples(parts, parts).map(lambda both: f"{both[0]}|{both[1]}")
        | counted
    )


EXPRESSIONS = st.recursive(ATOMS, _larger, max_leaves=8)
TEXTS = st.text(SMALL + " ", max_size=7)


def _taken(text: str, *, is_part: bool = False) -> Pattern:
    try:
        return Pattern(text, SMALL, is_part=is_part)
    except BadPattern:
        assume(False)
        raise


@settings(max_examples=400)
@given(EXPRESSIONS, st.sampled_from(["", "(?i)"]), st.lists(TEXTS, min_size=1, max_size=12))
def test_the_verdict_is_that_of_re(expression: str, flag: str, texts: list[str]) -> None:
    """A text that the user's expression matches is left out, or one that it does not match is given."""
    pattern = _taken(flag + expression)
    for text in texts:
        assert pattern.matches(text) is (re.fullmatch(flag + expression, text) is not None), text


@settings(max_examples=200)
@given(EXPRESSIONS, st.lists(TEXTS, min_size=1, max_size=12))
def test_a_part_matches_where_re_finds_one(expression: str, texts: list[str]) -> None:
    """A number inside of a line is missed, or something else is given in its place."""
    pattern = _taken(expression, is_part=True)
    for text in texts:
        assert pattern.matches(text) is (re.search(expression, text) is not None), text
        compiled = re.compile(expression)
        spans = pattern._parts(text, of_words=False)
        ends = range(1, len(text) + 1)
        firsts = [at for at in range(len(text)) if any(compiled.fullmatch(text, at, end) for end in ends if end > at)]
        if "^" in expression or "$" in expression:
            continue  # `fullmatch` of a part takes its ends for those of the text.
        assert bool(spans) is bool(firsts)
        for start, end in spans:
            assert compiled.fullmatch(text, start, end)
            assert not any(compiled.fullmatch(text, start, later) for later in range(end + 1, len(text) + 1))
        assert [start for start, _ in spans][:1] == firsts[:1]
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS)
def test_a_beginning_is_allowed_where_it_can_go_on(expression: str) -> None:
    """The search drops a text that matches, or keeps one that cannot, until the line's end."""
    pattern = _taken(expression)
    alphabet = sorted(set(SMALL) | {" "})
    # Level by level to the last state: a beginning is allowed just where one of its extensions is accepted.
    waiting, after = [pattern.start], {}
    while waiting:
        state = waiting.pop()
        after[state] = {pattern.step(state, char) for char in alphabet} - {None}
        waiting += [other for other in after[state] if other not in after]
        assume(len(after) < 400)
    ends = {state for state in after if pattern.accepts(state)}
    before = None
    while ends != before:
        before = set(ends)
        ends |= {state for state, others in after.items() if others & ends}
    assert ends == set(after)


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
        ("é", False),
    ],
)
def test_pattern_prunes_prefixes(prefix: str, allowed: bool) -> None:
    """The beam search keeps texts that can no longer match, or drops ones that can."""
    pattern = Pattern(POSTCODE, KNOWN)
    state: int | None = pattern.start
    for char in prefix:
        state = pattern.step(state, char) if state else None
    assert (state is not None) is allowed


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        (r"[A-Z]{2}-\d{5}-[A-Z]", "Serial KX-40917-B", ["KX-40917-B"]),
        (r"\d+", "12 eggs, 345 g", ["12", "345"]),
        (r"^\d+", "12 eggs, 345", ["12"]),
        (r"\d+$", "12 eggs, 345", ["345"]),
        (r"\d+", "no eggs", []),
        (r"a|ab|abc", "xabcab", ["abc", "ab"]),
        (r"[A-Z]{2} \d\d", "AB 12 CD 34", ["AB 12", "CD 34"]),
        (r"\d*", "a1", ["1"]),
        (r"\d{5}", "A40917 or 40918", ["40918"]),
        (r"\d{5}", "A40917", ["40917"]),
        (r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}", "LEEDS GP52 5HW", ["GP52 5HW"]),
    ],
)
def test_parts_are_found(text: str, line: str, found: list[str]) -> None:
    """More than the number is given, or less, or one of two."""
    assert [line[start:end] for start, end in Pattern(text, KNOWN, is_part=True).find(line)] == found


@pytest.mark.parametrize(
    "text", ["(", ")", "*a", "[z-a]", "[a", "(?P<x>a", "(?P<x>a)(?P<x>b)", "(?P<1>a)", "\\", "a**", "^*", "a{3,2}",
             r"\x4", r"[\d-z]", "a|*", r"\U00110000"]
)  # fmt: skip
def test_no_regular_expression_is_refused(text: str) -> None:
    """A typing mistake in a pattern ends in a traceback."""
    with pytest.raises(BadPattern, match="is not a regular expression") as caught:
        Pattern(text, KNOWN)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("(?=.*5)[0-9]{9}", "look-ahead"),
        ("(?!)", "look-ahead"),
        ("(?<=a)b", "look-behind"),
        ("(?<!a)b", "look-behind"),
        (r"(.)\1", "back-reference"),
        ("(?P<x>a)(?P=x)", "back-reference"),
        ("(?:abc){e<=1}", "begins no count"),
        (r"abc\b", "word boundary"),
        (r"\p{Lu}{3}", "Unicode property"),
        ("[[:upper:]]{2}", "class name"),
        ("(?>a+)b", "atomic group"),
        ("(?R)", "recursion"),
        ("a(?i)b", "elsewhere than at the start"),
        ("(?s).", "group"),
        (r"\N{DIGIT ONE}", "character name"),
        ("(" * 60 + "a" + ")" * 60, "groups inside of each other"),
    ],
)
def test_what_no_automaton_knows_is_refused_by_name(text: str, named: str) -> None:
    """The message does not name the wrong part of an expression, or another part."""
    with pytest.raises(BadPattern, match=r"asks for .*not known here; known are") as caught:
        Pattern(text, KNOWN)
    assert named in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["(((a{99}){99}){99}){99}", "a{100000000}", "(?:[A-Z ]{1,1000}){1,1000}", "(){100000000}", "(^){9999999}a",
     "a{" + "9" * 1000 + "}", "(?:a?){999}", "a" * 3000,
     "(" * 40 + "a" + "){9}" * 40]
)  # fmt: skip
def test_a_pattern_that_explodes_is_refused_at_once(text: str) -> None:
    """A pattern takes all memory, or hangs before the first picture is read."""
    with pytest.raises(BadPattern, match="at most") as caught:
        Pattern(text, KNOWN)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["é+", r"[^\x20-\x7e]", r"[A-Z]{2}\d{5}é", "[a-z]+é", ".+é", "(?:a|b){30}é", r"(\w+\s?)+\$é", "", " +", "é*",
     r"(?:x|y[0-9](?:é|\u00fc))ß", "a  b", " a", "a ", "a^b", "a$b", r"[^\x00-\U0010ffff]"]
)  # fmt: skip
def test_pattern_that_nothing_matches_is_refused(text: str) -> None:
    """The user waits for readings that can never come, and gets empty pages."""
    with pytest.raises(BadPattern, match="No text was found that matches"):
        Pattern(text, KNOWN)


@pytest.mark.parametrize("text", ["é+", "", " +", "(^)", "a  b"])
def test_a_part_that_is_nothing_is_refused(text: str) -> None:
    """Every line matches what may be empty, and no line has anything to show for it."""
    with pytest.raises(BadPattern, match="No text was found that matches"):
        Pattern(text, KNOWN, is_part=True)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (POSTCODE, "AB 12345"),
        (r"\w+@\w+\.com", "me@home.com"),
        (".{65}", "x" * 65),
        ("(?i)é|HELLO", "heLLo"),
        ("(a+)+b", "aab"),
        (".*", "any thing"),
        (r"\x41{3}", "AAA"),
        (r"\d{4}-\d{2}-\d{2}", "2026-11-26"),
        (r"(?:é|ab)?\$\d+", "$5"),
        ("[^a-zA-Z0-9]", "#"),
        (r"(?P<year>\d{4})/(?i:a)\Z", "2026/A"),
        (r"\A\d++x*+y?+", "12xx"),
        (r"[\]\-]{2}", "]-"),
    ],
)
def test_pattern_that_something_matches_is_taken(text: str, match: str) -> None:
    """A legitimate pattern is refused, or matches something else."""
    assert Pattern(text, KNOWN).matches(match)


@pytest.mark.parametrize(
    ("text", "is_code"),
    [
        (POSTCODE, True),
        (r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}", True),
        (r"SERIAL [A-Z]{2}-\d+", True),
        (r"\d+ [NSEW]+", True),
        (r"[A-Z]{8}", True),
        (r"[A-Z][a-z]+ \d+", False),
        (r".*", False),
        (r"(\w+ ?)+", False),
        (r"[a-z]{2,10}", False),
        (r"\d+|[A-Z ]+", False),
    ],
)
def test_codes_are_told_from_words(text: str, is_code: bool) -> None:
    """The language makes words of plates, or has no say about names."""
    assert Pattern(text, KNOWN).is_code is is_code


@pytest.mark.parametrize("text", ["(?:(?:x+x+)+y)+", "(x*)*y", "(x|xx)+y", "(?:[x ]{1,30}){1,30}y"])
def test_no_pattern_is_catastrophic(text: str) -> None:
    """A pattern that makes other engines try ways without end stops the reader."""
    begun = time.monotonic()
    pattern = Pattern(text, KNOWN)
    assert not pattern.matches("x" * 2000)
    assert pattern.matches("x" * 30 + "y")
    assert time.monotonic() - begun < 10


def test_a_pattern_of_whole_lines_is_found_whole_or_not_at_all() -> None:
    """A part of a line is given out for a pattern that asks for all of it."""
    whole = Pattern(POSTCODE, KNOWN)
    assert whole.find("AB 12345") == [(0, 8)]
    assert whole.find("AB 12345 X") == whole.find("") == []


def test_a_number_of_no_character_is_refused_by_its_number() -> None:
    """The message does not say which part of the pattern is wrong."""
    with pytest.raises(BadPattern, match="there is no character 00110000"):
        Pattern(r"\U00110000", KNOWN)
