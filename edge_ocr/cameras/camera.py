"""The interface that all cameras share, and what is asked of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge_ocr.page import Frame


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of a camera; it gives what comes nearest."""

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


class Frames:
    """Makes a camera's pictures an iteration of frames."""

    name: str

    def grab(self) -> NDArray[np.uint8] | None:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Frame]:
        while (image := self.grab()) is not None:
            yield Frame(image, self.name)


class Camera(Protocol):
    """A source of pictures. Opened by `with`; not for several threads at a time.

    A source that has failed may be opened again, with another `with`.
    """

    name: str
    """What the user called it."""
    live: bool
    """Whether pictures come whether or not they are taken: then the newest counts, and its end is a failure."""

    def __enter__(self) -> "Camera":
        """Raises CameraNotFound when it is not there and CameraLost when it does not answer."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def grab(self) -> NDArray[np.uint8] | None:
        """The next picture, grey (height, width) or BGR (height, width, 3); None at the end of a film or a folder.

        Raises CameraLost when a camera or a stream gives no picture any more.
        """

    def __iter__(self) -> Iterator[Frame]:
        """All pictures as frames, to the end of a film or a folder."""
