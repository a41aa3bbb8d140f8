"""Patterns: what a text, or a part of it, must match, decided a character at a time while the text grows."""

from functools import cached_property

from edge_ocr.errors import BadPattern
from edge_ocr.text.automaton import START, Automaton, Steps, build_automaton, positions
from edge_ocr.text.expression import Chars, Node, Repeat, Sequence, may_hold_words
from edge_ocr.text.grammar import parse

MOST_SUCCESSIONS = 50_000
"""Pairs of positions of which one may follow the other; a row of n optional parts has n * n / 2."""
REMEMBERED = 4096
"""States whose followers are kept: a few hundred are met while a page is read."""


class Matcher:
    """An automaton that reads texts.

    A state stands for all that matters of a text so far. States are integers, the sets of positions of the automaton
    that the text may have come to; they are made while they are needed (Thompson, 1968).
    """

    start = START
    """The state of the empty text."""

    def __init__(self, automaton: Automaton) -> None:
        self.automaton = automaton
        self._places: dict[str, int] = {}
        for position, members in enumerate(automaton.members):
            for char in members:
                self._places[char] = self._places.get(char, 0) | 1 << position
        self._followers: dict[int, int] = {}

    @cached_property
    def steps(self) -> Steps:
        """The automaton's steps as arrays."""
        return Steps(self.automaton)

    def step(self, state: int, char: str) -> int | None:
        """The state after one more character, or None when nothing that begins so can match."""
        following = self._followers.get(state)
        if following is None:
            following = self._follow(state)
        return following & self._places.get(char, 0) or None

    def accepts(self, state: int) -> bool:
        """Whether a text that ends in this state matches."""
        return bool(state & self.automaton.last)

    def matches(self, text: str) -> bool:
        """Whether `text` matches."""
        state: int | None = self.start
        for char in text:
            state = self.step(state, char) if state is not None else None
        return state is not None and self.accepts(state)

    def _follow(self, state: int) -> int:
        """The positions that may come after a state."""
        if len(self._followers) >= REMEMBERED:
            self._followers.clear()
        following = 0
        for position in positions(state):
            following |= self.automaton.follow[position]
        self._followers[state] = following
        return following


class Pattern(Matcher):
    """A regular expression that a whole text must match, or a part of it; then a part of whole words is preferred."""

    def __init__(self, text: str, known: str, *, is_part: bool = False) -> None:
        """Compile `text` and make sure that something written in `known` and single spaces matches it.

        `is_part`: a part of a text is enough; `find` says which.

        Raises BadPattern when it is no expression (see `grammar`), is too large, or matches nothing of that kind.
        """
        self.text = text
        self.is_part = is_part
        alphabet = frozenset({*known, " "})
        tree = parse(text, "".join(sorted(alphabet)))
        self.is_code = not may_hold_words(tree)
        """Whether what matches is no language: a plate, a serial number, a date."""
        self._part = build_automaton(tree)
        if sum(following.bit_count() for following in self._part.follow) > MOST_SUCCESSIONS:
            raise BadPattern(
                f"The pattern {text!r} has too many ways to go on; give it at most 200 optional parts in a row"
            )
        if not _is_readable(self._part, is_part):
            raise BadPattern(
                f"No text was found that matches the pattern {text!r}; "
                f"it must match something written in single spaces and these characters: {known}"
            )
        super().__init__(build_automaton(_surrounded(tree, alphabet)) if is_part else self._part)
        self.of_words = Matcher(build_automaton(_apart(tree, alphabet))) if is_part else None
        """What matches where the part neither begins nor ends inside of a word; None for patterns of whole texts."""

    def __repr__(self) -> str:
        return f"Pattern({self.text!r}, is_part={self.is_part})"

    def find(self, text: str) -> list[tuple[int, int]]:
        """Start and end of the parts that match, from left to right, each as long as can be, none over another.

        They have no spaces at their ends. Parts of whole words, if there are such. The whole of a text that must match
        as a whole; nothing where nothing matches, or only what is empty does.
        """
        if not self.is_part:
            return [(0, len(text))] if text and self.matches(text) else []
        spans = self._parts(text, of_words=True) or self._parts(text, of_words=False)
        stripped = [(end - len(text[start:end].lstrip(" ")), len(text[:end].rstrip(" "))) for start, end in spans]
        return [(start, end) for start, end in stripped if start < end]

    def _parts(self, text: str, *, of_words: bool) -> list[tuple[int, int]]:
        spans = []
        at = 0
        while at < len(text):
            ends = self._ends(text, at) if not (of_words and _is_inside(text, at)) else []
            end = next((end for end in reversed(ends) if not (of_words and _is_inside(text, end))), at)
            if end > at:
                spans.append((at, end))
            at = max(end, at + 1)
        return spans

    def _ends(self, text: str, at: int) -> list[int]:
        """Where the parts that begin at `at` and match end."""
        part = self._part
        following = part.follow[0] if at == 0 else part.first_inside
        ends = []
        for place in range(at, len(text)):
            state = [position for position in positions(following) if text[place] in part.members[position]]
            following = 0
            for position in state:
                following |= part.follow[position]
            last = part.last if place == len(text) - 1 else part.last_inside
            if any(last >> position & 1 for position in state):
                ends.append(place + 1)
            if not following:
                break
        return ends


def spelled(text: str) -> Matcher:
    """What matches a text, whether its spaces are there or not."""
    parts: list[Node] = [
        Repeat(Chars(frozenset(char)), 0, 1, 1) if char == " " else Chars(frozenset(char)) for char in text
    ]
    return Matcher(build_automaton(Sequence(tuple(parts), len(parts))))


def _surrounded(tree: Node, alphabet: frozenset[str]) -> Node:
    """The tree with anything before and behind it."""
    anything = Repeat(Chars(alphabet), 0, None, 1)
    return Sequence((anything, tree, anything), tree.size + 2)


def _apart(tree: Node, alphabet: frozenset[str]) -> Node:
    """The same, but where there is something, neither letter nor digit stands next to the tree."""
    anything = Repeat(Chars(alphabet), 0, None, 1)
    edge = Chars(frozenset(char for char in alphabet if not char.isalnum()))
    before, behind = Sequence((anything, edge), 2), Sequence((edge, anything), 2)
    return Sequence((Repeat(before, 0, 1, 2), tree, Repeat(behind, 0, 1, 2)), tree.size + 4)


def _is_inside(text: str, at: int) -> bool:
    """Whether a word goes on from before `at` to behind it."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _is_readable(part: Automaton, is_part: bool) -> bool:
    """Whether what matches can be more than spaces, no two of them in a row, and as a whole none at its ends."""
    spaces = sum(1 << position for position, chars in enumerate(part.members) if " " in chars)
    others = sum(1 << position for position, chars in enumerate(part.members) if chars - {" "})
    begin = (0, not is_part, False)
    seen, waiting = {begin}, [begin]
    while waiting:
        position, after_space, is_written = waiting.pop()
        following = part.follow[position]
        reached = [(at, False, True) for at in positions(following & others)]
        reached += [(at, True, is_written) for at in positions(following & spaces)] if not after_space else []
        for at, is_space, written in reached:
            if part.last >> at & 1 and written and (is_part or not is_space):
                return True
        waiting += [place for place in reached if place not in seen]
        seen.update(reached)
    return False
