"""Patterns: what a text, or a part of it, must match, decided a character at a time while the text grows."""

from functools import cached_property

from edge_ocr.errors import BadPattern
from edge_ocr.text.automaton import START, Steps, build_automaton, positions
from edge_ocr.text.expression import Chars, Repeat, Sequence, parse

MOST_SUCCESSIONS = 50_000
"""Pairs of positions of which one may follow the other; a row of n optional parts has n * n / 2."""
REMEMBERED = 4096
"""States whose followers are kept: a few hundred are met while a page is read."""


class Pattern:
    """A regular expression that a whole text must match, or a part of it, as an automaton.

    A state stands for all that matters of a text so far. States are integers, the sets of positions of the automaton
    that the text may have come to; they are made while they are needed (Thompson, 1968).
    """

    start = START
    """The state of the empty text."""

    def __init__(self, text: str, known: str, *, is_part: bool = False) -> None:
        """Compile `text` and make sure that something written in `known` and single spaces matches it.

        `is_part`: a part of a text is enough; `find` says which.

        Raises BadPattern when it is no expression (see `expression`), is too large, or matches nothing of that kind.
        """
        self.text = text
        self.is_part = is_part
        alphabet = "".join(sorted({*known, " "}))
        tree = parse(text, alphabet)
        self._part = build_automaton(tree)
        if sum(following.bit_count() for following in self._part.follow) > MOST_SUCCESSIONS:
            raise BadPattern(
                f"The pattern {text!r} has too many ways to go on; give it at most 200 optional parts in a row"
            )
        rest = Repeat(Chars(frozenset(alphabet)), 0, None, 1)
        self.automaton = build_automaton(Sequence((rest, tree, rest), tree.size + 2)) if is_part else self._part
        self._places = {char: _places(self.automaton.members, char) for char in alphabet}
        self._followers: dict[int, int] = {}
        if not self._is_readable():
            raise BadPattern(
                f"No text was found that matches the pattern {text!r}; "
                f"it must match something written in single spaces and these characters: {known}"
            )

    @cached_property
    def steps(self) -> Steps:
        """The automaton's steps as arrays."""
        return Steps(self.automaton)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r}, is_part={self.is_part})"

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
        """Whether `text` matches, as a whole, or a part of it if that is enough."""
        state = self._after(text)
        return state is not None and self.accepts(state)

    def allows(self, prefix: str) -> bool:
        """Whether `prefix` matches, or does when something is added to it."""
        return self._after(prefix) is not None

    def find(self, text: str) -> list[tuple[int, int]]:
        """Start and end of the parts that match, from left to right, each as long as can be, none over another.

        The whole of a text that must match as a whole; nothing where nothing matches, or only what is empty does.
        """
        if not self.is_part:
            return [(0, len(text))] if text and self.matches(text) else []
        spans = []
        at = 0
        while at < len(text):
            end = self._longest(text, at)
            if end > at:
                spans.append((at, end))
            at = max(end, at + 1)
        return spans

    def _after(self, text: str) -> int | None:
        state: int | None = self.start
        for char in text:
            state = self.step(state, char) if state is not None else None
        return state

    def _follow(self, state: int) -> int:
        """The positions that may come after a state."""
        if len(self._followers) >= REMEMBERED:
            self._followers.clear()
        following = 0
        for position in positions(state):
            following |= self.automaton.follow[position]
        self._followers[state] = following
        return following

    def _longest(self, text: str, at: int) -> int:
        """Where the longest part that begins at `at` and matches ends; `at` when none does."""
        part = self._part
        following, end = part.follow[0] if at == 0 else part.first_inside, at
        for place in range(at, len(text)):
            state = [position for position in positions(following) if text[place] in part.members[position]]
            following = 0
            for position in state:
                following |= part.follow[position]
            last = part.last if place == len(text) - 1 else part.last_inside
            if any(last >> position & 1 for position in state):
                end = place + 1
            if not following:
                break
        return end

    def _is_readable(self) -> bool:
        """Whether what matches can be more than spaces, no two of them in a row, and as a whole none at its ends."""
        spaces = _places(self._part.members, " ")
        others = sum(1 << position for position, chars in enumerate(self._part.members) if chars - {" "})
        begin = (0, not self.is_part, False)
        seen, waiting = {begin}, [begin]
        while waiting:
            position, after_space, is_written = waiting.pop()
            following = self._part.follow[position]
            reached = [(at, False, True) for at in positions(following & others)]
            reached += [(at, True, is_written) for at in positions(following & spaces)] if not after_space else []
            for at, is_space, written in reached:
                if self._part.last >> at & 1 and written and (self.is_part or not is_space):
                    return True
            waiting += [place for place in reached if place not in seen]
            seen.update(reached)
        return False


def _places(members: tuple[frozenset[str], ...], char: str) -> int:
    return sum(1 << position for position, chars in enumerate(members) if char in chars)
