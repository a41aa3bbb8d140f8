"""Core zones and components -> groups of components, one a text line, in reading order.

The finder marks the core zone of every line, apart from its neighbours, at any slope or curve. Zones that continue each
other are one line; components go to the line whose zone they cover or lie nearest to.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.components import Components
from edge_ocr.ink.finder import BLOCK, CORE_LEVEL, above
from edge_ocr.ink.looking import usual_x_height
from edge_ocr.layout.columns import in_reading_order
from edge_ocr.page import Gray

LEAST_LENGTH = 0.5
"""Length of a zone, in its heights, below which it is no line of its own."""

REACH = 7.0
"""Widest gap within a line, in x-heights: tabs and wide spaces, not the next column."""

ASIDE = 0.7
"""Distance between the middles of zones that continue each other, in x-heights at most."""

ALIKE = 2.2
"""Ratio of heights of zones that continue each other, at most."""

HIGH, LOW = 1.9, 1.4
"""How far above and below its zone a line's components may lie, in x-heights: ascenders and dots, tails and commas."""

SPECK = 0.12
"""Longer side of the smallest component that is text, in x-heights."""

CAPITAL = 1.5
"""Height of a capital in x-heights."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Zone:
    """The core zone of a line, or of a part of one, in pixels."""

    left: float
    right: float
    x: Floats
    """(n,) places along it, from left to right."""
    middle: Floats
    """(n,) its middle row there."""
    height: float
    """Its usual height: the x-height."""

    def at(self, x: float) -> float:
        """Its middle row at a place, continued along its ends' own slope."""
        if self.left <= x <= self.right or len(self.x) < 3:
            return float(np.interp(x, self.x, self.middle))
        near = slice(-12, None) if x > self.right else slice(0, 12)
        there, rows = self.x[near], self.middle[near]
        if np.ptp(there) < 2 * self.height:
            return float(rows.mean())
        slope = float(np.polyfit(there, rows, 1)[0])
        return float(rows.mean() + np.clip(slope, -0.5, 0.5) * (x - there.mean()))


def find_zones(core: Gray) -> list[Zone]:
    """The zones of a core map (height / 4, width / 4), specks left out."""
    mask = above(core, CORE_LEVEL)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    zones = []
    for number in range(1, count):
        x, y, wide, tall, area = stats[number].tolist()
        own = labels[y : y + tall, x : x + wide] == number
        thick = own.sum(axis=0)
        height = float(np.median(thick))
        if wide < LEAST_LENGTH * height or area < 2:
            continue
        rows = (own * np.arange(tall)[:, None]).sum(axis=0) / np.maximum(thick, 1)
        places = np.arange(wide) + x
        zones.append(
            Zone(
                BLOCK * float(x),
                BLOCK * float(x + wide),
                BLOCK * (places + 0.5),
                BLOCK * (rows + y + 0.5),
                BLOCK * height,
            )
        )
    return zones


def chain_zones(zones: list[Zone]) -> list[Zone]:
    """Zones that continue each other joined, from left to right."""
    lines: list[Zone] = []
    for zone in sorted(zones, key=lambda one: one.left):
        best, nearest = -1, np.inf
        for number, line in enumerate(lines):
            away = _apart(line, zone)
            if away < nearest:
                best, nearest = number, away
        if best < 0:
            lines.append(zone)
        else:
            lines[best] = _joined(lines[best], zone)
    return lines


def _apart(line: Zone, zone: Zone) -> float:
    """How badly a zone continues a line, in x-heights; infinite where it does not."""
    tall, short = max(line.height, zone.height), min(line.height, zone.height)
    gap = zone.left - line.right
    if gap > REACH * tall or gap < -0.7 * tall or tall > ALIKE * short:
        return np.inf
    step = zone.left + 0.5 * min(zone.height, zone.right - zone.left)
    aside = abs(line.at(step) - zone.at(step))
    return np.inf if aside > ASIDE * tall else (aside + 0.2 * max(0.0, gap)) / tall


def _joined(line: Zone, zone: Zone) -> Zone:
    order = np.argsort(np.concatenate([line.x, zone.x]), kind="stable")
    x, middle = np.concatenate([line.x, zone.x])[order], np.concatenate([line.middle, zone.middle])[order]
    wide, more = line.right - line.left, zone.right - zone.left
    height = (wide * line.height + more * zone.height) / (wide + more)
    return Zone(line.left, max(line.right, zone.right), x, middle, height)


def group_by_zones(parts: Components, core: Gray) -> list[list[int]]:
    """Component numbers line by line, in reading order, each line from left to right.

    Args:
        parts: of the page's ink.
        core: (height / 4, width / 4) the finder's core zones of the same page.
    """
    lines = chain_zones(find_zones(core))
    members: list[list[int]] = [[] for _ in lines]
    for part in range(1, len(parts)):
        line = _line_of(part, parts, lines)
        if line >= 0:
            members[line].append(part)
    groups = [sorted(group, key=lambda part: int(parts.left[part])) for group in members if group]
    return in_reading_order(groups, parts, CAPITAL * usual_x_height(core)) if groups else []


def _line_of(part: int, parts: Components, lines: list[Zone]) -> int:
    """The line that a component lies nearest to, -1 for none."""
    left, right = float(parts.left[part]), float(parts.right[part])
    top, bottom = float(parts.top[part]), float(parts.bottom[part])
    best, nearest = -1, np.inf
    for number, line in enumerate(lines):
        if right < line.left - 1.2 * line.height or left > line.right + 1.2 * line.height:
            continue
        if max(right - left, bottom - top) < SPECK * line.height:
            continue
        middle = line.at(min(max((left + right) / 2, line.left), line.right))
        over, under = middle - line.height / 2, middle + line.height / 2
        covered = min(bottom, under) - max(top, over)
        if covered > 0:
            away = -covered / min(bottom - top, line.height)
        else:
            away = (over - bottom) / HIGH / line.height if bottom <= over else (top - under) / LOW / line.height
        if away < min(nearest, 1.0):
            best, nearest = number, away
    return best
