"""Which words follow which: the runtime's table of pairs, from running text and from the most frequent pairs.

`edge_ocr.text.neighbours` reads it. Conditional probabilities are smoothed as Witten and Bell did (IEEE Transactions on
Information Theory 37, 1991), with absolute discounting (Ney, Essen and Kneser, 1994) of what was seen once by chance.
"""

import csv
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from edge_ocr.text.neighbours import ANY

LEAST_COUNT = 2
"""Times that a pair must occur to be kept."""

DISCOUNT = 0.75
"""What each pair's count is lowered by."""

LEAST_GAIN = 0.25
"""Nats by which a pair must differ from what is said of all others after the same word; else it is left out."""

Pair = tuple[str, str]


def words_of(text: str) -> Iterator[str]:
    """The words of a text in small letters; every other sign but a space is one too, since it parts words."""
    return (found.group() for found in re.finditer(r"[a-z]+(?:'[a-z]+)*|[^\sa-z]", text.lower().replace("_", " ")))


def count_pairs(texts: Iterable[str], frequent: Path | None) -> Counter[Pair]:
    """How often each two words follow each other.

    Args:
        texts: running text.
        frequent: a table of pairs and counts (ngram,freq) of a much larger text, which is scaled to these.
    """
    counts: Counter[Pair] = Counter()
    for text in texts:
        counts.update(pairwise(words_of(text)))
    if frequent is not None:
        with frequent.open(newline="") as file:
            rows = {tuple(row["ngram"].lower().split()): float(row["freq"]) for row in csv.DictReader(file)}
        common = {pair: count for pair, count in rows.items() if pair in counts}
        scale = sum(counts[pair] for pair in common) / sum(common.values())
        for pair, count in rows.items():
            if len(pair) == 2:
                counts[pair] += round(scale * count)
    return counts


def pair_scores(counts: Mapping[Pair, int], numbers: Mapping[str, int]) -> dict[tuple[int, int], float]:
    """Logarithm of P(after | before) / P(after), by the numbers of listed words.

    Args:
        counts: of pairs.
        numbers: of each word of the vocabulary.
    """
    listed = {pair: count for pair, count in counts.items() if pair[0] in numbers and pair[1] in numbers}
    before, kinds, after = Counter[str](), Counter[str](), Counter[str]()
    for (first, second), count in listed.items():
        before[first] += count
        kinds[first] += 1
        after[second] += count
    total = sum(after.values())
    scores = {}
    left = {first: DISCOUNT * kinds[first] / before[first] for first in before}
    for first, rest in left.items():
        if before[first] > kinds[first]:
            scores[numbers[first], ANY] = math.log(rest)
    for (first, second), count in listed.items():
        if count >= LEAST_COUNT:
            gain = (count - DISCOUNT) / before[first] * total / after[second]
            score = math.log(gain + left[first])
            if abs(score - math.log(left[first])) > LEAST_GAIN:
                scores[numbers[first], numbers[second]] = score
    return scores
