"""Check boxes and signatures: whether there is a mark, by how much pen there is."""

from dataclasses import dataclass

import cv2

from edge_ocr.forms.shapes import INK
from edge_ocr.page import Gray


@dataclass(frozen=True, slots=True)
class Limits:
    """Parts of a field that pen covers."""

    empty: float
    """Most that dirt and what is left of print cover."""
    marked: float
    """Least that a mark covers."""


LIMITS = {"checkbox": Limits(0.02, 0.06), "signature": Limits(0.002, 0.01)}
"""For each kind. A thin tick covers a tenth of its box, an initial in a long field for a signature a hundredth."""


def cover(ink: Gray, margin: int) -> float:
    """The part of a field that pen covers, 0 to 1; `margin` is the pixels around the field."""
    inner = ink[margin : ink.shape[0] - margin, margin : ink.shape[1] - margin]
    return cv2.countNonZero(cv2.inRange(inner, INK, 255)) / max(1, inner.size)


def is_marked(part: float, kind: str) -> tuple[bool, float]:
    """Whether a field of which pen covers `part` is marked, and how clear that is: 0.5 to 1."""
    limits = LIMITS[kind]
    middle = (limits.empty + limits.marked) / 2
    off = (part - middle) / (limits.marked - middle)
    return off > 0, 0.5 + min(0.5, abs(off) / 4)
