"""Readings brought to one receiver, in order, by a thread of its own: what is not taken waits and is brought again."""

import threading
import time

from edge_ocr.errors import EdgeOcrError, Undelivered
from edge_ocr.outputs.queue import Queue

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
"""Pause before a reading is brought again: the first one, doubled with each failure, up to the longest."""

WAIT_S = 0.25
"""Longest wait before the thread sees that it should end."""

CLOSING_S = 0.3
"""Longest wait for the thread at the end; a receiver that hangs is left behind."""


class Receiver:
    """What takes readings."""

    trouble: EdgeOcrError | None = None
    """Why it cannot be reached now, where it has a connection."""

    def deliver(self, text: str, stop: threading.Event) -> None:
        """Bring one reading, as JSON; return when it was taken, or raise soon after `stop` is set.

        Raises Undelivered if it was not taken now, and Refused if it never will be.
        """
        raise NotImplementedError

    def close(self) -> None:
        """End the connection, if there is one."""


class Refused(Undelivered):
    """The receiver will never take this reading: it is left out."""


class Courier:
    """Readings go from a queue to a receiver; each at least once, and none before an older one."""

    def __init__(self, queue: Queue, receiver: Receiver, first_pause: float = FIRST_PAUSE_S) -> None:
        self._queue, self._receiver, self._first_pause = queue, receiver, first_pause
        self._failure: Undelivered | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> EdgeOcrError | None:
        """Why readings wait or were lost; None while all is well."""
        return self._queue.trouble or self._receiver.trouble or self._failure

    def __len__(self) -> int:
        """Readings that wait."""
        return len(self._queue)

    def add(self, text: str) -> None:
        """Bring a reading, as JSON, when its turn comes; never raises."""
        self._queue.add(text)

    def drain(self, seconds: float, stop: threading.Event) -> None:
        """Wait until all readings were taken, for so long, or until `stop` is set."""
        end = time.monotonic() + seconds
        while len(self) and time.monotonic() < end and not stop.wait(0.02):
            pass

    def close(self) -> None:
        """End the thread; what was not taken stays in the queue for the next time."""
        self._stop.set()
        self._queue.wake()
        self._thread.join(CLOSING_S)
        self._receiver.close()
        self._queue.close()

    def _run(self) -> None:
        pause = self._first_pause
        while not self._stop.is_set():
            if (message := self._queue.first(WAIT_S)) is None:
                continue
            try:
                self._receiver.deliver(message.text, self._stop)
                self._failure = None
            except Refused as refusal:
                self._failure = refusal
            except Exception as error:  # A library may raise anything: the readings after this one count, too.
                self._failure = (
                    error if isinstance(error, Undelivered) else Undelivered(f"{type(error).__name__}: {error}")
                )
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
                continue
            pause = self._first_pause
            self._queue.remove(message)
