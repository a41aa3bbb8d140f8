"""Where a form lies on a photograph: as if paper were flat, and as it is bent."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.forms.form import Area

Homography = NDArray[np.float64]
"""(3, 3) map of points."""
Points = NDArray[np.float32]
"""(n, 2) x and y in pixels."""

ORDER = 5
"""Of the polynomial that bent paper follows: a sheet has room for hardly more than a wave."""

STIFF = 1.0
"""How much paper resists to bending, in points of print that resist it: more where it bends more often."""

OFF, FIRST_OFF = 3.0, 12.0
"""Pixels by which a point counts half as much, or less, in the last rounds and in the first four of `ROUNDS`."""

ROUNDS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """How far points of a sheet are off the places that they would have if it were flat."""

    factors: NDArray[np.float64]
    """(m, 2) of the products of two Chebyshev polynomials, one across and one down."""
    least: NDArray[np.float64]
    """(2,) to the left and up, and"""
    most: NDArray[np.float64]
    """(2,) to the right and down: pixels by which points that agree are off; beside them paper is off no more."""
    size: tuple[int, int]
    """Width and height of the sheet in pixels."""

    @classmethod
    def of(cls, expected: Points, seen: Points, size: tuple[int, int]) -> "Bend":
        """The smooth bend that most points agree on.

        Args:
            expected: (n, 2) places on a flat sheet.
            seen: (n, 2) where they are seen instead.
            size: width and height of the sheet in pixels.
        """
        terms, off = _terms(expected, size), (seen - expected).astype(np.float64)
        degrees = np.array([across + down for across, down in _DEGREES])
        stiff = np.diag(STIFF * np.maximum(0, degrees - 1) ** 2 + 1e-6)
        weight = np.ones((len(expected), 1))
        for number in range(ROUNDS):
            weighted = terms * weight
            factors = np.linalg.solve(weighted.T @ weighted + stiff, weighted.T @ (weight * off))
            missed = np.linalg.norm(terms @ factors - off, axis=1, keepdims=True)
            weight = 1 / (1 + (missed / (OFF if number >= 4 else FIRST_OFF)) ** 2)
        agreed = np.vstack([off[missed[:, 0] < OFF], (0, 0)])
        return cls(np.asarray(factors, np.float64), agreed.min(axis=0), agreed.max(axis=0), size)

    def moved(self, points: NDArray[Any]) -> NDArray[np.float64]:
        """(n, 2) where points of the flat sheet are seen."""
        off = np.clip(_terms(points, self.size) @ self.factors, self.least, self.most)
        return np.asarray(points + off, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A form on a photograph."""

    to_photo: Homography
    """From the form in parts of its width and height, 0 to 1, to pixels of the photograph, as if paper were flat."""
    bend: Bend

    def enlarged(self, factor: float) -> "Found":
        """The same on a photograph `factor` times as large."""
        whole = np.diag([factor, factor, 1.0]) @ self.to_photo
        return Found(whole / whole[2, 2], self.bend)

    def near(self, area: Area) -> Homography:
        """As `to_photo`, but so that the corners of an area lie where bent paper has them."""
        right, bottom = area.left + area.width, area.top + area.height
        flat = np.array([(area.left, area.top), (right, area.top), (right, bottom), (area.left, bottom)])
        places = self.bend.moved(flat * self.bend.size)
        bent = cv2.getPerspectiveTransform(flat.astype(np.float32), (places / self.bend.size).astype(np.float32))
        return np.asarray(self.to_photo @ bent, np.float64)


_DEGREES = [(across, down) for across in range(ORDER + 1) for down in range(ORDER + 1 - across)]


def _terms(points: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float64]:
    """(n, m) the products of Chebyshev polynomials at points of a sheet."""
    x, y = (np.polynomial.chebyshev.chebvander(2 * points[:, at] / size[at] - 1, ORDER) for at in (0, 1))
    return np.stack([x[:, across] * y[:, down] for across, down in _DEGREES], axis=1)
