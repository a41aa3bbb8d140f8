"""A hand that prints capitals and digits: strokes with chance in size, slant and place, so that no two are alike."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Gray
from tests.scenes import SHAPES

Rng = np.random.Generator

STROKES: dict[str, list[list[tuple[float, float]]]] = {
    name: SHAPES[name] for name in ("A", "B", "E", "H", "I", "L", "N", "O", "T", "X", "7", "-", ".")
} | {
    "1": [[(0, 0.84), (0.16, 1), (0.16, 0)]],
    "0": [[(0.28, 1), (0.06, 0.82), (0, 0.45), (0.1, 0.08), (0.3, 0), (0.5, 0.15), (0.56, 0.55), (0.46, 0.92),
           (0.28, 1)]],
    "2": [[(0, 0.78), (0.12, 0.96), (0.32, 1), (0.5, 0.88), (0.52, 0.7), (0.35, 0.4), (0, 0)], [(0, 0), (0.56, 0)]],
    "3": [[(0.02, 0.9), (0.2, 1), (0.45, 0.9), (0.45, 0.65), (0.2, 0.52), (0.5, 0.4), (0.52, 0.15), (0.28, 0),
           (0, 0.1)]],
    "4": [[(0.14, 1), (0, 0.36)], [(0, 0.36), (0.58, 0.36)], [(0.42, 0.72), (0.42, 0)]],
    "5": [[(0.5, 1), (0.06, 1)],
          [(0.06, 1), (0.03, 0.55), (0.3, 0.62), (0.52, 0.42), (0.5, 0.15), (0.25, 0), (0, 0.1)]],
    "6": [[(0.46, 0.98), (0.2, 0.75), (0.02, 0.35), (0.1, 0.05), (0.3, 0), (0.5, 0.12), (0.5, 0.38), (0.3, 0.5),
           (0.05, 0.35)]],
    "8": [[(0.3, 0.52), (0.06, 0.68), (0.06, 0.9), (0.28, 1), (0.5, 0.9), (0.5, 0.7), (0.3, 0.52), (0.04, 0.32),
           (0.04, 0.1), (0.28, 0), (0.54, 0.1), (0.54, 0.32), (0.3, 0.52)]],
    "9": [[(0.5, 0.72), (0.3, 0.52), (0.08, 0.6), (0.05, 0.85), (0.25, 1), (0.46, 0.92), (0.5, 0.72), (0.46, 0.3),
           (0.36, 0)]],
    "C": [[(0.62, 0.85), (0.45, 0.98), (0.2, 0.95), (0.03, 0.7), (0.02, 0.35), (0.15, 0.07), (0.4, 0), (0.62, 0.12)]],
    "D": [[(0, 0), (0, 1)], [(0, 1), (0.3, 0.98), (0.58, 0.78), (0.64, 0.5), (0.55, 0.2), (0.3, 0.02), (0, 0)]],
    "F": [[(0.55, 1), (0, 1)], [(0, 1), (0, 0)], [(0, 0.52), (0.45, 0.52)]],
    "G": [[(0.62, 0.85), (0.42, 0.99), (0.18, 0.95), (0.02, 0.68), (0.03, 0.3), (0.2, 0.03), (0.45, 0.02), (0.64, 0.2),
           (0.64, 0.42)], [(0.64, 0.42), (0.4, 0.42)]],
    "J": [[(0.5, 1), (0.5, 0.2), (0.35, 0.02), (0.15, 0.02), (0, 0.2)]],
    "K": [[(0, 0), (0, 1)], [(0.58, 1), (0.02, 0.45)], [(0.12, 0.52), (0.6, 0)]],
    "M": [[(0, 0), (0.05, 1)], [(0.05, 1), (0.4, 0.3)], [(0.4, 0.3), (0.75, 1)], [(0.75, 1), (0.8, 0)]],
    "P": [[(0, 0), (0, 1)], [(0, 1), (0.4, 0.97), (0.55, 0.8), (0.5, 0.58), (0.3, 0.48), (0, 0.48)]],
    "R": [[(0, 0), (0, 1)], [(0, 1), (0.4, 0.97), (0.55, 0.8), (0.5, 0.58), (0.3, 0.48), (0, 0.48)],
          [(0.25, 0.48), (0.58, 0)]],
    "S": [[(0.55, 0.86), (0.38, 1), (0.15, 0.96), (0.06, 0.76), (0.2, 0.58), (0.42, 0.45), (0.54, 0.25), (0.42, 0.04),
           (0.18, 0), (0, 0.14)]],
    "U": [[(0, 1), (0, 0.25), (0.12, 0.04), (0.32, 0), (0.52, 0.06), (0.6, 0.28), (0.6, 1)]],
    "V": [[(0, 1), (0.32, 0)], [(0.32, 0), (0.64, 1)]],
    "W": [[(0, 1), (0.2, 0)], [(0.2, 0), (0.42, 0.75)], [(0.42, 0.75), (0.64, 0)], [(0.64, 0), (0.84, 1)]],
    "Y": [[(0, 1), (0.3, 0.5)], [(0.6, 1), (0.3, 0.5), (0.3, 0)]],
    "Z": [[(0, 1), (0.58, 1)], [(0.58, 1), (0, 0)], [(0, 0), (0.6, 0)]],
}  # fmt: skip
"""Strokes as points (x to the right, y up from the baseline), in heights of a capital; corners part strokes."""


class Hand:
    """One writer: a slant, a width and a pen of their own."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._slant, self._wide = rng.normal(0.06, 0.06), rng.uniform(0.9, 1.15)

    def character(self, ink: Gray, char: str, at: tuple[float, float], capital: float, pen: float) -> float:
        """Draw a character whose baseline begins at `at`; returns its width in pixels."""
        rng, size = self._rng, capital * float(np.exp(self._rng.normal(0, 0.04)))
        turn, points = rng.normal(0, 0.03), [_rounded(np.array(stroke)) for stroke in STROKES[char]]
        width = max(float(stroke[:, 0].max()) for stroke in points) * self._wide * size
        lift = rng.normal(0, 0.03) * capital
        for stroke in points:
            wobbly = stroke + rng.normal(0, 0.008, stroke.shape)
            x = wobbly[:, 0] * self._wide + (self._slant + turn) * wobbly[:, 1]
            y = wobbly[:, 1] - turn * wobbly[:, 0]
            line = np.stack([at[0] + x * size, at[1] - lift - y * size], axis=1)
            cv2.polylines(ink, [np.round(16 * line).astype(np.int32)], False, 255, max(1, round(pen)), cv2.LINE_AA, 4)
        return width

    def line(self, ink: Gray, text: str, at: tuple[float, float], capital: float, pen: float) -> None:
        """Write a line from `at` on."""
        x = at[0]
        for char in text:
            width = 0.45 * capital if char == " " else self.character(ink, char, (x, at[1]), capital, pen)
            x += width + self._rng.uniform(0.24, 0.36) * capital

    def cells(
        self, ink: Gray, text: str, rooms: list[tuple[float, float]], rows: tuple[float, float], pen: float
    ) -> None:
        """Write a character into each cell of a comb, from the left; `rows` is its top and its height."""
        top, height = rows
        capital = self._rng.uniform(0.55, 0.75) * height
        for (left, right), char in zip(rooms, text, strict=False):
            if char == " ":
                continue
            wide = max(x for stroke in STROKES[char] for x, _ in stroke) * capital
            x = (left + right) / 2 - wide / 2 + self._rng.normal(0, 0.05) * (right - left)
            self.character(ink, char, (x, top + (height + capital) / 2), capital, pen)

    def scrawl(self, ink: Gray, box: tuple[float, float, float, float], pen: float) -> None:
        """A signature."""
        left, top, width, height = box
        along = np.linspace(0, 1, 60)
        x = left + width * (0.1 + 0.7 * along) + 0.02 * width * np.sin(40 * along)
        y = top + height * (0.55 + 0.3 * np.sin(25 * along + self._rng.uniform(0, 6)) * (1 - 0.6 * along))
        cv2.polylines(
            ink, [np.round(16 * np.stack([x, y], 1)).astype(np.int32)], False, 255, round(pen), cv2.LINE_AA, 4
        )

    def mark(self, ink: Gray, box: tuple[float, float, float, float], pen: float) -> None:
        """A cross or a tick in a check box, a little over its edges."""
        left, top, width, height = box
        cross = [[(0.1, 0.1), (0.9, 0.95)], [(0.9, 0.0), (0.1, 0.9)]]
        tick = [[(0.15, 0.5), (0.4, 0.85), (1.1, -0.15)]]
        for stroke in cross if self._rng.random() < 0.5 else tick:
            points = np.array(stroke) + self._rng.normal(0, 0.05, (len(stroke), 2))
            points = points * (width, height) + (left, top)
            cv2.polylines(ink, [np.round(16 * points).astype(np.int32)], False, 255, round(pen), cv2.LINE_AA, 4)


def _rounded(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners cut twice (Chaikin, 1974), the ends kept."""
    for _ in range(2 if len(stroke) > 2 else 0):
        cut = np.concatenate([0.75 * stroke[:-1] + 0.25 * stroke[1:], 0.25 * stroke[:-1] + 0.75 * stroke[1:]], axis=1)
        stroke = np.concatenate([stroke[:1], cut.reshape(-1, 2), stroke[-1:]])
    return stroke
