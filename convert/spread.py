"""A figure measured several times: its median and quartiles."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """From one value or more."""
        low, median, high = np.percentile(list(values), [25, 50, 75])
        return cls(float(median), float(low), float(high))

    def text(self, digits: int) -> str:
        """ "8.31 (8.20 to 8.45)", with this many digits after the point."""
        return f"{self.median:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"
