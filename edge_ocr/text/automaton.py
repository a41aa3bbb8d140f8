"""A tree of an expression -> its position automaton: which characters may come first, follow each other, and come last.

Every character of the expression is a position (Glushkov, 1961); sets of positions are Python integers, one bit each.
They are found through a graph whose edges consume nothing (Thompson, 1968), in which ^ and $ are edges that are only
passed before the first character and behind the last one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_ocr.text.expression import Anchor, Chars, Choice, Node, Repeat, Sequence

START = 1
"""The state, a set of positions, before the first character: position 0 alone."""

PLAIN, AT_START, AT_END = range(3)
"""Kinds of edges: passed anywhere, before the first character alone, behind the last one alone."""

ENDS, ENDS_HERE = 1, 2
"""Bits beside the positions': the expression may end here if the text does, and if the text goes on."""
SHIFT = 2


Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Automaton:
    """Positions and what may come after each; position 0 stands before the first character."""

    members: tuple[frozenset[str], ...]
    """(positions,) of the characters that each may be."""
    follow: tuple[int, ...]
    """(positions,) sets of the positions that may come next; only such as the expression can end after."""
    first_inside: int
    """The positions that may come first where the text has begun before."""
    last: int
    """The positions after which the expression may end where the text does."""
    last_inside: int
    """Those after which it may end where the text goes on."""


def build_automaton(tree: Node) -> Automaton:
    """The automaton of a tree, in work that grows with its `size`."""
    graph = _Graph()
    graph.accept = graph.add(tree, 0)
    inside, outset = graph.closures(at_start=False), graph.closures(at_start=True)
    reached = [outset[0], *(inside[node] for node in graph.after)]
    last = _marked(reached, ENDS | ENDS_HERE)
    follow = [bits >> SHIFT for bits in reached]
    useful = _leading_to(follow, last)
    return Automaton(
        (frozenset(), *graph.members),
        tuple(targets & useful for targets in follow),
        inside[0] >> SHIFT & useful,
        last,
        _marked(reached, ENDS_HERE),
    )


class Steps:
    """The automaton's steps as arrays, for all positions at once."""

    def __init__(self, automaton: Automaton) -> None:
        sets = dict.fromkeys(automaton.members)
        self.classes = tuple(sets)
        """Each set of characters that a position may be, once."""
        numbers = {members: number for number, members in enumerate(sets)}
        self.class_of = np.array([numbers[members] for members in automaton.members])
        """(positions,) index into `classes`."""
        last = np.array([automaton.last >> k & 1 for k in range(len(automaton.members))], bool)
        # Texts never end in a space.
        last &= np.array([members != {" "} for members in automaton.members])
        self.ends = np.where(last, 0.0, -np.inf).astype(np.float32)
        """(positions,) 0 where a text may end, -inf elsewhere."""
        self.is_space = np.array([" " in members for members in automaton.members])
        self.count = len(automaton.members)
        # A step to nowhere for each, so that none is without one.
        targets = [[*positions(following), self.count] for following in automaton.follow]
        self._targets = np.concatenate(targets)
        self._offsets = np.cumsum([0, *map(len, targets)])[:-1]

    def onwards(self, values: Floats) -> Floats:
        """(positions,) the best of `values`, which are those of taking a position, over what may follow each."""
        return np.maximum.reduceat(np.append(values, np.float32(-np.inf))[self._targets], self._offsets)


def positions(state: int) -> list[int]:
    """The numbers of the positions in a set."""
    found = []
    while state:
        low = state & -state
        found.append(low.bit_length() - 1)
        state ^= low
    return found


def _marked(reached: list[int], marks: int) -> int:
    return sum(1 << position for position, bits in enumerate(reached) if bits & marks)


def _leading_to(follow: list[int], last: int) -> int:
    """The positions from which one of `last` can be reached."""
    useful, before = last, -1
    while useful != before:
        before = useful
        # Nearly all ways lead from lower to higher positions, so that one pass backwards finds most.
        for position in range(len(follow) - 1, -1, -1):
            if follow[position] & useful:
                useful |= 1 << position
    return useful


class _Graph:
    """Thompson's graph: nodes in the order of the text, and edges that consume nothing."""

    def __init__(self) -> None:
        self.edges: list[list[tuple[int, int]]] = [[]]
        """Of each node: targets and kinds."""
        self.position: dict[int, int] = {}
        """Of the nodes that consume a character."""
        self.members: list[frozenset[str]] = []
        self.after: list[int] = []
        """The node behind each position."""
        self.accept = 0

    def add(self, tree: Node, entry: int) -> int:
        """Add what the tree stands for behind the node `entry`; gives the node behind it."""
        if isinstance(tree, Chars):
            return self._consume(tree.members, entry)
        if isinstance(tree, Anchor):
            return self._node((entry, AT_END if tree.is_end else AT_START))
        if isinstance(tree, Sequence):
            for part in tree.parts:
                entry = self.add(part, entry)
            return entry
        if isinstance(tree, Choice):
            return self._node(*((self.add(option, entry), PLAIN) for option in tree.options))
        return self._repeat(tree, entry)

    def _repeat(self, tree: Repeat, entry: int) -> int:
        for _ in range(tree.least):
            entry = self.add(tree.body, entry)
        if tree.most is None:
            start = self._node((entry, PLAIN))
            self.edges[self.add(tree.body, start)].append((start, PLAIN))
            return self._node((start, PLAIN))
        ends = [entry]
        for _ in range(tree.most - tree.least):
            ends.append(self.add(tree.body, ends[-1]))
        return self._node(*((end, PLAIN) for end in ends))

    def _consume(self, members: frozenset[str], entry: int) -> int:
        node = self._node((entry, PLAIN))
        if members:  # What no known character can be is no way.
            self.members.append(members)
            self.position[node] = len(self.members)
        after = self._node()
        if members:
            self.after.append(after)
        return after

    def _node(self, *sources: tuple[int, int]) -> int:
        self.edges.append([])
        for source, kind in sources:
            self.edges[source].append((len(self.edges) - 1, kind))
        return len(self.edges) - 1

    def closures(self, *, at_start: bool) -> list[int]:
        """Of each node, the bits of what can be reached from it without consuming anything; see SHIFT and ENDS."""
        # Behind $ nothing is consumed any more: all that is left to find is the end.
        ended = self._closure([0] * len(self.edges), ENDS, at_start)
        own = [0] * len(self.edges)
        for node, position in self.position.items():
            own[node] = 1 << position + SHIFT
        for node, edges in enumerate(self.edges):
            for target, kind in edges:
                if kind == AT_END:
                    own[node] |= ended[target]
        return self._closure(own, ENDS_HERE, at_start)

    def _closure(self, reached: list[int], end: int, at_start: bool) -> list[int]:
        """`reached` with all that the edges lead to; those of $ are passed once the text has ended."""
        passed = {PLAIN} | ({AT_START} if at_start else set()) | ({AT_END} if end == ENDS else set())
        reached[self.accept] |= end
        changed = True
        while changed:
            changed = False
            # Edges lead forwards but for those that close loops, so that few passes backwards are enough.
            for node in range(len(self.edges) - 1, -1, -1):
                bits = reached[node]
                for target, kind in self.edges[node]:
                    if kind in passed:
                        bits |= reached[target]
                changed |= bits != reached[node]
                reached[node] = bits
        return reached
