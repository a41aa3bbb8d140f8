"""Regular expressions as trees."""

from dataclasses import dataclass

WORD = 4
"""Letters from which they may be a word."""
SOME_LETTERS = 5
"""Letters of a class that may stand in any word: fewer are marks, such as points of compass."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    members: frozenset[str]
    size: int = 1


@dataclass(frozen=True, slots=True)
class Anchor:
    """The start of the text, or its end."""

    is_end: bool
    size: int = 1


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: "tuple[Node, ...]"
    size: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the options."""

    options: "tuple[Node, ...]"
    size: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """The body `least` to `most` times; any number of times from `least` on when `most` is None."""

    body: "Node"
    least: int
    most: int | None
    size: int


Node = Chars | Anchor | Sequence | Choice | Repeat
"""A tree of an expression; `size` bounds the positions of its automaton."""


def may_hold_words(tree: Node) -> bool:
    """Whether the expression leaves room for words: letters without a number of their own, WORD or more of them."""
    if isinstance(tree, Sequence):
        return any(map(may_hold_words, tree.parts))
    if isinstance(tree, Choice):
        return any(map(may_hold_words, tree.options))
    if isinstance(tree, Repeat):
        is_free = tree.most is None or (tree.most >= WORD and tree.most > tree.least)
        return may_hold_words(tree.body) or (is_free and _has_letters(tree.body))
    return False


def _has_letters(tree: Node) -> bool:
    if isinstance(tree, Chars):
        return sum(char.isalpha() for char in tree.members) >= SOME_LETTERS
    parts = tree.parts if isinstance(tree, Sequence) else tree.options if isinstance(tree, Choice) else ()
    return any(map(_has_letters, (tree.body,) if isinstance(tree, Repeat) else parts))
