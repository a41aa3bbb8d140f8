"""Which characters may occur: a charset for every place, a pattern for the text as a whole."""

import time
import unicodedata
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import regex

from edge_ocr.errors import BadCharset, BadPattern

MATCH_SECONDS = 0.1
"""Longest that one match may take before the pattern counts as catastrophic."""
SEARCH_SECONDS = 5.0
"""Longest that the broad search may take altogether."""
WALK_LENGTH = 100
"""Characters after which the quick search for a matching text gives way to the broad one."""
SEARCH_LENGTH = 48
"""Characters of the longest text that the broad search tries."""
SEARCH_MATCHES = 120_000
"""Prefixes that the broad search tries before it gives the pattern the benefit of the doubt."""
SEARCH_TWINS = 2
"""Prefixes kept from either end of those of one length that allow the same next characters; more than 1, since
groups, look-behinds and back-references can tell such prefixes apart later."""
REMEMBERED_PREFIXES = 8192
"""Answers kept by a pattern: a beam search asks about the same prefixes again and again (about 1 MB)."""


def parse_charset(spec: str, known: str) -> frozenset[str]:
    r"""The characters of `known` that a specification such as `0-9A-Z` names.

    Single characters, ranges by code point, `-` as itself when first, last or written `\-`; a backslash takes
    any character literally. Characters outside `known` are passed over.

    Raises BadCharset for a range that is backwards or incomplete, and when nothing known is left.
    """
    ranges = _parse_ranges(spec)
    allowed = frozenset(char for char in known if any(first <= char <= last for first, last in ranges))
    if not allowed:
        raise BadCharset(f"The charset {spec!r} names no character that the model knows; it knows {known}")
    return allowed


def _parse_ranges(spec: str) -> list[tuple[str, str]]:
    """First and last character of each range of `spec`; a single character is both."""
    parts = _unescape(spec)
    ranges = []
    at = 0
    while at < len(parts):
        char, literal = parts[at]
        if char == "-" and not literal and 0 < at < len(parts) - 1:
            raise BadCharset(f"The charset {spec!r} has a '-' that ends no range; write it first, last or as \\-")
        if at + 2 < len(parts) and parts[at + 1] == ("-", False):
            last = parts[at + 2][0]
            if last < char:
                raise BadCharset(f"The charset {spec!r} has the range {char}-{last} backwards; write {last}-{char}")
            ranges.append((char, last))
            at += 3
        else:
            ranges.append((char, char))
            at += 1
    return ranges


def _unescape(spec: str) -> list[tuple[str, bool]]:
    """Each character of `spec` with whether a backslash made it literal."""
    parts = []
    chars = iter(spec)
    for char in chars:
        literal = char == "\\"
        taken = next(chars, "") if literal else char
        if not taken:
            raise BadCharset(f"The charset {spec!r} ends in a single backslash; write \\\\ for the character itself")
        parts.append((taken, literal))
    return parts


class Pattern:
    """A regular expression that a whole text must match, and that tells which beginnings still can."""

    def __init__(self, text: str, known: str) -> None:
        """Compile `text` and make sure that something written in `known` and spaces matches it.

        Raises BadPattern when it is no regular expression, when no text was found that matches it, or when matching
        takes too long.
        """
        self.text = text
        try:
            self._compiled: Any = regex.compile(text)
        except (regex.error, ValueError, OverflowError, RecursionError, MemoryError) as error:
            reason = str(error) or type(error).__name__
            raise BadPattern(f"The pattern {text!r} is not a regular expression: {reason}") from error
        if not _is_matchable(self, known):
            raise BadPattern(
                f"No text was found that matches the pattern {text!r}; "
                f"it must match something written in spaces and these characters: {known}"
            )
        self.allows = lru_cache(maxsize=REMEMBERED_PREFIXES)(self._allows)
        """allows(prefix: str) -> bool: whether `prefix` matches, or does when something is added to it.
        Raises BadPattern when the answer takes longer than MATCH_SECONDS."""

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def matches(self, text: str) -> bool:
        """Whether the whole of `text` matches. Raises BadPattern when that takes longer than MATCH_SECONDS."""
        return self._fullmatch(text, partial=False)

    def _allows(self, prefix: str) -> bool:
        return self._fullmatch(prefix, partial=True)

    def _fullmatch(self, text: str, *, partial: bool) -> bool:
        try:
            return self._compiled.fullmatch(text, partial=partial, timeout=MATCH_SECONDS) is not None
        except TimeoutError as error:
            raise self._too_slow() from error

    def _too_slow(self) -> BadPattern:
        return BadPattern(f"The pattern {self.text!r} takes too long to match; remove repeats inside of repeats")


def _is_matchable(pattern: Pattern, known: str) -> bool:
    """Whether a text of `known` and spaces, not of spaces alone, matches; True when the search ran out of tries."""
    letters = _representatives(pattern.text, known)
    if not pattern._allows(""):
        return False
    return _walk(pattern, letters) or _search(pattern, letters)


def _walk(pattern: Pattern, letters: list[str]) -> bool:
    """Whether always adding the first letter that the pattern allows makes a match; a quick yes for most patterns."""
    prefix = ""
    for _ in range(WALK_LENGTH):
        step = next((char for char in letters if pattern._allows(prefix + char)), None)
        if step is None:
            return False
        prefix += step
        if prefix.strip() and pattern.matches(prefix):
            return True
    return False


def _search(pattern: Pattern, letters: list[str]) -> bool:
    """Whether any text of `letters` matches, breadth first over the prefixes that the pattern allows.

    Two prefixes of one length after which the same characters may follow are taken for twins, and only the first
    and last SEARCH_TWINS of them kept: so `[A-Z]{9}` does not have 26^9 prefixes.
    """
    deadline = time.monotonic() + SEARCH_SECONDS
    tried = 0
    prefixes = [""]
    for _ in range(SEARCH_LENGTH + 1):
        followers: dict[tuple[str, ...], list[str]] = {}
        for prefix in prefixes:
            if prefix.strip() and pattern.matches(prefix):
                return True
            tried += len(letters)
            if tried > SEARCH_MATCHES:
                return True
            if time.monotonic() > deadline:
                raise pattern._too_slow()
            following = tuple(char for char in letters if pattern._allows(prefix + char))
            followers.setdefault(following, []).append(prefix)
        prefixes = [twin + char for chars, twins in followers.items() for twin in _ends(twins) for char in chars]
    return False


def _ends(twins: list[str]) -> list[str]:
    return twins if len(twins) <= 2 * SEARCH_TWINS else twins[:SEARCH_TWINS] + twins[-SEARCH_TWINS:]


def _representatives(text: str, known: str) -> list[str]:
    r"""A space and those of `known` that the expression `text` may tell apart, likeliest to end a match first.

    Characters of one family (digits, capitals, symbols...), neither written in `text` in either case nor with such a
    character between them, fall into the same classes and ranges of any expression, so two stand for all (two, for
    back-references). Not so where `text` names characters in another way (`\x41`, `\p{...}`, `[:xdigit:]`): then
    all are tried. Symbols that are written come first, since they end repeats, as the `@` of `\w+@\w+` does.
    """
    named = regex.search(r"\\[xuUNpP0-7]|\[:", text) is not None
    literal = regex.sub(r"\\[A-Za-z]", "", text)
    written = set(literal.lower()) | set(literal.upper())
    cuts = sorted(written)
    groups: dict[tuple[object, ...], list[str]] = {}
    for char in sorted(set(known) | {" "}):
        alone = char if named or char in written else ""
        groups.setdefault((alone, bisect(cuts, char), _family(char)), []).append(char)
    letters = [char for group in groups.values() for char in group[:2]]
    return sorted(letters, key=lambda char: (char not in written, char.isalnum()))


def _family(char: str) -> str:
    """The Unicode category where classes such as \\w and \\s depend on it, one family for all other symbols."""
    return unicodedata.category(char) if char.isalnum() or char in " _" else "symbol"


@dataclass(frozen=True)
class Alphabet:
    """What may be read: of each class of the model, and of the text as a whole."""

    allowed: frozenset[str]
    """Every character that may occur; spaces come from the layout and are never among them."""
    pattern: Pattern | None
    """What each text must match, or None."""
    choices: tuple[tuple[str, ...], ...]
    """For each class of the model, in its order, the characters of its label that are allowed."""
    labels: tuple[str, ...]
    """The model's classes, as all the characters each may be; "" is 'not a character'."""

    @classmethod
    def of(cls, labels: Sequence[str], charset: str | None = None, pattern: str | None = None) -> "Alphabet":
        """The alphabet of a model's `labels`, narrowed by a charset (see `parse_charset`) and a regular expression.

        Raises BadCharset, and BadPattern also when the charset leaves nothing that matches the pattern.
        """
        known = "".join(labels)
        allowed = frozenset(known) if charset is None else parse_charset(charset, known)
        written = "".join(char for char in known if char in allowed)
        return cls(
            allowed=allowed,
            pattern=None if pattern is None else Pattern(pattern, written),
            choices=tuple(tuple(char for char in label if char in allowed) for label in labels),
            labels=tuple(labels),
        )
