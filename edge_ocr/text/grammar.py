r"""Text -> tree: the grammar that patterns are written in.

Known are characters, escapes (\d \D \w \W \s \S, \x41 and the like, a backslash before any sign), `.`, classes in
brackets, groups, alternatives, the counts * + ? {m} {m,} {m,n}, ^ and $, and (?i). That is what an automaton with a
state for each character can decide in time that grows with the text alone (Thompson, 1968); look-arounds and
back-references are beyond it, and are refused by name. Lazy and possessive marks behind a count are passed over: they
say which way to try first, which makes no difference to whether a text matches.
"""

from collections.abc import Callable
from itertools import takewhile

from edge_ocr.errors import BadPattern
from edge_ocr.text.expression import Anchor, Chars, Choice, Node, Repeat, Sequence

MOST_POSITIONS = 1000
"""Most characters of a pattern with all of its counts written out."""
LONGEST = 2000
"""Characters of a pattern's own text."""
DEEPEST = 50
"""Groups inside of groups."""

KNOWN = r"characters, classes such as [A-Z] and \d, groups, |, * + ? {2,5}, ^, $ and (?i)"

SHORTHANDS: dict[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "w": lambda char: char.isalnum() or char == "_",
    "s": str.isspace,
}
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
CODES = {"x": 2, "u": 4, "U": 8}
"""Hexadecimal digits behind each of these escapes."""
FOREIGN = {
    "b": r"the word boundary \b",
    "B": r"\B",
    "p": r"the Unicode property \p",
    "P": r"the Unicode property \P",
    "N": r"the character name \N",
    "k": r"the back-reference \k",
    "g": r"the back-reference \g",
}
FOREIGN_GROUPS = {
    "?=": "the look-ahead (?=",
    "?!": "the look-ahead (?!",
    "?<=": "the look-behind (?<=",
    "?<!": "the look-behind (?<!",
    "?>": "the atomic group (?>",
    "?P=": "the back-reference (?P=",
    "?(": "the condition (?(",
    "?i)": "(?i) elsewhere than at the start",
    "?#": "the comment (?#",
    "?R": "the recursion (?R",
    "?|": "the branch reset (?|",
}


def parse(text: str, alphabet: str) -> Node:
    """The tree of the expression `text` over the characters of `alphabet`; work and result grow with `text` alone.

    Raises BadPattern when `text` is no expression, uses what is not known here, or would need too many positions.
    """
    if len(text) > LONGEST:
        raise BadPattern(f"The pattern has {len(text)} characters; give one of at most {LONGEST}")
    tree = _Parser(text, alphabet).parse()
    if tree.size > MOST_POSITIONS:
        raise BadPattern(
            f"The pattern {text!r} stands for {_count(tree.size)} characters once its counts are written out; "
            f"give one that stands for at most {MOST_POSITIONS}"
        )
    return tree


def _count(number: int) -> str:
    return str(number) if number < 10**9 else "more than a thousand million"


class _Parser:
    """Recursive descent over one text."""

    def __init__(self, text: str, alphabet: str) -> None:
        self._text = text
        self._alphabet = alphabet
        self._at = 0
        self._depth = 0
        self._names: set[str] = set()

    def parse(self) -> Node:
        folds = self._take("(?i)")
        tree = self._choice(folds)
        if self._at < len(self._text):
            raise self._wrong("a ) closes nothing")
        return tree

    def _choice(self, folds: bool) -> Node:
        options = [self._sequence(folds)]
        while self._take("|"):
            options.append(self._sequence(folds))
        return options[0] if len(options) == 1 else Choice(tuple(options), sum(option.size for option in options))

    def _sequence(self, folds: bool) -> Node:
        parts = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._counted(self._atom(folds)))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts), max(1, sum(part.size for part in parts)))

    def _counted(self, body: Node) -> Node:
        is_bare = isinstance(body, Anchor) and self._text[self._at - 1] != ")"
        bounds = self._bounds()
        if bounds is None:
            return body
        if is_bare:
            raise self._wrong("a count follows ^ or $")
        least, most = bounds
        _ = self._take("?") or self._take("+")
        if self._bounds() is not None:
            raise self._wrong("a count follows a count")
        return Repeat(body, least, most, body.size * max(1, least, most or 0))

    def _bounds(self) -> tuple[int, int | None] | None:
        """The count here, or None."""
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        if not self._take("{"):
            return None
        least, comma, most = self._digits(), self._take(","), self._digits()
        if not self._take("}") or not (least or comma):
            raise self._unknown("a { that begins no count such as {2,5} (write \\{ for the character)")
        first = int(least or 0)
        last = first if not comma else int(most) if most else None
        if last is not None and last < first:
            raise self._wrong(f"the count {{{least},{most}}} is backwards")
        return first, last

    def _digits(self) -> str:
        digits = "".join(takewhile("0123456789".__contains__, self._text[self._at :]))
        self._at += len(digits)
        return digits

    def _atom(self, folds: bool) -> Node:
        char = self._text[self._at]
        if char in "*+?{":
            raise self._wrong(f"there is nothing before {char} to repeat")
        self._at += 1
        if char == "(":
            return self._group(folds)
        if char == "[":
            return self._class(folds)
        if char == ".":
            return self._chars(lambda _: True)
        if char in "^$":
            return Anchor(is_end=char == "$")
        if char == "\\":
            if self._take("A"):
                return Anchor(is_end=False)
            if self._take("Z"):
                return Anchor(is_end=True)
            return self._chars(self._escape(in_class=False), folds)
        return self._chars(char.__eq__, folds)

    def _group(self, folds: bool) -> Node:
        """The part from a ( to its )."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._unknown(f"more than {DEEPEST} groups inside of each other")
        if self._take("?P<"):
            self._name()
        elif self._take("?i:"):
            folds = True
        elif not self._take("?:") and self._next() == "?":
            foreign = [what for sign, what in FOREIGN_GROUPS.items() if self._text.startswith(sign, self._at)]
            raise self._unknown(foreign[0] if foreign else f"the group ({self._text[self._at : self._at + 2]}")
        tree = self._choice(folds)
        if not self._take(")"):
            raise self._wrong("a ( is not closed")
        self._depth -= 1
        return tree

    def _name(self) -> None:
        """Pass over a group's name."""
        name, end, _ = self._text[self._at :].partition(">")
        if not end or not name.isidentifier() or name in self._names:
            raise self._wrong(f"{name!r} is no name for a group, or names two")
        self._names.add(name)
        self._at += len(name) + 1

    def _class(self, folds: bool) -> Node:
        """The part from a [ to its ]."""
        negated = self._take("^")
        tests: list[Callable[[str], bool]] = []
        first = True
        while first or self._next() != "]":
            first = False
            tests.append(self._class_item())
        self._at += 1
        return self._chars(lambda char: any(test(char) for test in tests), folds, negated=negated)

    def _class_item(self) -> Callable[[str], bool]:
        """A character, a shorthand or a range of a class."""
        if self._text.startswith("[:", self._at):
            raise self._unknown("the class name [:")
        low = self._class_char()
        if self._next() != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return low if callable(low) else low.__eq__
        self._at += 1
        high = self._class_char()
        if callable(low) or callable(high):
            raise self._wrong("a range begins or ends with a class")
        if high < low:
            raise self._wrong(f"the range {low}-{high} is backwards")
        return lambda char: low <= char <= high

    def _class_char(self) -> str | Callable[[str], bool]:
        char = self._next()
        if not char:
            raise self._wrong("a [ is not closed")
        self._at += 1
        return self._escape(in_class=True) if char == "\\" else char

    def _escape(self, *, in_class: bool) -> "str | Callable[[str], bool]":
        """The part after a backslash: a character, or a test for one."""
        char = self._next()
        self._at += 1
        if not char:
            raise self._wrong("it ends in a single backslash")
        if char.lower() in SHORTHANDS:
            test = SHORTHANDS[char.lower()]
            return test if char.islower() else lambda char: not test(char)
        if char in CODES:
            return self._code(CODES[char])
        if char in CONTROLS:
            return CONTROLS[char]
        if char in FOREIGN:
            raise self._unknown(FOREIGN[char])
        if char.isascii() and char.isalnum():
            raise self._unknown(f"\\{char}" if in_class or not char.isdigit() else f"the back-reference \\{char}")
        return char

    def _code(self, length: int) -> str:
        """The character of a hexadecimal number of so many digits."""
        digits = self._text[self._at : self._at + length]
        if len(digits) < length or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
            raise self._wrong(f"{digits!r} is not {length} hexadecimal digits")
        if int(digits, 16) > 0x10FFFF:
            raise self._wrong(f"there is no character {digits}")
        self._at += length
        return chr(int(digits, 16))

    def _chars(self, wanted: str | Callable[[str], bool], folds: bool = False, *, negated: bool = False) -> Chars:
        """Those of the alphabet that pass a test, or whose small or capital form does when letter case is folded."""
        test = wanted if callable(wanted) else wanted.__eq__

        def passes(char: str) -> bool:
            forms = {char, char.lower(), char.upper()} if folds else {char}
            return any(test(form) for form in forms if len(form) == 1)

        return Chars(frozenset(char for char in self._alphabet if passes(char) != negated))

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, text: str) -> bool:
        """Whether `text` is here; if so, goes on behind it."""
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _wrong(self, reason: str) -> BadPattern:
        return BadPattern(f"The pattern {self._text!r} is not a regular expression: {reason} (character {self._at})")

    def _unknown(self, what: str) -> BadPattern:
        return BadPattern(f"The pattern {self._text!r} asks for {what}, which is not known here; known are {KNOWN}")
