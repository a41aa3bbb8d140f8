"""How far to go from a general model towards a tuned one: as far as what it knew before is kept.

Between the weights of a model and those of its fine-tuned copy lies a line of models, most of which keep nearly all of
the one's general accuracy and gain nearly all of the other's (WiSE-FT: Wortsman et al., 2022).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FACTORS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Parts of the way that are tried; 0 is the model as it was."""

ROUNDING = 1e-9
"""Of differences between shares."""


@dataclass(frozen=True, slots=True)
class Point:
    """One model on the way."""

    factor: float
    """0 the model as it was, 1 the tuned one."""
    own: float
    """Error rate on held-out samples of the own hand."""
    own_loss: float
    """Training's loss on them: steadier than the errors in a few words."""
    general: float
    """Error rate on everybody else's."""


def choose(points: Sequence[Point], limit: float, chance: float = 0.0) -> Point:
    """The point of least loss on the own hand, of those that read nothing worse than they may.

    `points` must hold one of factor 0, which is taken when no other is better.

    Args:
        limit: by which `general` may be above factor 0's.
        chance: by which `own` may be, since the errors in a few held-out words are a matter of luck.
    """
    before = next(point for point in points if point.factor == 0)
    allowed = [
        point
        for point in points
        if point.general - before.general <= limit + ROUNDING and point.own - before.own <= chance + ROUNDING
    ]
    return min(allowed, key=lambda point: (point.own_loss, point.factor))


def between(before: Sequence[np.ndarray], after: Sequence[np.ndarray], factor: float) -> list[np.ndarray]:
    """Weights at this part of the way, array by array."""
    return [(1 - factor) * one + factor * other for one, other in zip(before, after, strict=True)]
