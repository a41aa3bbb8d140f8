"""Where connections come in, also when this process has no descriptors left."""

import errno
import os
import socket
from contextlib import suppress


class ListeningSocket(socket.socket):
    """Closes a connection that there is no descriptor for.

    It would wait otherwise, and the event loop would try again at once, and write of each try on stderr. A spare
    descriptor is given up for the moment that it takes.
    """

    def __init__(self, bound: socket.socket) -> None:
        """Takes the place of a bound socket, which is no longer used."""
        super().__init__(fileno=bound.detach())
        self.setblocking(False)
        self._spare = os.open(os.devnull, os.O_RDONLY)

    def accept(self) -> tuple[socket.socket, object]:
        """As of any socket; BlockingIOError, as if nobody had come, where there was no descriptor."""
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            self._turn_away()
            raise BlockingIOError(errno.EAGAIN, "no descriptors left") from error

    def close(self) -> None:
        super().close()
        spare, self._spare = self._spare, -1
        if spare >= 0:
            os.close(spare)

    def _turn_away(self) -> None:
        if self._spare >= 0:
            os.close(self._spare)
            self._spare = -1
        with suppress(OSError):  # Another thread was quicker: the next try comes soon.
            super().accept()[0].close()
        with suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY)
