"""Places for results: checked to be writable before the work, written whole; a failure is one sentence."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edge_ocr.errors import CannotWrite, EdgeOcrError


def check_folder(folder: Path) -> Path:
    """The folder, if it can be written or made. Nothing is left behind, so a failing run leaves no empty folder.

    Raises:
        CannotWrite: it, or the nearest existing folder above it, is not a folder or is not writable.
    """
    with writing(folder):
        there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
        with tempfile.TemporaryFile(dir=there):  # Permissions do not show a read-only disk, nor bind root.
            return folder


def check_file(path: Path) -> Path:
    """The file, if it and its folder can be written; raises as `check_folder`."""
    if path.is_dir():
        raise CannotWrite(f"{path} is a folder: expected a file, so name one in it")
    check_folder(path.parent)
    return path


def make_folder(folder: Path) -> Path:
    """The folder, made if it is missing; CannotWrite if that is not possible."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return check_folder(folder)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """An OSError in this block becomes CannotWrite, which names the place."""
    try:
        yield
    except EdgeOcrError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotWrite(f"{place} cannot be written ({reason}): make room or name another place") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is never seen in part, not even after a power cut; raises CannotWrite."""
    with writing(path):
        replace_file(path, content)


def replace_file(path: Path, content: bytes) -> None:
    """The same for callers with a sentence of their own; raises OSError, and leaves nothing behind."""
    if path.exists() and not path.is_file():  # A device or a pipe, which stays what it is.
        path.write_bytes(content)
        return
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
