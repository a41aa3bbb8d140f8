"""Characters of one shape: a stroke is 1, I or l, and a ring 0 or O; what is around them decides, or the charset.

A network names the likeliest of them by what stands beside it. When that one may not occur, it still saw the shape.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Line

TWINS = ("1Il|", "0Oo")

SEEN = -2.0
"""Nats below the likeliest character of its ink from which a character is not seen there but forced."""


Logs = TypeVar("Logs", NDArray[np.float32], NDArray[np.float64])


def with_twins(log_probabilities: Logs, labels: Sequence[str], possible: Sequence[bool]) -> Logs:
    """The same, with the probability of characters that may not occur given to those of their shape that may.

    Args:
        log_probabilities: (n, classes) natural logarithms.
        labels: what each class may be; "" is none.
        possible: whether a class may occur.
    """
    given = log_probabilities
    for shape in TWINS:
        alike = [number for number, label in enumerate(labels) if label and label[0] in shape]
        takers = [number for number in alike if possible[number]]
        if takers and len(takers) < len(alike):
            given = given.copy() if given is log_probabilities else given
            all_of_it, taken = (np.logaddexp.reduce(given[:, some], axis=1) for some in (alike, takers))
            given[:, takers] += (all_of_it - taken)[:, None]
            given[:, [number for number in alike if not possible[number]]] = -np.inf
    return given


def are_believed(line: Line, shown: NDArray[np.float64], best: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) whether a line's characters may count as their twins: in words of which all is seen.

    In a word that holds another shape, twins are its letters: ROOM is not 8001.

    Args:
        line: of n characters.
        shown: (n,) their log probabilities, `with_twins`.
        best: (n,) that of the likeliest character of the same ink.
    """
    words = np.repeat(np.arange(len(line.words)), [len(word.glyphs) for word in line.words])
    forced = np.bincount(words, shown < best + SEEN)
    return np.asarray(forced[words] == 0)
