"""The folder of what outlasts a restart: readings that wait for other programs, and the last values of meters."""

import fcntl
import os
from pathlib import Path

from edge_ocr.errors import CannotWrite
from edge_ocr.folders import make_folder


class StateFolder:
    """A folder that one process uses at a time."""

    def __init__(self, named: str | None = None) -> None:
        """Raises CannotWrite if it cannot be made, or another process uses it.

        Args:
            named: its path; None is systemd's StateDirectory, or else the user's (XDG Base Directory Specification).
        """
        self.path = make_folder(Path(named) if named else _usual())
        self._lock = (self.path / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise CannotWrite(
                f"{self.path} is used by another edge-ocr: end that one, or name another folder with --state"
            ) from error

    def close(self) -> None:
        """Let another process use it."""
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
