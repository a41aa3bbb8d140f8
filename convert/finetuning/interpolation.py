"""How far to go from a general model towards a tuned one without losing what it knew.

Most mixtures of a model's weights with those of its fine-tuned copy keep nearly all of the first one's general accuracy
and nearly all of the second one's gain (WiSE-FT: Wortsman et al., 2022).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FACTORS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Weights of the tuned model to try; 0 is the old model."""

ROUNDING = 1e-9
"""Of differences between shares."""


@dataclass(frozen=True, slots=True)
class Point:
    """One mixture."""

    factor: float
    """Weight of the tuned model: 0 is the old one."""
    own: float
    """Error rate on held-out samples of the own hand."""
    own_loss: float
    """Training loss on them: steadier than the errors in a few words."""
    general: float
    """Error rate on general writing."""


def choose(points: Sequence[Point], limit: float, chance: float = 0.0) -> Point:
    """The mixture with the least loss on the own hand, of those within the limits.

    `points` must hold one of factor 0, which is the answer if no other is better.

    Args:
        limit: how much `general` may exceed that of factor 0.
        chance: how much `own` may, since the errors in a few held-out words are a matter of luck.
    """
    before = next(point for point in points if point.factor == 0)
    allowed = [
        point
        for point in points
        if point.general - before.general <= limit + ROUNDING and point.own - before.own <= chance + ROUNDING
    ]
    return min(allowed, key=lambda point: (point.own_loss, point.factor))


def between(before: Sequence[np.ndarray], after: Sequence[np.ndarray], factor: float) -> list[np.ndarray]:
    """The mixed weights, array by array."""
    return [(1 - factor) * one + factor * other for one, other in zip(before, after, strict=True)]
