"""Where a form lies on a photograph: points of its print are found again (SIFT: Lowe, 2004), at any angle and size.

Matched points vote for a homography (MAGSAC++: Barath et al., 2020); where all look alike, frames do. With it, points
that look alike, as the corners of a comb do, are matched again near where they must lie. Then all print is compared: a
form that only looks alike does not fit.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.forms.form import Form
from edge_ocr.forms.frames import frames_in, places
from edge_ocr.forms.placement import Bend, Found, Homography, Points
from edge_ocr.page import Gray
from edge_ocr.stopwatch import Stopwatch

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

TRIED = 4
"""Places by frames: a form of few frames may lie any way round."""

LEAST_MEAN = 0.6
"""The same for places by frames, but the mean: combs fit in part when they lie a cell too far."""

Looks = NDArray[np.float32]
"""(n, 128) what points look like."""
Correlations = NDArray[np.float32]
"""(n,) of tiles, up to 1."""
Ways = tuple[tuple[Iterator[Homography], Callable[[Correlations], Any], float], ...]
"""Places where a form may lie, what is made of the tiles' likeness there, and how much of it there must be."""


class Print:
    """A form's print: what is the same on every copy."""

    def __init__(self, form: Form) -> None:
        self._picture = shrunk(form.picture, FORM_SIDE)
        self._outside = outside_fields(form, self._picture.shape)
        self._points, self._looks = _features(self._picture, FORM_POINTS, self._outside)

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
        ways: Ways = (
            (self._by_looks(points, looks), np.median, LEAST_LIKENESS),
            (islice(self._by_frames(small), TRIED), np.mean, LEAST_MEAN),
        )
        for candidates, measure, least in ways:
            best: tuple[float, Found] | None = None
            for homography in candidates:
                if watch.is_over():
                    return None
                likeness, found = self._placed(small, points, looks, homography)
                fits = float(measure(likeness))
                if found and fits >= max(least, best[0] if best else 0):
                    best = fits, found
            if best:
                return best[1].enlarged(photo.shape[1] / small.shape[1])
        return None

    def _by_looks(self, points: Points, looks: Looks) -> Iterator[Homography]:
        """The place that most points agree on, which look like one of the form's and like no other."""
        matches = _match(self._looks @ looks.T)
        homography = _fit(self._points[matches[:, 0]], points[matches[:, 1]])
        if homography is not None:
            yield homography

    def _by_frames(self, photo: Gray) -> Iterator[Homography]:
        """Places where frames of the form lie on the photograph's."""
        yield from places(frames_in(self._picture, with_edge=True), frames_in(photo))

    def _placed(
        self, photo: Gray, points: Points, looks: Looks, homography: Homography
    ) -> tuple[Correlations, Found | None]:
        """How well the form's print fits a photograph near a place, and where exactly it does."""
        reach = _scale(homography, self._picture.shape) * REACH
        near = _match_near(self._looks @ looks.T, _moved(self._points, homography), points, reach)
        expected, seen = self._points[near[:, 0]], points[near[:, 1]]
        exact = _fit(expected, seen)
        if exact is None:
            return np.zeros(1, np.float32), None
        height, width = self._picture.shape
        flat = cv2.warpPerspective(photo, exact, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        back = _moved(seen, np.asarray(np.linalg.inv(exact), np.float64))
        found = Found(exact @ np.diag([width, height, 1.0]), Bend.of(expected, back, (width, height)))
        return _tiles_likeness(self._picture, flat, self._outside), found


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


def _features(picture: Gray, count: int, mask: Gray | None = None) -> tuple[Points, Looks]:
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


def _tiles_likeness(print_: Gray, seen: Gray, mask: Gray) -> Correlations:
    """(n,) correlation, up to 1, of each tile that holds print; (1,) 0 where none does."""
    one, other, there = map(_tiles, (_soft(print_), _soft(seen), np.asarray(mask / 255, np.float32)))
    weight = np.maximum(1e-6, there.sum(axis=1, keepdims=True))
    one, other = ((part - (part * there).sum(axis=1, keepdims=True) / weight) * there for part in (one, other))
    deviation = np.sqrt((one * one).sum(axis=1) / weight[:, 0])
    holds = (deviation > LEAST_PRINT) & (weight[:, 0] > TILE * TILE / 4)
    norms = np.sqrt((one * one).sum(axis=1) * (other * other).sum(axis=1))
    alike = (one * other).sum(axis=1) / np.maximum(1e-6, norms)
    return np.asarray(alike[holds] if holds.any() else [0.0], np.float32)


def _soft(picture: Gray) -> NDArray[np.float32]:
    """Blurred, so that being off by a pixel is no difference."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.5), np.float32)


def _tiles(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, TILE * TILE) the tiles of a picture, those at its right and bottom edge that are not whole left out."""
    rows, columns = picture.shape[0] // TILE, picture.shape[1] // TILE
    whole = picture[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
    return np.asarray(whole.transpose(0, 2, 1, 3).reshape(-1, TILE * TILE), np.float32)
