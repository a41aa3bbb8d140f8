"""The folder of what outlasts a restart: readings that wait for other programs, and the last values of meters."""

import fcntl
import os
from functools import cached_property
from pathlib import Path
from typing import IO

from edge_ocr.errors import CannotWrite
from edge_ocr.folders import make_folder


class StateFolder:
    """A folder that one process uses at a time, from when it first asks for its path."""

    def __init__(self, named: str | None = None) -> None:
        """`named` is its path; None is systemd's StateDirectory, or the user's (XDG Base Directory Specification)."""
        self._named = named
        self._lock: IO[str] | None = None

    @cached_property
    def path(self) -> Path:
        """Where it is. Raises CannotWrite if it cannot be made, or another process uses it."""
        path = make_folder(Path(self._named) if self._named else _usual())
        lock = (path / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise CannotWrite(
                f"{path} is used by another edge-ocr: end that one, or name another folder with --state"
            ) from error
        self._lock = lock
        return path

    def close(self) -> None:
        """Let another process use it."""
        if self._lock is not None:
            self._lock.close()


def _usual() -> Path:
    if given := os.environ.get("STATE_DIRECTORY"):
        return Path(given.split(":")[0])
    if given := os.environ.get("XDG_STATE_HOME"):
        return Path(given) / "edge-ocr"
    try:
        return Path.home() / ".local/state/edge-ocr"
    except RuntimeError as error:
        raise CannotWrite("this user has no home folder: name a folder with --state") from error
