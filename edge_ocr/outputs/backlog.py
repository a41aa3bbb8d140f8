"""What waits in memory while a disk is full: bounded, the oldest go first."""

from collections import deque

MOST, MOST_BYTES = 10_000, 16 << 20
"""Most texts that wait, and most bytes of all of them."""


class Backlog:
    """Texts in order, as bytes. The last one always stays, however long it is."""

    def __init__(self) -> None:
        self.dropped = 0
        """Texts that were lost, since there was no room for more."""
        self._texts: deque[bytes] = deque()
        self._size = 0

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def first(self) -> bytes:
        """The oldest text."""
        return self._texts[0]

    def add(self, text: bytes) -> None:
        self._texts.append(text)
        self._size += len(text)
        while len(self._texts) > 1 and (len(self._texts) > MOST or self._size > MOST_BYTES):
            self.pop()
            self.dropped += 1

    def pop(self) -> None:
        """Remove the oldest text."""
        self._size -= len(self._texts.popleft())
