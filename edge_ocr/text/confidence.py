"""The definition of confidence, for characters, words, lines and votes.

**The confidence of a text is the probability that a character of it is right.** For a word or
a line it is the mean over its characters, so that long lines are not less certain than short ones: at 0.9, one
character in ten is expected to be wrong. In a line that is more than half wrong, no character counts as right.

It takes two steps. Evidence is what the network says before a charset, a pattern or the language has had a say: a
restricted reading that the ink does not show has little of it. Then a logistic regression (Platt, 1999) turns it into
a probability. `python -m convert confidence` fits it, for each model, to readings whose truth is known; its weights
are kept in the model's bundle.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import EdgeOcrError
from edge_ocr.page import Glyph, Line

Floats = NDArray[np.float64]

MIN_CONFIDENCE = 0.2
"""Default of the least confidence of a line.

Chosen on the sets of docs/confidence.md: below it hardly a line shows what is written, and no picture without writing
gives text."""

LEAST_LOG = -12.0
"""Log probabilities below this are all the same."""

LEAST_CLARITY = -3.0
"""The same for the mean of a line's characters."""

MANY_LINES = 5.0
"""Lines from which a page's number of lines says no more."""

FORCED, FORCED_EACH = 3.0, 1.0
"""Nats, for a text and for each of its characters, by which it may explain its ink worse than the best reading does,
before a pattern is taken to have forced it on other writing.

On 80 made pages like those of `convert evaluate patterns` no right answer loses more than 85 % of that. Of the texts
forced on other lines that were given there all but one lose more."""

MOST_LOGIT = 30.0
"""Log odds beyond which nothing is more certain: their exponential stays within what a float can hold."""

USUALLY_SEEN, LEAST_SEEN = 0.5, 0.03
"""What `Evidence.seen` is where no finder has looked, and below which it says no more."""

FEATURES = (
    "constant", "posterior", "restriction", "rival", "word",
    "line", "forced", "gap", "unread", "short", "page", "lines", "seen",
)  # fmt: skip
"""The features of confidence, in the order of `features`' columns."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of one line's shapes for the read text; (n,) arrays have a value for each character but spaces."""

    posterior: Floats
    """(n,) log probability of the character among those that may occur."""
    free: Floats
    """(n,) log probability of the character among all that the model knows, 'not a character' included."""
    best: Floats
    """(n,) log probability of the likeliest of all these; equal to `free` where the character is the likeliest."""
    word: Floats
    """(n,) log probability of the character's word among those that the search held; 0 where it held no other."""
    gap: float
    """How much likelier the best reading of the same ink is, in nats per character, of any characters."""
    unread: float
    """Part of the line's ink, 0 to 1, without a character of the text."""
    seen: float = USUALLY_SEEN
    """How surely the finder takes the line's ink for pen, 0 to 1."""

    @classmethod
    def joined(cls, parts: "Sequence[Evidence]") -> "Evidence":
        """Of several parts of a line, or of none."""
        count = sum(len(part.posterior) for part in parts)

        def array(name: str) -> Floats:
            return np.concatenate([np.zeros(0), *(getattr(part, name) for part in parts)])

        def mean(name: str) -> float:
            return math.fsum(getattr(part, name) * len(part.posterior) / count for part in parts)

        return cls(
            array("posterior"), array("free"), array("best"), array("word"), mean("gap"), mean("unread"), mean("seen")
        )  # fmt: skip

    @property
    def is_forced(self) -> bool:
        """Whether a text that had to match a pattern says something other than its ink."""
        return self.gap * len(self.posterior) > FORCED + FORCED_EACH * len(self.posterior)

    @property
    def clarity(self) -> float:
        """Mean log probability of the likeliest characters, whatever was read: near 0 if the ink is writing."""
        return float(np.maximum(self.best, LEAST_CLARITY).mean()) if len(self.best) else LEAST_CLARITY


@dataclass(frozen=True, slots=True)
class Attempt:
    """One recogniser's reading of a line."""

    line: Line
    """Its characters' confidences are the network's own, not calibrated yet."""
    evidence: Evidence
    by: str
    """Which recogniser read it: "characters" or "lines"."""
    score: float = -math.inf
    """Log score of single characters' shapes, in nats for each: 0 if they leave no doubt, -inf if none was read."""
    text: str = ""
    """The whole text that was read, of which a pattern may have taken parts."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The evidence of all lines of a page: textures give many lines, none of them clear."""

    clarity: float
    """Mean `Evidence.clarity` of the page's characters."""
    lines: int
    """In which something was read."""

    @classmethod
    def of(cls, attempts: Sequence[Attempt]) -> "Surroundings":
        """Of all attempts of a page."""
        read = [attempt.evidence for attempt in attempts if attempt.line.words]
        count = sum(len(evidence.best) for evidence in read)
        clarity = math.fsum(evidence.clarity * len(evidence.best) for evidence in read) / max(1, count)
        return cls(clarity, len(read))


def check_minimum(min_confidence: float) -> None:
    """Raise EdgeOcrError unless it is a probability: nothing is above 2, and everything is above -1."""
    if not isinstance(min_confidence, Real) or not 0 <= min_confidence <= 1:
        raise EdgeOcrError(f"min_confidence is {min_confidence!r}: expected a confidence from 0 to 1, such as 0.6")


def features(evidence: Evidence, page: Surroundings) -> Floats:
    """(n, len(FEATURES)) what each character's confidence is judged by."""
    posterior, free, best, word = (
        np.maximum(logs, LEAST_LOG) for logs in (evidence.posterior, evidence.free, evidence.best, evidence.word)
    )
    # Log odds; a probability of 1 within rounding is taken as 0.9999.
    odds = posterior - np.log(-np.expm1(np.minimum(posterior, -1e-4)))
    restriction = free - posterior
    of_character = [np.ones(len(posterior)), np.maximum(odds, LEAST_LOG), restriction, free - best, word]
    of_line = [
        posterior.mean(), restriction.mean(), min(evidence.gap, -LEAST_LOG), evidence.unread, 1 / len(posterior),
        page.clarity, min(math.log(page.lines), math.log(MANY_LINES)), math.log(max(evidence.seen, LEAST_SEEN)),
    ]  # fmt: skip
    return np.column_stack([*of_character, *(np.full(len(posterior), value) for value in of_line)])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the features for one recogniser's readings."""

    weights: tuple[float, ...]
    """One for each of FEATURES."""

    @classmethod
    def of(cls, facts: Mapping[str, float]) -> "Calibration":
        """From model.json's "confidence"; a bundle that has none trusts its network's own probabilities."""
        return cls(tuple(float(facts.get(name, 0.0)) for name in FEATURES)) if facts else UNCALIBRATED

    def __call__(self, evidence: Evidence, page: Surroundings) -> Floats:
        """(n,) probability that each character is right."""
        logits = np.clip(features(evidence, page) @ np.array(self.weights), -MOST_LOGIT, MOST_LOGIT)
        sure: Floats = 1 / (1 + np.exp(-logits))
        return sure


UNCALIBRATED = Calibration(tuple(float(name == "posterior") for name in FEATURES))


def calibrated(attempt: Attempt, calibration: Calibration, page: Surroundings, *, must_match: bool = False) -> Line:
    """The line with calibrated confidences; 0 where it had to match a pattern and was forced to.

    The weights are fitted to readings that were free, in which skipped spaces and signs say little.
    """
    if not attempt.line.words:
        return attempt.line
    is_forced = must_match and attempt.evidence.is_forced
    sure = iter(calibration(attempt.evidence, page).tolist() if not is_forced else repeat(0.0))
    glyphs = [tuple(_surer(glyph, next(sure)) for glyph in word.glyphs) for word in attempt.line.words]
    return Line(tuple(replace(word, glyphs=own) for word, own in zip(attempt.line.words, glyphs, strict=True)))


def _surer(glyph: Glyph, confidence: float) -> Glyph:
    """The character with its confidence; its alternatives share the rest in the same proportions."""
    left = (1 - confidence) / max(1e-6, 1 - glyph.confidence)
    others = tuple((text, min(1.0, probability * left)) for text, probability in glyph.alternatives)
    return replace(glyph, confidence=confidence, alternatives=others)
