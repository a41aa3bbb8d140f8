"""What is drawn or printed and is not text: rulings, boxes, logos, stamps, drawings, holes.

Every function draws on `mask` (height, width) uint8, 0 nothing to 255 full colour, and takes its chances from `rng`.
"""

from collections.abc import Callable

import cv2
import numpy as np

from convert.synthesis.augmentation import Rng, between
from edge_ocr.page import Gray

FINE = 4
"""Bits of a pixel's fraction in OpenCV's drawing functions."""
Point = tuple[float, float]


def segment(mask: Gray, first: Point, last: Point, width: float, level: int = 255) -> None:
    """A straight line with soft edges; below 1 pixel it grows paler."""
    ends = [tuple(round(value * (1 << FINE)) for value in point) for point in (first, last)]
    strength = round(level * min(1.0, width)) if width < 1 else level
    cv2.line(mask, ends[0], ends[1], strength, max(1, round(width)), cv2.LINE_AA, FINE)


def curve(mask: Gray, points: np.ndarray, width: float, closed: bool = False) -> None:
    """A line through points (n, 2)."""
    fixed = np.round(points * (1 << FINE)).astype(np.int32)
    cv2.polylines(mask, [fixed], closed, 255, max(1, round(width)), cv2.LINE_AA, FINE)


def rulings(mask: Gray, rng: Rng, pitch: float) -> None:
    """Lines across, squares, dots or a music staff, level or aslant, fine or thick."""
    height, width = mask.shape
    reach = float(np.hypot(height, width))
    kind = ("lines", "lines", "lines", "squares", "squares", "dots", "staff")[int(rng.integers(7))]
    angle = rng.normal(0, 0.015) if rng.random() < 0.8 else between(rng, -1.6, 1.6)
    thick = between(rng, 0.5, 1.6) if rng.random() < 0.8 else between(rng, 1.6, 0.12 * pitch + 1.7)
    if kind == "staff":
        for start in np.arange(between(rng, 0, 8 * pitch), reach, 8 * pitch):
            for step in range(5):
                _ruled(mask, angle, start + step * pitch, thick, reach)
        return
    for start in np.arange(between(rng, 0, pitch), reach, pitch):
        _ruled(mask, angle, start, thick, reach)
        if kind != "lines":
            _ruled(mask, angle + np.pi / 2, start, thick, reach)
    if kind == "dots":
        _dotted(mask, rng, pitch, thick)


def _dotted(mask: Gray, rng: Rng, pitch: float, thick: float) -> None:
    mask[:] = 0
    for y in np.arange(between(rng, 0, pitch), mask.shape[0], pitch):
        for x in np.arange(pitch / 2, mask.shape[1], pitch):
            cv2.circle(mask, (int(x), int(y)), max(1, round(thick)), 255, -1, cv2.LINE_AA)


def _ruled(mask: Gray, angle: float, start: float, thick: float, reach: float) -> None:
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    middle = np.array(mask.shape[::-1]) / 2
    foot = middle + across * (start - reach / 2)
    segment(mask, tuple(foot - along * reach), tuple(foot + along * reach), thick)


def margins(mask: Gray, rng: Rng) -> None:
    """One or two lines down beside the text, and perhaps one below the head."""
    height, width = mask.shape
    x = between(rng, 0.03, 0.2) * width if rng.random() < 0.8 else between(rng, 0.8, 0.97) * width
    thick = between(rng, 0.6, 3.0)
    for number in range(int(rng.integers(1, 3))):
        at = x + number * (3 * thick + 3)
        segment(mask, (at, -5), (at + rng.normal(0, 3), height + 5), thick)
    if rng.random() < 0.4:
        y = between(rng, 0.03, 0.15) * height
        segment(mask, (-5, y), (width + 5, y), thick)


def holes(mask: Gray, rng: Rng) -> None:
    """Punch holes along a side, or the closely set ones of a spiral."""
    height, width = mask.shape
    spiral = rng.random() < 0.35
    radius = between(rng, 0.006, 0.014) * max(height, width) * (0.7 if spiral else 1.0) + 1
    pitch = radius * (3.2 if spiral else between(rng, 8, 30))
    at = radius * 2.2
    for place in np.arange(pitch / 2, height if rng.random() < 0.7 else 0, pitch):
        cv2.circle(mask, (round(at), round(place)), max(1, round(radius)), 255, -1, cv2.LINE_AA)


def random_curve(rng: Rng, size: float, points: int, smooth: bool = True) -> np.ndarray:
    """A wandering line about (0, 0), (n, 2), some `size` pixels wide."""
    steps = rng.normal(0, 1, (points, 2)).cumsum(axis=0)
    steps -= steps.mean(axis=0)
    steps *= size / 2 / max(1e-3, float(np.abs(steps).max()))
    if not smooth:
        return steps
    fine = np.linspace(0, points - 1, 10 * points)
    wave = np.stack([np.interp(fine, np.arange(points), steps[:, axis]) for axis in (0, 1)], axis=1)
    kernel = np.ones(9) / 9
    return np.stack([np.convolve(wave[:, axis], kernel, mode="valid") for axis in (0, 1)], axis=1)


def drawing(mask: Gray, rng: Rng, centre: Point, size: float, pen: float) -> None:
    """Something that a pen drew and that is no letter: doodle, arrow, star, hatching, figure, tree, diagram."""
    kinds = (_doodle, _arrow, _star, _hatching, _figure, _tree, _diagram, _plot, _flower)
    kinds[int(rng.integers(len(kinds)))](mask, rng, np.array(centre), size, pen)


def _doodle(mask: Gray, rng: Rng, centre: np.ndarray, size: float, pen: float) -> None:
    curve(mask, centre + random_curve(rng, size, int(rng.integers(5, 25))), pen)


def _arrow(mask: Gray, rng: Rng, centre: np.ndarray, size: float, pen: float) -> None:
    angle = between(rng, 0, 6.28)
    along = size / 2 * np.array([np.cos(angle), np.sin(angle)])
    across = 0.2 * np.array([-along[1], along[0]])
    curve(mask, np.stack([centre - along, centre + along]), pen)
    curve(mask, np.stack([centre + 0.7 * along + across, centre + along, centre + 0.7 * along - across]), pen)


def _star(mask: Gray, rng: Rng, centre: np.ndarray, size: float, pen: float) -> None:
    count = int(rng.integers(3, 10))
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False) + between(rng, 0, 3)
    order = np.arange(count) * int(rng.integers(1, max(2, count // 2 + 1))) % count
    tips = centre + size / 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    curve(mask, tips[order], pen, closed=True)


def _hatching(mask: Gray, rng: Rng, centre: np.ndarray, size: float, pen: float) -> None:
    angle, gap = between(rng, 0, 3.14), between(rng, 1.5, 6) * pen + 1
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    for step in np.arange(-size / 2, size / 2, gap):
        half = between(rng, 0.25, 0.5) * size
        curve(mask, np.stack([centre + step * across - half * along, centre + step * across + half * along]), pen)


def _figure(mask: Gray, rng: Rng, centre: np.ndarray, size: float, pen: float) -> None:
    x, y = centre
    width = max(1, round(pen))
    head = max(2, round(0.15 * size))
    cv2.circle(mask, (round(x), round(y - 0.35 * size)), head, 255, width, cv2.LINE_AA)
    spread = between(rng, 0.1, 0.35) * size
    joints = [(0, -0.2), (0, 0.2)], [(-spread / size, 0.5), (0, 0.2), (spread / size, 0.5)], [(-0.3, 0.0), (0.3, -0.05)]
    for limb in joints:
        curve(mask, centre + size * np.array(limb), pen)


def _tree(mask: Gray, rng: Rng, centre: np.ndarray, size: float, pen: float, angle: float = -1.57) -> None:
    tip = centre + 0.4 * size * np.array([np.cos(angle), np.sin(angle)])
    curve(mask, np.stack([centre, tip]), pen)
    if size > 14:
        for turn in (-between(rng, 0.2, 0.9), between(rng, 0.2, 0.9)):
            _tree(mask, rng, tip, 0.68 * size, max(1, 0.8 * pen), angle + turn)


def _diagram(mask: Gray, rng: Rng, centre: np.ndarray, size: float, pen: float) -> None:
    for _ in range(int(rng.integers(2, 5))):
        place = centre + rng.uniform(-0.5, 0.5, 2) * size
        half = rng.uniform(0.08, 0.25, 2) * size
        if rng.random() < 0.5:
            corners = place + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
            curve(mask, corners + rng.normal(0, 0.01 * size, (4, 2)), pen, closed=True)
        else:
            turn = np.linspace(0, 6.5, 30)
            curve(mask, place + half * np.stack([np.cos(turn), np.sin(turn)], axis=1), pen)
        curve(mask, np.stack([place + half, place + half + rng.uniform(-0.3, 0.3, 2) * size]), pen)


def _plot(mask: Gray, rng: Rng, centre: np.ndarray, size: float, pen: float) -> None:
    curve(mask, centre + size * np.array([(-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)]), pen)
    x = np.linspace(-0.5, 0.5, 40)
    y = 0.4 * np.sin(x * between(rng, 3, 25) + between(rng, 0, 6)) * np.exp(-between(rng, 0, 3) * x)
    curve(mask, centre + size * np.stack([x, np.clip(y, -0.5, 0.5)], axis=1), pen)


def _flower(mask: Gray, rng: Rng, centre: np.ndarray, size: float, pen: float) -> None:
    turn = np.linspace(0, 2 * np.pi, 120)
    radius = 0.3 + 0.2 * np.cos(int(rng.integers(3, 9)) * turn + between(rng, 0, 3))
    curve(mask, centre + size * radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1), pen, closed=True)


def logo(mask: Gray, rng: Rng, centre: Point, size: float) -> None:
    """Filled printed shapes: discs, polygons, bars of a barcode, squares of a matrix code."""
    x, y = round(centre[0]), round(centre[1])
    kind = int(rng.integers(4))
    half = max(2, round(size / 2))
    if kind == 0:
        for radius in sorted(rng.uniform(0.2, 1.0, int(rng.integers(1, 4))), reverse=True):
            cv2.circle(mask, (x, y), max(1, round(half * radius)), int(rng.integers(0, 256)), -1, cv2.LINE_AA)
    elif kind == 1:
        for _ in range(int(rng.integers(1, 4))):
            shape = np.array(centre) + rng.uniform(-half, half, (int(rng.integers(3, 7)), 2))
            cv2.fillPoly(mask, [shape.astype(np.int32)], int(rng.integers(60, 256)), cv2.LINE_AA)
    else:
        cells = (1, int(rng.integers(20, 60))) if kind == 2 else (int(rng.integers(9, 26)),) * 2
        code = (rng.random(cells) < 0.5).astype(np.uint8) * 255
        wide = cv2.resize(code, (2 * half, 2 * half if kind == 3 else half), interpolation=cv2.INTER_NEAREST)
        _paste(mask, wide, x - half, y - half)


def stamp(mask: Gray, rng: Rng, centre: Point, size: float) -> None:
    """Rings or frames, worn unevenly."""
    x, y = round(centre[0]), round(centre[1])
    own = np.zeros_like(mask)
    thick = max(1, round(size * between(rng, 0.01, 0.04)))
    half = max(3, round(size / 2))
    for shrink in (1.0, between(rng, 0.55, 0.9)):
        if rng.random() < 0.6:
            cv2.circle(own, (x, y), max(2, round(half * shrink)), 255, thick, cv2.LINE_AA)
        else:
            box = cv2.boxPoints(((x, y), (2 * half * shrink, half * shrink), between(rng, -25, 25)))
            cv2.polylines(own, [box.astype(np.int32)], True, 255, thick, cv2.LINE_AA)
    patches = cv2.resize(rng.random((8, 8), dtype=np.float32), mask.shape[::-1], interpolation=cv2.INTER_CUBIC)
    np.maximum(mask, (own * np.clip(0.2 + patches, 0, 1)).astype(np.uint8), out=mask)


def underline(mask: Gray, rng: Rng, box: tuple[int, int, int, int], pen: float) -> None:
    """A line under, a wave under, a line through, or a ring around what stands in a box (left, top, right, bottom)."""
    left, top, right, bottom = box
    tall = bottom - top
    kind = int(rng.integers(5))
    if kind == 4:
        turn = np.linspace(between(rng, 0, 1), between(rng, 6, 7.2), 40)
        half = np.array([(right - left) / 2 + 0.3 * tall, 0.75 * tall])
        middle = np.array([(left + right) / 2, (top + bottom) / 2])
        curve(mask, middle + half * np.stack([np.cos(turn), np.sin(turn)], axis=1), pen)
        return
    y = bottom + between(rng, -0.05, 0.15) * tall if kind < 3 else top + between(rng, 0.4, 0.7) * tall
    x = np.linspace(left - between(rng, 0, 0.3) * tall, right + between(rng, 0, 0.3) * tall, 30)
    wave = 0.06 * tall * np.sin(x / max(2.0, 0.15 * tall)) if kind == 2 else 0.0 * x
    curve(mask, np.stack([x, y + wave + rng.normal(0, 0.02) * (x - left)], axis=1), pen)


def tick(mask: Gray, rng: Rng, centre: Point, size: float, pen: float) -> None:
    """A check mark or a cross in a small box."""
    if rng.random() < 0.5:
        shape = np.array([(-0.4, 0.0), (-0.1, 0.35), (between(rng, 0.3, 0.8), -between(rng, 0.4, 0.9))])
        curve(mask, np.array(centre) + size * shape, pen)
    else:
        for ends in (((-0.4, -0.4), (0.4, 0.4)), ((0.4, -0.4), (-0.4, 0.4))):
            curve(mask, np.array(centre) + size * (np.array(ends) + rng.normal(0, 0.05, (2, 2))), pen)


def _paste(mask: Gray, patch: Gray, left: int, top: int) -> None:
    height, width = mask.shape
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + patch.shape[1]), min(height, top + patch.shape[0])
    if x0 < x1 and y0 < y1:
        area = mask[y0:y1, x0:x1]
        np.maximum(area, patch[y0 - top : y1 - top, x0 - left : x1 - left], out=area)


paste: Callable[[Gray, Gray, int, int], None] = _paste
