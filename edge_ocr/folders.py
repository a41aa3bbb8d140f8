"""Places that results go to: found out to be writable before the work, and what still fails is one sentence."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_ocr.errors import CannotWrite, EdgeOcrError


def check_folder(folder: Path) -> Path:
    """The folder, if it can be written or made; nothing is left behind, so that a failing run leaves no empty folder.

    Raises:
        CannotWrite: it, or the nearest folder above it that exists, is none, or may not be written.
    """
    with writing(folder):
        there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
        with tempfile.TemporaryFile(dir=there):  # Permissions do not tell of a read-only disk, nor bind root.
            return folder


def check_file(path: Path) -> Path:
    """The file, if it can be written and its folder be made; raises as `check_folder`."""
    if path.is_dir():
        raise CannotWrite(f"{path} is a folder where a file is to be written: name a file in it")
    check_folder(path.parent)
    return path


def make_folder(folder: Path) -> Path:
    """The folder, made where it is missing and writable; CannotWrite when that is not possible."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return check_folder(folder)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """What the system refuses in this block becomes CannotWrite, which names the place."""
    try:
        yield
    except EdgeOcrError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotWrite(f"{place} cannot be written ({reason}): make room or name another place") from error
