"""Strips to learn from: what is left of cells' walls."""

import cv2
import numpy as np

from convert.synthesis.strips import walled


def spaced() -> np.ndarray:
    """Three letters far apart."""
    ink = np.zeros((40, 160), np.uint8)
    for left in (10, 70, 130):
        cv2.rectangle(ink, (left, 8), (left + 14, 32), 255, 3)
    return ink


def test_walls_stand_in_gaps_and_are_taller_than_letters() -> None:
    """Fails when a wall covers a letter, or is as tall as one, so that nobody could tell it from an l."""
    ink = spaced()
    for seed in range(20):
        drawn = walled(ink, np.random.default_rng(seed))
        assert drawn.shape[0] > len(ink), "there is no room above and below the letters"
        assert any(_holds(drawn, ink, left) for left in range(1, drawn.shape[1] - ink.shape[1]))


def test_a_line_without_gaps_keeps_its_ink() -> None:
    """Fails when a joined word is cut by walls."""
    ink = np.full((40, 100), 255, np.uint8)
    drawn = walled(ink, np.random.default_rng(1))
    assert any(_holds(drawn, ink, left) for left in range(drawn.shape[1] - ink.shape[1]))


def _holds(drawn: np.ndarray, ink: np.ndarray, left: int) -> bool:
    """Whether all of the ink is still there, from this column on."""
    for top in range(drawn.shape[0] - ink.shape[0] + 1):
        part = drawn[top : top + ink.shape[0], left : left + ink.shape[1]]
        if (part[ink == 255] == 255).all():
            return True
    return False
