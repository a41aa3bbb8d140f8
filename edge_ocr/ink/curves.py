"""Least-squares polynomials of low degree, for baselines and rulings."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fit_curve(x: Floats, y: Floats, degree: int) -> Floats:
    """Coefficients, highest power first, of the polynomial of `degree` (1 or 2) nearest to the points.

    By the normal equations about the mean of x, scaled to its range, where they are well conditioned; a tenth of the
    time of `numpy.polyfit`, whose general solver matters for the few dozen short fits of a page.
    """
    middle, reach = float(x.mean()), max(float(np.ptp(x)) / 2, 1.0)
    t = (x - middle) / reach
    # A trace of ridge keeps points that stand over each other from making the equations singular.
    ridge = 1e-9 * len(t)
    if degree == 1:
        slope = float(t @ y) / (float(t @ t) + ridge) / reach
        return np.array([slope, float(y.mean()) - slope * middle])
    basis = np.stack([np.ones_like(t), t, t * t], axis=1)
    terms: Floats = np.linalg.solve(basis.T @ basis + ridge * np.eye(3), basis.T @ y).astype(np.float64)
    slope = terms[1] / reach
    bend = terms[2] / reach**2
    return np.array([bend, slope - 2 * bend * middle, terms[0] - slope * middle + bend * middle**2])


def evaluate(curve: Floats, x: Floats) -> Floats:
    """The polynomial's values at `x`; coefficients highest power first."""
    y = np.zeros_like(x)
    for term in curve:
        y = y * x + term
    return y
