"""Where a form lies on a photograph: points of its print are found again (SIFT: Lowe, 2004), at any angle and size.

Matched points vote for a homography (MAGSAC++: Barath et al., 2020). With it, points that look alike, as the corners of
a comb do, are matched again near where they must lie. Then all print is compared: a form that only looks alike does not
fit.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.forms.form import Area, Form
from edge_ocr.page import Gray
from edge_ocr.stopwatch import Stopwatch

Homography = NDArray[np.float64]
"""(3, 3) map of points."""
Points = NDArray[np.float32]
"""(n, 2) x and y in pixels."""

FORM_SIDE, PHOTO_SIDE = 1200, 1280
"""Pixels of the longer side at which points are looked for: print of 2 mm is 10 pixels high, which SIFT needs."""

FORM_POINTS, PHOTO_POINTS = 2500, 4000
"""Most points on the form and on a photograph: a photograph also shows handwriting and a desk."""

RATIO = 0.85
"""A match must be so much nearer than the second best (Lowe's ratio)."""

MOST_OFF = 8.0
"""Pixels of the form by which a point may miss its place; paper is never flat."""

REACH = 28.0
"""Pixels around its place in which a point is matched again."""

NEIGHBOURS, MOST_BENT = 60, 1.5
"""Points around a field that say how the paper bends there, and how far, in REACH, it may bend."""

LEAST_MATCHES = 12
"""Points that must fit; chance gives fewer than 8."""

LIKE = 0.6
"""Least cosine of what two points look like, to be matched again."""

RIM = 0.12
"""Part of a field's height, at its edges, in which its outline may lie."""

TILE = 40
"""Pixels of the tiles in which print is compared."""

LEAST_PRINT = 12.0
"""Standard deviation of a tile's grey levels, 0 to 255, from which it holds print."""

LEAST_LIKENESS = 0.35
"""Median correlation of the tiles' print with the photograph's."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A form on a photograph."""

    to_photo: Homography
    """From the form in parts of its width and height, 0 to 1, to pixels of the photograph, as if paper were flat."""
    expected: Points
    """(n, 2) in pixels of the form at FORM_SIDE: points of its print."""
    seen: Points
    """(n, 2) where these points would be on a flat form, seen as they are on the photograph."""
    size: tuple[int, int]
    """Width and height of the form at FORM_SIDE, in pixels."""

    def near(self, area: Area) -> Homography:
        """As `to_photo`, but as the print around an area says: paper bends."""
        left, top = area.left * self.size[0], area.top * self.size[1]
        right, bottom = left + area.width * self.size[0], top + area.height * self.size[1]
        beside = self.expected - np.clip(self.expected, (left, top), (right, bottom))
        nearest = np.argsort(np.linalg.norm(beside, axis=1))[:NEIGHBOURS]
        cv2.setRNGSeed(1)
        bend, inliers = cv2.estimateAffine2D(
            self.expected[nearest], self.seen[nearest], ransacReprojThreshold=MOST_OFF / 2
        )
        if bend is None or int(inliers.sum()) < LEAST_MATCHES:
            return self.to_photo
        around = np.array([(left, top, 1), (right, top, 1), (right, bottom, 1), (left, bottom, 1)])
        if np.abs(around @ bend.T - around[:, :2]).max() > MOST_BENT * REACH:
            return self.to_photo
        scale = np.diag([*self.size, 1.0])
        return np.asarray(self.to_photo @ np.linalg.inv(scale) @ np.vstack([bend, (0, 0, 1)]) @ scale, np.float64)


class Print:
    """A form's print: what is the same on every copy."""

    def __init__(self, form: Form) -> None:
        self._picture = shrunk(form.picture, FORM_SIDE)
        self._outside = outside_fields(form, self._picture.shape)
        self._points, self._looks = _features(self._picture, FORM_POINTS, self._outside)
        height, width = self._picture.shape
        self._from_parts = np.diag([width, height, 1.0])

    def find(self, photo: Gray, watch: Stopwatch | None = None) -> Found | None:
        """Where the form lies on a photograph, or None if it does not show it, or if time was over.

        Args:
            photo: (height, width) uint8, at any size.
            watch: is asked between the steps.
        """
        watch = watch or Stopwatch()
        small = shrunk(photo, PHOTO_SIDE)
        points, looks = _features(small, PHOTO_POINTS)
        if min(len(points), len(self._points)) < LEAST_MATCHES or watch.is_over():
            return None
        likeness = self._looks @ looks.T
        matches = _match(likeness)
        homography = _fit(self._points[matches[:, 0]], points[matches[:, 1]])
        if homography is None or watch.is_over():
            return None
        near = _match_near(
            likeness, _moved(self._points, homography), points, _scale(homography, self._picture.shape) * REACH
        )
        expected, seen = self._points[near[:, 0]], points[near[:, 1]]
        homography = _fit(expected, seen)
        if homography is None or watch.is_over():
            return None
        if self._likeness(small, homography) < LEAST_LIKENESS:
            return None
        factor = photo.shape[1] / small.shape[1]
        whole = np.diag([factor, factor, 1.0]) @ homography @ self._from_parts
        flat = _moved(seen, np.asarray(np.linalg.inv(homography), np.float64))
        return Found(whole / whole[2, 2], expected, flat, self._picture.shape[::-1])

    def _likeness(self, photo: Gray, homography: Homography) -> float:
        """Median correlation of the print's tiles with the photograph's."""
        height, width = self._picture.shape
        seen = cv2.warpPerspective(photo, homography, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        return _tiles_likeness(self._picture, seen, self._outside)


def shrunk(picture: Gray, side: int) -> Gray:
    """The picture with its longer side `side` at most."""
    height, width = picture.shape
    factor = side / max(height, width)
    if factor >= 1:
        return picture
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small: Gray = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return small


def outside_fields(form: Form, shape: tuple[int, int]) -> Gray:
    """255 where the form has its own print, 0 where people write; a field's outline is print."""
    height, width = shape
    mask = np.full(shape, 255, np.uint8)
    for field in form.fields:
        area, rim = field.area, RIM * field.area.height * height
        left, top = round(area.left * width + rim), round(area.top * height + rim)
        right = round((area.left + area.width) * width - rim)
        bottom = round((area.top + area.height) * height - rim)
        mask[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 0
    return mask


def _features(picture: Gray, count: int, mask: Gray | None = None) -> tuple[Points, NDArray[np.float32]]:
    """Points (n, 2) and what each looks like (n, 128), of unit length: RootSIFT (Arandjelovic and Zisserman, 2012)."""
    sift: Any = cv2  # Its types forget SIFT.
    found, looks = sift.SIFT_create(nfeatures=count).detectAndCompute(picture, mask)
    if looks is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    points = np.array([point.pt for point in found], np.float32)
    return points, np.sqrt(looks / np.maximum(1e-9, looks.sum(axis=1, keepdims=True)))


def _match(likeness: NDArray[np.float32]) -> NDArray[np.intp]:
    """(n, 2) the form's points and the photograph's that are alike and like no other; `likeness` is their cosines."""
    best = likeness.argmax(axis=1)
    first, second = -np.partition(-likeness, 1, axis=1)[:, :2].T
    # Of unit vectors the squared distance is 2 - 2 * cosine.
    clear = (1 - first) < RATIO**2 * (1 - second)
    rows = np.flatnonzero(clear)
    return np.stack([rows, best[rows]], axis=1)


def _match_near(likeness: NDArray[np.float32], places: Points, points: Points, reach: float) -> NDArray[np.intp]:
    """(n, 2) each of the form's points and the likest of the photograph's within `reach` pixels of its place.

    Forgets the likeness of all others: it is the largest array of all.
    """
    off = (places**2).sum(axis=1)[:, np.newaxis] + (points**2).sum(axis=1) - 2 * places @ points.T
    near = likeness
    near[off > reach**2] = -1
    best = near.argmax(axis=1)
    rows = np.flatnonzero(near[np.arange(len(near)), best] > LIKE)
    return np.stack([rows, best[rows]], axis=1)


def _fit(form: Points, photo: Points) -> Homography | None:
    """The homography that most pairs of points agree on; None if too few do, or if it mirrors or folds the form."""
    if len(form) < LEAST_MATCHES:
        return None
    cv2.setRNGSeed(1)  # The same photograph gives the same answers.
    homography, inliers = cv2.findHomography(photo, form, cv2.USAC_MAGSAC, MOST_OFF, maxIters=5000, confidence=0.999)
    if homography is None or int(inliers.sum()) < LEAST_MATCHES or not np.linalg.det(homography) > 1e-12:
        return None
    back = np.linalg.inv(homography)
    return np.asarray(back / back[2, 2], np.float64)


def _moved(points: Points, homography: Homography) -> Points:
    moved: Points = cv2.perspectiveTransform(points.reshape(-1, 1, 2), homography).reshape(-1, 2)
    return moved


def _scale(homography: Homography, shape: tuple[int, int]) -> float:
    """Pixels of the photograph to one of the form, in the middle of the form."""
    height, width = shape
    middle = np.array([(width / 2, height / 2), (width / 2 + 1, height / 2), (width / 2, height / 2 + 1)], np.float32)
    at, right, below = _moved(middle, homography)
    return float((np.linalg.norm(right - at) + np.linalg.norm(below - at)) / 2)


def _tiles_likeness(print_: Gray, seen: Gray, mask: Gray) -> float:
    """Median correlation, up to 1, of those tiles that hold print; 0 where there is none."""
    one, other, there = map(_tiles, (_soft(print_), _soft(seen), np.asarray(mask / 255, np.float32)))
    weight = np.maximum(1e-6, there.sum(axis=1, keepdims=True))
    one, other = ((part - (part * there).sum(axis=1, keepdims=True) / weight) * there for part in (one, other))
    deviation = np.sqrt((one * one).sum(axis=1) / weight[:, 0])
    holds = (deviation > LEAST_PRINT) & (weight[:, 0] > TILE * TILE / 4)
    norms = np.sqrt((one * one).sum(axis=1) * (other * other).sum(axis=1))
    alike = (one * other).sum(axis=1) / np.maximum(1e-6, norms)
    return float(np.median(alike[holds])) if holds.any() else 0.0


def _soft(picture: Gray) -> NDArray[np.float32]:
    """Blurred, so that being off by a pixel is no difference."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.5), np.float32)


def _tiles(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, TILE * TILE) the tiles of a picture, those at its right and bottom edge that are not whole left out."""
    rows, columns = picture.shape[0] // TILE, picture.shape[1] // TILE
    whole = picture[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
    return np.asarray(whole.transpose(0, 2, 1, 3).reshape(-1, TILE * TILE), np.float32)
