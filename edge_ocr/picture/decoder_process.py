"""The process that decodes pictures for another one: it may run out of memory or time, or crash, and harms nobody.

It is started by `edge_ocr.picture.decoder`, and reads requests from a socket: a line of JSON, and beside it the
descriptor of a file. It answers with a line of JSON, and beside it the descriptor of a file of pixels.
"""

import json
import mmap
import os
import resource
import signal
import socket
import stat
import tempfile
from contextlib import suppress
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadImage
from edge_ocr.picture.decoding import Complaints, Decoded, decode_image
from edge_ocr.picture.opening import open_page

MOST_MEMORY = 340 << 20
"""Bytes beside what the process itself takes. With that, and with the pixels that it hands over, a picture takes at
most 400 MB; a JPEG of 50 megapixels that is turned as EXIF says takes 300."""

LONGEST_LINE = 65_536
"""Bytes of a request or an answer, and of complaints that are kept."""


def main(channel: socket.socket) -> None:
    """Answer requests until the other side goes away."""
    idle = _data_bytes()
    _limit(resource.RLIMIT_CORE, 0)  # A crash must not fill the disk.
    _limit(resource.RLIMIT_FSIZE, 512 << 20)
    complaints = _listen_to_stderr()
    while True:
        line, descriptors, _, _ = socket.recv_fds(channel, LONGEST_LINE, 1)
        if not line:
            return
        request = json.loads(line)
        # The default action of SIGALRM ends us, also within native code, and if nobody waits for us any more.
        signal.setitimer(signal.ITIMER_REAL, request["seconds"])
        answer, pixels = _answer(descriptors[0], request["name"], request["page"], idle, complaints)
        signal.setitimer(signal.ITIMER_REAL, 0)
        socket.send_fds(channel, [json.dumps(answer).encode() + b"\n"], [pixels] if pixels is not None else [])
        if pixels is not None:
            os.close(pixels)


def _answer(source: int, name: str, page: int, idle: int, complaints: Complaints) -> tuple[dict[str, Any], int | None]:
    try:
        with _Place(source) as place:
            decoded = _decode(source, name, page, idle, complaints, place)
            shape, pixels = place.take(decoded.pixels)
        if pixels is None:
            shape, pixels = _hand_over(decoded)
    except BadImage as error:
        return {"refused": str(error)}, None
    except (MemoryError, OSError) as error:
        return {"refused": f"{name} needs too much memory to be decoded ({error}): scale it down"}, None
    return {"shape": shape, "pages": decoded.pages}, pixels


def _decode(source: int, name: str, page: int, idle: int, complaints: Complaints, place: "_Place") -> Decoded:
    """The picture in an open file, which is closed before its pixels are copied."""
    try:
        status = os.fstat(source)
        # A file that lies in memory counts as memory; one on a disk is mapped, and may leave memory at any time.
        is_in_memory = status.st_nlink == 0 and stat.S_ISREG(status.st_mode)
        mapped = status.st_size if page else 0  # It may be written to, and so counts, but hardly any of it is.
        _limit(resource.RLIMIT_DATA, idle + MOST_MEMORY + mapped - (status.st_size if is_in_memory else 0))
        if not status.st_size:
            return decode_image(b"", name)
        data = mmap.mmap(source, status.st_size, access=mmap.ACCESS_COPY if page else mmap.ACCESS_READ)
        return open_page(data, name, page, complaints, place)
    finally:
        os.close(source)


class _Place:
    """A new file of pixels, where a picture may be decoded to: that saves copying it."""

    def __init__(self, source: int) -> None:
        self.path = f"/proc/self/fd/{source}"
        self._file: int | None = None
        self._array: NDArray[np.uint8] | None = None

    def __enter__(self) -> "_Place":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._array = None
        if self._file is not None:
            os.close(self._file)

    def __call__(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """The file's content as an array."""
        size = int(np.prod(shape))
        self._file = new_file("pixels")
        os.ftruncate(self._file, size)
        self._array = np.frombuffer(mmap.mmap(self._file, size), np.uint8).reshape(shape)
        return self._array

    def take(self, pixels: NDArray[Any]) -> tuple[list[int], int | None]:
        """The shape of what was decoded, and its file, now the caller's; None where the pixels are elsewhere."""
        file = None
        if pixels is self._array:
            file, self._file = self._file, None
        return list(pixels.shape), file


def _hand_over(decoded: Decoded) -> tuple[list[int], int]:
    """The shape of a frame, and a new file with its pixels."""
    target = new_file("pixels")
    rows, rest = 0, []
    try:
        for stripe in decoded.stripes():
            rows, rest = rows + stripe.shape[0], list(stripe.shape[1:])
            write_all(target, np.ascontiguousarray(stripe).data.cast("B"))
    except BaseException:
        os.close(target)
        raise
    return [rows, *rest], target


def new_file(name: str) -> int:
    """The descriptor of an empty file without a name, in memory where the system can."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def write_all(target: int, data: memoryview) -> None:
    """Write all bytes to an open file; a single call may write less."""
    while data:
        data = data[os.write(target, data) :]


def _listen_to_stderr() -> Complaints:
    """Give native code a stderr that takes little and blocks nobody; returns what reads it."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    os.dup2(writing, 2)

    def complaints() -> str:
        with suppress(BlockingIOError):
            return os.read(reading, LONGEST_LINE).decode(errors="replace")
        return ""

    return complaints


def _limit(what: int, most: int) -> None:
    with suppress(OSError, ValueError):  # A sandbox may forbid it; then its own limits hold.
        resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def _data_bytes() -> int:
    """What RLIMIT_DATA counts of this process now."""
    with suppress(OSError), open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmData:"):
                return int(line.split()[1]) << 10
    return 512 << 20
