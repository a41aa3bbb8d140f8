"""Where a form may lie on a photograph, by its frames: what four lines enclose, and the sheet itself.

For forms whose print looks alike everywhere, as frames without words do. Each of the largest frames of the form is laid
on each of the photograph's, any way round; where many others then lie on frames, too, the form may be.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.forms.placement import Homography
from edge_ocr.forms.printed import print_in
from edge_ocr.page import Gray

Frames = NDArray[np.float32]
"""(n, 4, 2) corners in pixels, clockwise on paper that is not mirrored, the largest first."""

LEAST_AREA, MOST_FRAMES = 120, 120
"""Pixels of the smallest frame, and how many there are at most."""

CORNER = 0.2
"""Part of its shorter side by which an outline may miss the four lines."""

OWN, PHOTOGRAPHED = 6, 12
"""Largest frames of each picture that are laid on one another."""

ASKEW = 0.15
"""Part of its size by which a frame's corners may miss: a photograph from the side is no parallelogram."""

REACH = 0.4
"""Sides of a frame by which its middle may miss."""

ALIKE = 1.7
"""Times that one frame may be as large as the other."""

LEAST_FRAMES = 3
"""That must lie on one another."""

TRIED, ROUNDS = 12, 3
"""Of the ways to lay the form, those looked at once more; and how often."""

CORNERS_OFF = 4.0
"""Pixels by which a corner may miss."""

SAME = 0.05
"""Part of a sheet's size by which two places differ at least."""


def frames_in(picture: Gray, *, with_edge: bool = False) -> Frames:
    """The frames of a picture; its own edge, too, where it is a sheet."""
    ink = cv2.morphologyEx(print_in(picture), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    height, width = picture.shape
    found = [np.array([(0, 0), (width, 0), (width, height), (0, height)])] if with_edge else []
    for outline in outlines:
        hull = cv2.convexHull(outline)
        if cv2.contourArea(hull) < LEAST_AREA:
            continue
        corners = cv2.approxPolyDP(hull, CORNER * min(cv2.minAreaRect(hull)[1]), True)
        if len(corners) == 4:
            found.append(corners.reshape(4, 2))
    frames = np.array(sorted(map(_clockwise, found), key=_area, reverse=True), np.float32)
    return frames[:MOST_FRAMES].reshape(-1, 4, 2)


def places(form: Frames, photo: Frames) -> Iterator[Homography]:
    """From the form to the photograph, the likeliest first."""
    starts = sorted(_starts(form, photo), key=lambda start: start[0], reverse=True)[:TRIED]
    ranked = sorted(filter(None, (_refined(form, photo, start) for _, start in starts)), key=lambda one: -one[0])
    kept: list[Frames] = []
    for _, place in ranked:
        where = _moved(form[:1], place)
        if all(np.abs(where - other).max() > SAME * np.sqrt(_area(where[0])) for other in kept):
            kept.append(where)
            yield place


def _refined(form: Frames, photo: Frames, place: Homography) -> tuple[int, Homography] | None:
    """How many frames lie on one another, and the homography that most of their corners agree on; None for few."""
    for _ in range(ROUNDS):
        own, other = _alike(form, photo, place)
        if len(own) < LEAST_FRAMES:
            return None
        corners = form[own].reshape(-1, 2)
        fitted, _ = cv2.findHomography(
            corners, _turned_like(photo[other], _moved(form[own], place)), cv2.RANSAC, CORNERS_OFF
        )
        if fitted is None:
            return None
        place = np.asarray(fitted, np.float64)
    return len(own), place


def _starts(form: Frames, photo: Frames) -> Iterator[tuple[int, Homography]]:
    """How many frames lie on one another, and the affine map that lays one on the other."""
    for own in form[:OWN]:
        known = np.column_stack([own, np.ones(4)])
        for other in photo[:PHOTOGRAPHED]:
            for turn in range(4):
                corners = np.roll(other, turn, axis=0)
                affine = np.linalg.lstsq(known, corners, rcond=None)[0]
                if np.abs(known @ affine - corners).max() < ASKEW * np.sqrt(_area(other)):
                    place = np.vstack([affine.T, (0, 0, 1)])
                    yield len(_alike(form, photo, place)[0]), place


def _alike(form: Frames, photo: Frames, place: Homography) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Numbers of the form's frames, and of those on the photograph that they lie on."""
    laid = _moved(form, place)
    areas, seen = (np.array([_area(frame) for frame in some]) for some in (laid, photo))
    apart = np.linalg.norm(laid.mean(axis=1)[:, np.newaxis] - photo.mean(axis=1), axis=2)
    # The middle of a long, thin frame may miss by its height, not by its length.
    short = np.minimum(*(np.linalg.norm(laid[:, at] - laid[:, at + 1], axis=1) for at in (0, 1)))
    ratio = areas[:, np.newaxis] / np.maximum(1, seen)
    apart[(ratio > ALIKE) | (ratio < 1 / ALIKE)] = np.inf
    nearest = apart.argmin(axis=1)
    own = np.flatnonzero(apart[np.arange(len(form)), nearest] < REACH * short)
    return own, nearest[own]


def _turned_like(frames: Frames, laid: Frames) -> NDArray[np.float32]:
    """(4 * n, 2) the corners of frames, each from the one on that lies at the first corner of the other."""
    turned = np.stack([np.roll(frames, turn, axis=1) for turn in range(4)])
    best = np.linalg.norm(turned - laid, axis=3).sum(axis=2).argmin(axis=0)
    return np.asarray(turned[best, np.arange(len(frames))].reshape(-1, 2), np.float32)


def _moved(frames: Frames, place: Homography) -> Frames:
    moved = cv2.perspectiveTransform(frames.reshape(-1, 1, 2).astype(np.float64), place)
    return np.asarray(moved.reshape(-1, 4, 2), np.float32)


def _clockwise(corners: NDArray[np.int64]) -> NDArray[np.float32]:
    area = cv2.contourArea(corners.astype(np.float32), oriented=True)
    return np.asarray(corners if area > 0 else corners[::-1], np.float32)


def _area(corners: NDArray[np.float32]) -> float:
    return float(cv2.contourArea(corners))
