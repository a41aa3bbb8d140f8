"""A camera that hangs askew: its pictures mirrored and turned by quarters, before anybody sees them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.cameras.camera import Camera, Through

QUARTERS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
"""OpenCV's names of clockwise turns."""


class Turned(Through):
    """Shows another camera's pictures mirrored first, then turned clockwise."""

    def __init__(self, camera: Camera, degrees: int = 0, *, mirrored: bool = False) -> None:
        """`degrees`: 0, 90, 180 or 270."""
        super().__init__(camera)
        self.live, self.settling_s = camera.live, camera.settling_s
        self.degrees, self._mirrored = degrees, mirrored

    def grab(self) -> NDArray[np.uint8] | None:
        """The other camera's next picture, turned; raises as that does."""
        image = self._camera.grab()
        if image is None:
            return None
        if self._mirrored:
            image = np.asarray(cv2.flip(image, 1), np.uint8)
        if self.degrees:
            image = np.asarray(cv2.rotate(image, QUARTERS[self.degrees]), np.uint8)
        return image

    def follow(self, turn: float) -> bool:
        """Turn the text upright that is turned clockwise by these degrees; returns whether the pictures turn."""
        quarters = round(turn / 90) % 4
        self.degrees = (self.degrees - 90 * quarters) % 360
        return quarters != 0
