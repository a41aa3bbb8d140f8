"""Listed words: the probability of a word, and of the beginning of one."""

import math
from bisect import bisect_left

import numpy as np

STEPS = 16
"""Quantisation of stored probabilities: steps to one nat, so that 255 is a probability of 1.2e-7."""


class Vocabulary:
    """Words in small letters with their shares, held as one block of bytes: a list of strings would take four times it.

    Scores are natural logarithms; a word may be asked for in any case.
    """

    def __init__(self, words: bytes, commonness: bytes) -> None:
        """`words`: sorted, a line each. `commonness`: -STEPS times the logarithm of each one's share, rounded."""
        breaks = np.flatnonzero(np.frombuffer(words, np.uint8) == ord("\n"))
        count = len(breaks) + 1 if words else 0
        if count != len(commonness):
            raise ValueError(f"{count} words have {len(commonness)} shares")
        self._words = words
        self._commonness = commonness
        # Views, which unlike arrays give Python's own numbers, in a quarter of the time.
        self._starts = np.concatenate([[0], breaks + 1]).astype(np.uint32).data
        self._ends = np.concatenate([breaks, [len(words)]]).astype(np.uint32).data
        shares = np.exp(np.frombuffer(commonness, np.uint8) / -STEPS)
        # Of all words that come earlier, so that a difference is the share of a range of words.
        self._before = np.concatenate([[0.0], np.cumsum(shares)]).data

    def __reduce__(self) -> tuple[type["Vocabulary"], tuple[bytes, bytes]]:
        return Vocabulary, (self._words, self._commonness)  # Views cannot be pickled.

    def __len__(self) -> int:
        return len(self._commonness)

    def __getitem__(self, number: int) -> str:
        return self._word(number).decode("ascii")

    def beginning(self, letters: str, among: range | None = None) -> range:
        """Numbers of the words that begin with `letters`; empty when none does.

        `among`: the numbers of those that begin with fewer of these letters, where they are known, to save time.
        """
        first, end = (0, len(self)) if among is None else (among.start, among.stop)
        if first == end:
            return range(0)
        folded = letters.lower().encode(errors="replace")
        numbers = range(len(self))
        first = bisect_left(numbers, folded, first, end, key=self._word)
        # No letter comes after "{"; apostrophes come before all.
        return range(first, bisect_left(numbers, folded + b"{", first, end, key=self._word))

    def start_score(self, words: range) -> float:
        """Logarithm of the share of the words that `beginning` gave among all; -inf when it gave none."""
        if not words:
            return -math.inf
        return math.log((self._before[words.stop] - self._before[words.start]) / self._before[-1])

    def score(self, word: str, words: range | None = None) -> float:
        """Logarithm of the share of `word` among all words; -inf when it is not listed.

        `words`: what `beginning` gives for it, where that is known, to save time.
        """
        words = self.beginning(word) if words is None else words
        # A word comes before those that go on after it.
        if not words or self._word(words.start) != word.lower().encode(errors="replace"):
            return -math.inf
        return self.start_score(range(words.start, words.start + 1))

    def most_common(self) -> list[str]:
        """All words, the most frequent first."""
        return [self[number] for number in sorted(range(len(self)), key=self._commonness.__getitem__)]

    def _word(self, number: int) -> bytes:
        return self._words[self._starts[number] : self._ends[number]]
