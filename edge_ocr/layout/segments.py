"""A rectified line -> pieces and segments: every way in which its ink may be cut into characters.

Over-segmentation: components are cut wherever a pen may have joined two letters, and every run of neighbouring pieces
that could be one character becomes a segment. Which segments are characters is the decoder's choice
(as in Breuel, 1994, and Liu et al., 2002).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.ink.binarization import INK_LEVEL
from edge_ocr.ink.components import Components, Labels, find_components
from edge_ocr.layout.tile import cut_tile
from edge_ocr.page import Gray

MOST_PIECES = 5
"""Pieces one character may consist of."""

WIDEST = 1.45
"""Width of the widest character (m, W, @) in capital heights."""

UNCUT_WIDTH = 0.72
"""Components narrower than this, in capital heights, are not cut: they hold one character."""

LEAST_PIECE = 0.16
"""Narrowest piece a cut may leave, in capital heights."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Components of one line that stand over each other (i and its dot, the bars of =), as one."""

    left: int
    right: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A column range of one blob; the atoms of which segments are made."""

    left: int
    right: int
    blob: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Pieces `first` to `last` (inclusive) taken as one character, with its tight box in the rectified line."""

    first: int
    last: int
    left: int
    top: int
    right: int
    bottom: int
    crop: Gray
    """(bottom - top, right - left) uint8: its ink alone."""
    capital: float
    """Height of a capital of its line, in pixels."""
    whole: bool = False
    """Whether it is all of one blob and nothing else: what it is unless letters touch or fall apart."""

    @property
    def tile(self) -> Gray:
        """(32, 32) uint8; cut each time that it is asked for, since most segments are never classified."""
        return cut_tile(self.crop, self.capital)


class Cuts(NamedTuple):
    """A rectified line with the places where it may be cut: what `find_segments` makes characters of."""

    ink: Gray
    parts: Components
    blobs: list[Blob]
    owners: Labels
    """`blob_map` of the line."""
    pieces: list[Piece]
    capital: float
    """Height of a capital in pixels."""


def find_blobs(parts: Components, capital: float) -> list[Blob]:
    """Merge components that stand over each other, from left to right.

    Two merge when the narrower lies over or under the other for most of its width and one of them is small (a dot, a
    bar), or when one covers the other entirely.
    """
    order = sorted(range(1, len(parts)), key=lambda part: int(parts.left[part]))
    blobs: list[Blob] = []
    for part in order:
        left, right = int(parts.left[part]), int(parts.right[part])
        for back in range(1, min(3, len(blobs)) + 1):
            other = blobs[-back]
            if _stacked(parts, part, other, capital):
                merged = Blob(min(left, other.left), max(right, other.right), (*other.parts, part))
                blobs[-back] = merged
                break
        else:
            blobs.append(Blob(left, right, (part,)))
    return sorted(blobs, key=lambda blob: blob.left + blob.right)


def _stacked(parts: Components, part: int, blob: Blob, capital: float) -> bool:
    left, right = int(parts.left[part]), int(parts.right[part])
    overlap = min(right, blob.right) - max(left, blob.left)
    narrow = min(right - left, blob.right - blob.left)
    if overlap < 0.5 * narrow:
        return False
    bottoms = max(int(parts.bottom[other]) for other in blob.parts)
    tops = min(int(parts.top[other]) for other in blob.parts)
    size = max(right - left, int(parts.height[part]))
    other_size = max(blob.right - blob.left, bottoms - tops)
    return overlap >= 0.8 * narrow or min(size, other_size) < 0.45 * capital


def blob_map(parts: Components, blobs: list[Blob]) -> Labels:
    """(height, width): the number of the blob each pixel belongs to, counted from 1; 0 for paper."""
    owner = np.zeros(len(parts), np.int32)
    for number, blob in enumerate(blobs, 1):
        owner[list(blob.parts)] = number
    return owner[parts.labels]


def find_pieces(owners: Labels, blobs: list[Blob], capital: float, pen: float) -> list[Piece]:
    """Cut wide blobs where few pixels of ink join their two sides.

    Args:
        owners: `blob_map` of the rectified line.
        blobs: of that line.
        capital: height of a capital, in pixels.
        pen: width of the stroke, in pixels.
    """
    pieces = []
    for number, blob in enumerate(blobs):
        edges = [blob.left, blob.right]
        if blob.right - blob.left > UNCUT_WIDTH * capital:
            own = owners[:, blob.left : blob.right] == number + 1
            edges[1:1] = [blob.left + cut for cut in _cuts(own.sum(axis=0), capital, pen)]
        pieces += [Piece(left, right, number) for left, right in pairwise(edges)]
    return pieces


def _cuts(profile: NDArray[np.int64], capital: float, pen: float) -> list[int]:
    """Columns of least ink, each the lowest within its neighbourhood and no more than about one stroke high."""
    least = max(2, int(LEAST_PIECE * capital))
    smooth = np.convolve(profile, np.ones(3) / 3, mode="same")
    candidates = [
        column
        for column in range(least, len(profile) - least)
        if smooth[column] <= 1.7 * pen and smooth[column] <= smooth[max(0, column - 2) : column + 3].min()
    ]
    chosen: list[int] = []
    for column in sorted(candidates, key=lambda column: float(smooth[column])):
        if all(abs(column - other) >= least for other in chosen):
            chosen.append(column)
    return sorted(chosen)


def find_segments(cuts: Cuts) -> list[Segment]:
    """Every run of pieces that could be one character, with its ink."""
    ink, parts, blobs, owners, pieces, capital = cuts
    whole = [_is_whole(blob, parts, capital) for blob in blobs]
    segments = []
    for first in range(len(pieces)):
        for last in range(first, min(first + MOST_PIECES, len(pieces))):
            if last > first and not _may_join(pieces[first : last + 1], whole, capital):
                break
            segment = _segment(ink, owners, pieces, first, last, capital)
            if segment is not None:
                segments.append(segment)
    return segments


def _may_join(run: list[Piece], whole: list[bool], capital: float) -> bool:
    """Whether the last piece may belong to one character with those before it, judged by width and gap.

    `whole`: whether each blob looks like a separate letter.
    """
    if max(piece.right for piece in run) - min(piece.left for piece in run) > WIDEST * capital:
        return False
    before, after = run[-2:]
    if before.blob == after.blob:
        return True
    gap = after.left - before.right
    if gap > 0.2 * capital:
        return False
    # Two well-formed letters with air between them are never one; a splinter or a dot may belong to its neighbour.
    return gap <= 0.03 * capital or not (whole[before.blob] and whole[after.blob])


def _is_whole(blob: Blob, parts: Components, capital: float) -> bool:
    """Whether a blob is as wide and high as a letter."""
    numbers = list(blob.parts)
    height = int(parts.bottom[numbers].max() - parts.top[numbers].min())
    return blob.right - blob.left > 0.3 * capital and height > 0.45 * capital


def _segment(ink: Gray, owners: Labels, pieces: list[Piece], first: int, last: int, capital: float) -> Segment | None:
    run = pieces[first : last + 1]
    left, right = min(piece.left for piece in run), max(piece.right for piece in run)
    lowest, highest = min(piece.blob for piece in run) + 1, max(piece.blob for piece in run) + 1
    near = owners[:, left:right]
    own = cv2.inRange(near, lowest, highest)
    x, y, width, height = cv2.boundingRect(own)
    if width == 0:
        return None
    # Soft edges lie just outside the mask; only another blob's pixels are taken out.
    box = slice(y, y + height), slice(x, x + width)
    others = cv2.subtract(cv2.inRange(near[box], 1, 1 << 30), own[box])
    crop = cv2.subtract(ink[y : y + height, left + x : left + x + width], others)
    outer = [pieces[number].blob for number in (first - 1, last + 1) if 0 <= number < len(pieces)]
    whole = lowest == highest and lowest - 1 not in outer
    return Segment(first, last, left + x, y, left + x + width, y + height, crop, capital, whole)


def line_components(ink: Gray) -> Components:
    """Components of a rectified line, at the level that the mask of the page was taken at."""
    return find_components(cv2.compare(ink, INK_LEVEL, cv2.CMP_GT))
