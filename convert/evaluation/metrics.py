"""How far readings are from the truth: character error rates of pages, and look-alike characters as one class."""

from collections.abc import Callable, Iterable

from rapidfuzz.distance import Levenshtein

from edge_ocr.bench.accuracy import loose_text, strict_text

FOLDS = {"o": "0", "i": "1", "l": "1", "z": "2", "s": "5"}
"""Case-folded letter -> the digit whose shape it shares in handwriting: 0=O, 1=I=l, 2=Z, 5=S."""


def fold(char: str) -> str:
    """The class of `char` when case and look-alikes do not count: "O", "o" and "0" all give "0"."""
    folded = char.casefold()
    return FOLDS.get(folded, folded)


def strict_cer(pairs: Iterable[tuple[str, str]]) -> float:
    """Character error rate of (truth, reading) page texts, `strict_text` of both.

    Edits of all pages over characters of all truths, so 0.03 is three edits in a hundred characters and more than 1
    is possible. Without any character in the truths the rate is 0 when nothing was read either, else infinite.
    """
    return _error_rate(pairs, strict_text)


def loose_cer(pairs: Iterable[tuple[str, str]]) -> float:
    """Like `strict_cer`, with `loose_text` of both."""
    return _error_rate(pairs, loose_text)


def _error_rate(pairs: Iterable[tuple[str, str]], normalise: Callable[[str], str]) -> float:
    edits = length = 0
    for truth, reading in pairs:
        wanted, got = normalise(truth), normalise(reading)
        edits += Levenshtein.distance(wanted, got)
        length += len(wanted)
    if length == 0:
        return 0.0 if edits == 0 else float("inf")
    return edits / length
