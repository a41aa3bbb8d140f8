"""Texts appended to a file: each whole or not at all, on a full disk, after a power cut, while logs are rotated."""

import json
import os
from contextlib import suppress
from pathlib import Path

from edge_ocr.errors import CannotWrite
from edge_ocr.outputs.backlog import Backlog
from edge_ocr.outputs.entry import entry, plain
from edge_ocr.page import Page

LONGEST_LINE = 16 << 20
"""Bytes from the end of a file in which the beginning of its last line is looked for."""

OURS = b'{"time": '
"""How an entry begins."""


class OutputFile:
    """Appends entries to a file, each complete and flushed, so that a kill loses none.

    While the disk is full, entries wait in memory; they are written when there is room again. A file that was renamed
    or removed, as logrotate does, is opened anew.
    """

    def __init__(self, path: Path, as_json: bool, *, rejected: bool = False) -> None:
        """Raises CannotWrite if the file cannot be opened; `rejected` as in `entry`."""
        self.trouble: CannotWrite | None = None
        self._path, self._as_json, self._rejected = path, as_json, rejected
        self._waiting = Backlog()
        if path.is_fifo():
            raise CannotWrite(f"{path} is a pipe, which may have no reader: choose a file, or leave --output out")
        try:
            mend(path)
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise CannotWrite(f"{path} cannot be written ({error.strerror}): choose another file") from error

    def add(self, page: Page, when: float | None = None, region: str = "", *, value: float | None = None) -> None:
        """Append a region's page, as `entry` takes it; never raises, see `trouble`."""
        as_json = self._as_json
        text = entry(page, when, region, value=value, rejected=self._rejected) if as_json else plain(page, region)
        self._waiting.add((text + "\n").encode())
        self.flush()

    def flush(self) -> None:
        """Follow the file if it was rotated, and write waiting entries as far as there is room."""
        try:
            self._follow()
            while self._waiting:
                self._write(self._waiting.first)
                self._waiting.pop()
            self.trouble = None
        except OSError as error:
            lost = f" ({self._waiting.dropped} were dropped)" if self._waiting.dropped else ""
            self.trouble = CannotWrite(
                f"{self._path} cannot be written ({error.strerror}): make room; {len(self._waiting)} texts wait{lost}"
            )

    def close(self) -> None:
        self.flush()
        self._file.close()

    def _follow(self) -> None:
        """Open the file anew if its name belongs to another file now, or to none."""
        with suppress(FileNotFoundError):
            if os.path.samestat(os.stat(self._path), os.fstat(self._file.fileno())):
                return
        mend(self._path)
        file = self._path.open("ab", buffering=0)
        self._file.close()
        self._file = file

    def _write(self, data: bytes) -> None:
        """Append all or nothing: half an entry is removed."""
        start = os.fstat(self._file.fileno()).st_size
        try:
            written = self._file.write(data)
            while written is not None and written < len(data):
                written += self._file.write(data[written:]) or 0
        except OSError:
            with suppress(OSError):  # A device has no length.
                os.ftruncate(self._file.fileno(), start)
            raise


def mend(path: Path) -> None:
    """Give a file that ends within a line an end of line, so that the next entry begins a line of its own.

    A power cut leaves such a file. Half an entry of ours, or the zeros of blocks that were never written, are removed.
    """
    if not path.is_file() or not path.stat().st_size:
        return
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        begin = file.seek(max(0, size - LONGEST_LINE))
        whole = file.read().rstrip(b"\0")
        last = whole[whole.rfind(b"\n") + 1 :]
        if last.startswith(OURS) and not _is_json(last):
            whole, last = whole.removesuffix(last), b""
        if begin + len(whole) < size:
            file.truncate(begin + len(whole))
        if last:
            file.seek(0, os.SEEK_END)
            file.write(b"\n")


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
