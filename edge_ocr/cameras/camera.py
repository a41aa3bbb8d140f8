"""The interface that all cameras share, and their settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import CameraNotFound
from edge_ocr.page import Frame
from edge_ocr.picture.decoding import LARGEST

SNAPSHOT_S = 0.5
"""Default of the seconds between two requests of a picture."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What to ask of a camera, which gives the nearest it has."""

    width: int = 1280
    height: int = 720
    rate: float = 30.0
    """Frames a second."""
    loop: bool = False
    """Whether a film or a folder starts again when it ends."""
    autofocus: bool = True
    """Continuous autofocus, where the sensor has it."""
    exposure_us: int | None = None
    """Shutter time in microseconds; None leaves it to the camera."""
    focus: float | None = None
    """Where the lens stays, for close work: dioptres (1 / metres) of a Pi's camera, a USB camera's own steps."""
    snapshot_s: float = SNAPSHOT_S
    """Seconds between two pictures of an address that gives one at each request."""


def check_size(name: str, width: float, height: float) -> None:
    """Raises CameraNotFound for pictures larger than the largest photograph that is read, before they are decoded."""
    if width * height > LARGEST:
        raise CameraNotFound(
            f"{name} gives pictures of {width:.0f}x{height:.0f} pixels, too large to read: set the camera to at most "
            f"{LARGEST // 1_000_000} megapixels"
        )


SETTLING_S = 0.5
"""Usual time until a camera's own exposure has settled."""


class Frames:
    """Iterates over a camera's pictures as frames."""

    name: str
    rate: float | None = None
    settling_s = 0.0

    def grab(self) -> NDArray[np.uint8] | None:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Frame]:
        while (image := self.grab()) is not None:
            yield Frame(image, self.name)


class Through(Frames):
    """Another camera, seen through something that changes its pictures or their times."""

    live: bool

    def __init__(self, camera: "Camera") -> None:
        self.name, self._camera = camera.name, camera

    def __enter__(self) -> "Through":
        self._camera.__enter__()
        self.rate = self._camera.rate
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._camera.__exit__(kind, error, trace)


class Camera(Protocol):
    """A source of pictures. Open it with `with`; use it from one thread at a time.

    After a failure it may be opened again, with another `with`.
    """

    name: str
    """What the user called it, without a password."""
    live: bool
    """Whether pictures come even if nobody takes them: then only the newest counts, and an end is a failure."""
    rate: float | None
    """Pictures a second of a film, once it is open; None where pictures come in real time."""
    settling_s: float
    """Seconds after the opening until exposure and focus have settled; earlier pictures are too dark."""

    def __enter__(self) -> "Camera":
        """Raises CameraNotFound if it is not there, CameraLost if it does not answer."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def grab(self) -> NDArray[np.uint8] | None:
        """The next picture, grey (height, width) or BGR (height, width, 3); None at the end of a film or a folder.

        Raises CameraLost if a camera or a stream stops giving pictures.
        """

    def __iter__(self) -> Iterator[Frame]:
        """All pictures as frames, to the end of a film or a folder."""
