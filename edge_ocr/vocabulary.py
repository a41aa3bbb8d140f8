"""Listed words: how likely a word is one of them, and how likely it begins like one."""

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

    def __len__(self) -> int:
        return len(self._commonness)

    def __getitem__(self, number: int) -> str:
        return self._word(number).decode("ascii")

    def score(self, word: str) -> float:
        """Logarithm of the share of `word` among all words; -inf when it is not listed."""
        folded = word.lower().encode(errors="replace")
        at = self._place(folded)
        if at == len(self) or self._word(at) != folded:
            return -math.inf
        return self._share(at, at + 1)

    def start_score(self, letters: str) -> float:
        """Logarithm of the share of the words that begin with `letters`; -inf when none does."""
        folded = letters.lower().encode(errors="replace")
        first = self._place(folded)
        # No letter comes after "{"; apostrophes come before all.
        return self._share(first, self._place(folded + b"{", first))

    def most_common(self) -> list[str]:
        """All words, the most frequent first."""
        return [self[number] for number in sorted(range(len(self)), key=self._commonness.__getitem__)]

    def _word(self, number: int) -> bytes:
        return self._words[self._starts[number] : self._ends[number]]

    def _place(self, folded: bytes, first: int = 0) -> int:
        return bisect_left(range(len(self)), folded, first, key=self._word)

    def _share(self, first: int, end: int) -> float:
        share = self._before[end] - self._before[first]
        return math.log(share / self._before[-1]) if end > first else -math.inf
