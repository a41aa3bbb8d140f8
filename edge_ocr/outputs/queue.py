"""Readings that wait for one receiver, in order, in an SQLite file: they outlast restarts and power cuts."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from edge_ocr.errors import CannotWrite
from edge_ocr.outputs.backlog import MOST, MOST_BYTES, Backlog


class Message(NamedTuple):
    """A reading on its way."""

    number: int
    """Later ones have higher numbers."""
    text: str


class Queue:
    """First in, first out, for several threads. Bounded: the oldest go first.

    While the disk is full, readings wait in memory, and still reach a receiver that takes them.
    """

    def __init__(self, path: Path) -> None:
        """Raises CannotWrite if the file cannot be opened. A damaged one is set aside."""
        self.trouble: CannotWrite | None = None
        self._path = path
        self._changed = threading.Condition(threading.RLock())
        self._unstored = Backlog()
        self._dropped = self._delivered = 0
        try:
            self._database = _open(path)
        except sqlite3.OperationalError as error:
            raise CannotWrite(f"{path} cannot be written ({error}): name another folder with --state") from error
        except sqlite3.DatabaseError:  # It is no database: a power cut, or another program.
            path.replace(path.with_suffix(".damaged"))
            self._database = _open(path)
        count, self._size, last = self._database.execute(
            "SELECT count(*), coalesce(sum(length(CAST(text AS BLOB))), 0), coalesce(max(number), 0) FROM waiting"
        ).fetchone()
        self._count, self._next = int(count), int(last) + 1

    def __len__(self) -> int:
        with self._changed:
            stored = self._database.execute("SELECT count(*) FROM waiting WHERE number > ?", (self._delivered,))
            return int(stored.fetchone()[0]) + len(self._unstored)

    def add(self, text: str) -> None:
        """Append a reading; never raises, see `trouble`."""
        with self._changed:
            self._unstored.add(text.encode())
            self._next += 1
            self._store()
            self._changed.notify()

    def first(self, timeout: float) -> Message | None:
        """The oldest reading, which stays until `remove`; None if there is none for `timeout` seconds."""
        with self._changed:
            self._store()
            if (message := self._oldest()) is None and self._changed.wait(timeout):
                message = self._oldest()
            return message

    def remove(self, message: Message) -> None:
        """Forget a reading, and any older one, since it was delivered."""
        with self._changed:
            # A full disk may refuse this, too: the number makes sure that nothing is delivered again meanwhile.
            self._delivered = message.number
            while self._unstored and self._first_unstored <= message.number:
                self._unstored.pop()
            with self._writing():
                self._delete_up_to(message.number)

    def wake(self) -> None:
        """End the waits of `first`."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Store what waits in memory, if there is room."""
        with self._changed:
            self._store()
            with self._writing():
                self._delete_up_to(self._delivered)
            self._database.close()

    def _oldest(self) -> Message | None:
        row = self._database.execute(
            "SELECT number, text FROM waiting WHERE number > ? ORDER BY number LIMIT 1", (self._delivered,)
        ).fetchone()
        if row:
            return Message(*row)
        return Message(self._first_unstored, self._unstored.first.decode()) if self._unstored else None

    @property
    def _first_unstored(self) -> int:
        return self._next - len(self._unstored)

    def _store(self) -> None:
        with self._writing():
            while self._unstored:
                text = self._unstored.first
                with self._database:
                    values = self._first_unstored, text.decode()
                    self._database.execute("INSERT INTO waiting (number, text) VALUES (?, ?)", values)
                self._unstored.pop()
                self._count, self._size = self._count + 1, self._size + len(text)
            while self._count > MOST or (self._size > MOST_BYTES and self._count > 1):
                (oldest,) = self._database.execute("SELECT min(number) FROM waiting").fetchone()
                self._dropped += self._delete_up_to(oldest)

    def _delete_up_to(self, number: int) -> int:
        """Returns how many were deleted."""
        with self._database:
            sizes = self._database.execute(
                "DELETE FROM waiting WHERE number <= ? RETURNING length(CAST(text AS BLOB))", (number,)
            ).fetchall()
        self._count, self._size = self._count - len(sizes), self._size - sum(size for (size,) in sizes)
        return len(sizes)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """What the disk refuses in this block becomes `trouble`."""
        try:
            yield
        except sqlite3.Error as error:
            self.trouble = CannotWrite(
                f"{self._path} cannot be written ({error}): make room; {len(self._unstored)} readings wait in memory"
            )
        else:
            if not self._count and not self._unstored:
                self._dropped = self._unstored.dropped = 0
            lost = self._dropped + self._unstored.dropped
            full = f"{self._path} holds as many readings as it may: the {lost} oldest were dropped"
            self.trouble = CannotWrite(full) if lost else None


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=1, check_same_thread=False)
    database.execute("CREATE TABLE IF NOT EXISTS waiting (number INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    return database
