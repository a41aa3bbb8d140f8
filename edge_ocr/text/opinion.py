"""Two recognisers on one line under a pattern: of the texts that match, the one that both together find likeliest.

A pattern leaves few texts, which differ in a character or two; the networks' errors are not the same, so that the sum
of their scores (a product of experts; Hinton, 2002) is right more often than either.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from edge_ocr.text.ctc import Transcript

MOST_ALTERNATIVES = 4
"""Texts of the line recogniser's search that are looked at, beside its best."""

UNLIKELIEST = -12.0
"""Nats below a recogniser's best text at which no text is any less likely: it may have no way to read a text at all."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one recogniser says of a line that another one reads."""

    text: str
    """Its own reading; "" when it has none."""
    score: Callable[[str], float]
    """Log score of any text, by the shapes; -inf where it cannot be read."""


def settle(transcript: Transcript, opinion: Opinion, score: Callable[[str], float]) -> Transcript:
    """The transcript with that of its texts first which its own `score` and the opinion's together find best.

    `score`: log score of any text; -inf for one that must not be chosen.
    """
    held = dict.fromkeys((transcript.text, *(other for other, _ in transcript.others[:MOST_ALTERNATIVES])))
    if opinion.text in ("", transcript.text):
        return transcript
    own = {text: score(text) for text in (*held, opinion.text) if text}
    own = {text: found for text, found in own.items() if found > -math.inf}
    if len(own) < 2:
        return transcript
    texts, sums = list(own), dict.fromkeys(own, 0.0)
    for found in (own, {text: opinion.score(text) for text in texts}):
        most = max(found.values())
        for text in texts:
            sums[text] += max(found[text] - most, UNLIKELIEST) if most > -math.inf else 0.0
    best = max(texts, key=sums.__getitem__)
    others = sorted(((text, sums[text] - sums[best]) for text in texts if text != best), key=lambda pair: -pair[1])
    return Transcript(best, tuple(others))
