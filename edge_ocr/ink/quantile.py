"""Values with weights -> the value that a part of the weight does not exceed."""

import numpy as np
from numpy.typing import ArrayLike


def weighted_quantile(values: ArrayLike, weights: ArrayLike, part: float = 0.5) -> float:
    """The least value up to which `part` of the weight lies; the median by default.

    Args:
        values: (n,) at least one.
        weights: (n,) none negative.
        part: 0 to 1.
    """
    values, weights = np.asarray(values), np.asarray(weights)
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, part * weights.sum())])
