"""Is a picture worth reading? Cheap tests, on a few thousand pixels, of change and of sharpness."""

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 96
"""Longer side of the compared thumbnail, in pixels."""

STEP, LARGEST_STEP = 10, 40
"""Grey levels by which a thumbnail's pixel must differ to count as changed, in good light and at most in bad."""

NOISE = 6
"""The same in medians of the differences: four standard deviations of a sensor's noise."""

CHANGED = 3
"""Pixels of the thumbnail from which the scene has changed: a word of small writing covers more."""

ANOTHER = 0.2
"""Changed part of the thumbnail from which it is another scene, with its own sharpness."""

BLURRED = 0.6
"""Part of the best recent sharpness below which a picture is blurred."""

FORGET = 0.97
"""Factor by which the best sharpness fades with each picture, so that another scene sets its own."""

PATIENCE_S = 0.25
"""Seconds of blurred pictures after which one is read anyway: it may not get sharper."""


class Scene:
    """Compares each picture with the last one that was read."""

    def __init__(self) -> None:
        self.is_another = True
        """Whether the last change was so large that the old writing is gone."""
        self._known: NDArray[np.int16] | None = None
        self._sharpest = 0.0
        self._blurred_since: float | None = None

    def has_changed(self, image: NDArray[np.uint8]) -> bool:
        """Whether something other than the overall light changed; if so, remembers the picture."""
        small = thumbnail(image)
        if self._known is not None and self._known.shape == small.shape:
            changed = changed_pixels(small, self._known)
            if changed < CHANGED:
                return False
            self.is_another = changed > ANOTHER * small.size
            if self.is_another:
                self._sharpest = 0.0
        self._known = small
        return True

    def is_blurred(self, image: NDArray[np.uint8], at: float) -> bool:
        """Whether a sharper picture is worth waiting for: recent ones were sharper, and the wait was short.

        Args:
            image: the picture.
            at: when it was taken, in seconds.
        """
        sharpness = _sharpness(image)
        self._sharpest = max(sharpness, FORGET * self._sharpest)
        if sharpness >= BLURRED * self._sharpest:
            self._blurred_since = None
            return False
        if self._blurred_since is None:
            self._blurred_since = at
        if at - self._blurred_since < PATIENCE_S:
            return True
        # An empty desk is not blurred; it has less detail than the note that was there.
        self._sharpest, self._blurred_since = sharpness, None
        return False


def changed_pixels(small: NDArray[np.int16], known: NDArray[np.int16], where: NDArray[np.bool_] | None = None) -> int:
    """How many pixels of a thumbnail, all or those `where`, differ from another one's by more than light and noise."""
    off = small - known
    # A lamp or the camera's own exposure changes all pixels alike.
    off = np.abs(off - np.int16(np.median(off[::4, ::4])))
    # Most of a page is paper, where only noise differs.
    step = np.clip(NOISE * np.median(off[::4, ::4]), STEP, LARGEST_STEP)
    return int((off > step).sum() if where is None else (off > step)[where].sum())


def thumbnail(image: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Grey, about SIDE pixels long, averaged over what falls on every second row and column of larger pictures."""
    gray = image if image.ndim == 2 else image[:, :, 1]
    factor = max(1, max(gray.shape) // SIDE)
    if factor >= 4:
        gray = np.ascontiguousarray(gray[::2, ::2])
        factor //= 2
    size = (max(1, gray.shape[1] // factor), max(1, gray.shape[0] // factor))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.int16)


def _sharpness(image: NDArray[np.uint8]) -> float:
    """Mean square of the Laplacian (Pech-Pacheco et al., 2000) of the middle of the picture."""
    gray = image if image.ndim == 2 else image[:, :, 1]
    height, width = gray.shape
    middle = np.ascontiguousarray(gray[height // 6 : height - height // 6 : 2, width // 6 : width - width // 6 : 2])
    edges = cv2.Laplacian(middle, cv2.CV_16S)
    return float(cv2.norm(edges, cv2.NORM_L2) ** 2 / max(1, edges.size))
