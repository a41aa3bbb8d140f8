"""Which characters may occur: a charset for every place, a pattern for the text as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_ocr.errors import BadCharset, BadPattern
from edge_ocr.text.pattern import Pattern


def parse_charset(spec: str, known: str) -> frozenset[str]:
    r"""The characters of `known` that a specification such as `0-9A-Z` names.

    Single characters, ranges by code point, `-` as itself when first, last or written `\-`; a backslash takes
    any character literally. Characters outside `known` are ignored.

    Raises BadCharset for a backwards or incomplete range, and if nothing known is left.
    """
    ranges = _parse_ranges(spec)
    allowed = frozenset(char for char in known if any(first <= char <= last for first, last in ranges))
    if not allowed:
        raise BadCharset(f"The charset {spec!r} has no character of the model, which knows {known}")
    return allowed


def _parse_ranges(spec: str) -> list[tuple[str, str]]:
    """First and last character of each range of `spec`; a single character is both."""
    parts = _unescape(spec)
    ranges = []
    at = 0
    while at < len(parts):
        char, literal = parts[at]
        if char == "-" and not literal and 0 < at < len(parts) - 1:
            raise BadCharset(f"The charset {spec!r} has a '-' without a range end; write it first, last or as \\-")
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
    """Each character of `spec`, and whether a backslash made it literal."""
    parts = []
    chars = iter(spec)
    for char in chars:
        literal = char == "\\"
        taken = next(chars, "") if literal else char
        if not taken:
            raise BadCharset(f"The charset {spec!r} ends in a single backslash; write \\\\ for the character itself")
        parts.append((taken, literal))
    return parts


@dataclass(frozen=True)
class Alphabet:
    """What may be read, of each class of the model and of the whole text."""

    allowed: frozenset[str]
    """Every character that may occur, without spaces, which come from the layout."""
    pattern: Pattern | None
    """What each text, or a part of it, must match; or None."""
    choices: tuple[tuple[str, ...], ...]
    """For each class of the model, in its order, the characters of its label that are allowed."""
    labels: tuple[str, ...]
    """The model's classes, as all the characters each may be; "" is 'not a character'."""

    @property
    def possible(self) -> list[bool]:
        """Whether each class may occur."""
        return list(map(bool, self.choices))

    @classmethod
    def of(
        cls,
        labels: Sequence[str],
        charset: str | None = None,
        pattern: str | None = None,
        pattern_in: str | None = None,
    ) -> "Alphabet":
        """The alphabet of a model's `labels`, narrowed by a charset (see `parse_charset`) and a regular expression.

        `pattern` is for the whole of a text, `pattern_in` for a part of it.

        Raises BadCharset, and BadPattern also when the charset leaves nothing that matches, and when both are given.
        """
        if pattern is not None and pattern_in is not None:
            raise BadPattern("pattern is for whole lines and pattern_in for a part of each: give one of the two")
        known = "".join(labels)
        allowed = frozenset(known) if charset is None else parse_charset(charset, known)
        written = "".join(char for char in known if char in allowed)
        wanted = pattern if pattern is not None else pattern_in
        return cls(
            allowed=allowed,
            pattern=Pattern(wanted, written, is_part=pattern is None) if wanted is not None else None,
            choices=tuple(tuple(char for char in label if char in allowed) for label in labels),
            labels=tuple(labels),
        )
