"""Which words follow which: how much likelier a word is after another one than anywhere.

The table is a sorted array of 64-bit numbers in a file that is mapped, not read: of its 1 to 2 MB a line touches a few
pages. A number holds, from its high bits on, the word before, the word after and the logarithm, as `packed` says.
"""

from bisect import bisect_left
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

STEPS = 16
"""Quantisation of the logarithms: steps to one nat."""

LEAST = -4.0
"""The smallest logarithm that is kept; a byte reaches to 11.9."""

WORD_BITS, VALUE_BITS = 24, 8

ANY = (1 << WORD_BITS) - 1
"""In place of the word after: all words that have no pair with the word before."""

NONE = -1
"""In place of a word's number: none is known."""


class Neighbours:
    """Looks pairs of listed words up, by their numbers in the vocabulary."""

    def __init__(self, table: NDArray[np.uint64]) -> None:
        """`table`: (n,) uint64, as `packed` makes it."""
        self._table = table
        self._numbers = table.data  # A view gives Python's own numbers, in a quarter of the time.

    @classmethod
    def load(cls, name: str) -> "Neighbours":
        """The table of a language; raises OSError or ValueError for a file that is missing or broken."""
        table = np.load(Path(str(resources.files("edge_ocr") / "data" / pairs_file(name))), mmap_mode="r")
        if table.dtype != np.uint64 or table.ndim != 1:
            raise ValueError("its pairs are no 64-bit numbers")
        return cls(table)

    def __reduce__(self) -> tuple[type["Neighbours"], tuple[NDArray[np.uint64]]]:
        return Neighbours, (np.array(self._table),)  # Views cannot be pickled.

    def __len__(self) -> int:
        return len(self._numbers)

    def score(self, before: int, after: int) -> float:
        """Logarithm of P(after | before) / P(after); 0.0 where nothing is known of `before`, or it is NONE."""
        if before == NONE:
            return 0.0
        found = self._look(before, after)
        if found is None:
            found = self._look(before, ANY)
        return 0.0 if found is None else found

    def _look(self, before: int, after: int) -> float | None:
        key = before << WORD_BITS | after
        at = bisect_left(self._numbers, key << VALUE_BITS)
        if at == len(self._numbers) or self._numbers[at] >> VALUE_BITS != key:
            return None
        value: int = self._numbers[at] & (1 << VALUE_BITS) - 1
        return LEAST + value / STEPS


def pairs_file(name: str) -> str:
    """Name of a language's file beside its other tables."""
    return f"{name}-pairs.npy"


UNKNOWN = Neighbours(np.zeros(0, np.uint64))
"""Of a language whose words have no order."""


def packed(pairs: dict[tuple[int, int], float]) -> NDArray[np.uint64]:
    """The table of these logarithms by word before and word after; `ANY` may be the word after."""
    return np.array(
        sorted(
            (before << WORD_BITS | after) << VALUE_BITS | min(255, max(0, round((score - LEAST) * STEPS)))
            for (before, after), score in pairs.items()
        ),
        np.uint64,
    )
