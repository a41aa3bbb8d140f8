"""A lost camera retried: pauses that double until a picture comes."""

from collections.abc import Callable
from threading import Event

from edge_ocr.errors import CameraLost, CameraNotFound

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
"""Pause before a retry: the first one, doubled with each failure, up to the longest."""


def retried(
    take: Callable[[], None], count: Callable[[], int], report: Callable[[CameraLost], None], stop: Event, pause: float
) -> None:
    """Call `take` until it returns or `stop` is set; again, after a pause, whenever its camera is lost.

    Args:
        take: opens the camera and takes its pictures to their end.
        count: how many pictures have come so far.
        report: gets each loss.
        stop: ends a pause, too.
        pause: seconds before the first retry, and before the next one after any picture.

    Raises:
        CameraNotFound: no picture ever came, so the name is wrong; a camera that was there may come back.
    """
    next_pause = pause
    while not stop.is_set():
        before = count()
        try:
            take()
            return
        except (CameraLost, CameraNotFound) as error:
            if isinstance(error, CameraNotFound) and not count():
                raise
            report(CameraLost(f"{error}; trying again"))
        next_pause = pause if count() > before else min(2 * next_pause, LONGEST_PAUSE_S)
        stop.wait(next_pause)
