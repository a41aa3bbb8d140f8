"""Pictures of strangers are decoded in processes of their own, kept between pictures, with limits on memory and time.

Native decoders have faults: a small file may take gigabytes, minutes, or the whole process with it. It also keeps their
messages off our stderr, without touching descriptors that other threads write to.
"""

import atexit
import json
import mmap
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadImage, EdgeOcrError
from edge_ocr.picture.decoder_process import LONGEST_LINE
from edge_ocr.rooms import Rooms

MOST = 2
"""Pictures that are decoded at a time, each by a process that takes 45 MB while it is idle; further ones wait."""

LONGEST_S = 86_400.0
"""Seconds: what a picture gets that may take for ever."""

GRACE_S = 0.5
"""Seconds beyond a picture's time after which a process that should have ended itself is ended."""

OWN_FAULTS = frozenset(-number for number in (signal.SIGALRM, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS))
"""Exit codes of a process that its picture ended: by its time, or by a crash."""

PYTHON = "EDGE_OCR_PYTHON"
"""Environment variable with the Python that decodes, and its options, where the running program is none that could be
started again: under an emulator, or frozen into one file."""

BOOT = """
import socket, sys, types
package = types.ModuleType("edge_ocr")
package.__path__ = [sys.argv[2]]
sys.modules["edge_ocr"] = package
from edge_ocr.picture.decoder_process import main
main(socket.socket(fileno=int(sys.argv[1])))
"""
"""What a process runs: only what decodes, without all else that `import edge_ocr` brings."""


class Picture(NamedTuple):
    """A decoded picture."""

    pixels: NDArray[np.uint8]
    """(height, width) or (height, width, 3) BGR."""
    pages: int
    """Of the file."""
    seconds: float
    """That decoding took, without the wait for a process."""


class _Lost(Exception):
    """The process went away; `code` is its exit code, negative for a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Decoder:
    """One process that decodes one picture after another."""

    def __init__(self) -> None:
        """Start it; EdgeOcrError if that is not possible."""
        self._channel, theirs = socket.socketpair()
        python = shlex.split(os.environ.get(PYTHON, "")) or [sys.executable]
        command = [*python, "-c", BOOT, str(theirs.fileno()), str(Path(__file__).parents[1])]
        path = os.pathsep.join(os.path.abspath(place) for place in sys.path)
        with theirs:
            try:
                # In a session of its own, so Ctrl-C is for us; in /, no file beside the pictures is a module.
                self._process = subprocess.Popen(
                    command, pass_fds=[theirs.fileno()], cwd="/", start_new_session=True,
                    env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
            except OSError as error:
                self._channel.close()
                raise EdgeOcrError(
                    f"the process that decodes pictures cannot be started ({error.strerror}): expected a Python at "
                    f"{python[0]!r}, or name one in {PYTHON}"
                ) from error

    def decode(self, source: int, name: str, seconds: float, page: int = 0) -> Picture:
        """A page of an open file; BadImage says why it cannot be decoded, _Lost that the process is gone."""
        began = time.monotonic()
        try:
            self._channel.settimeout(seconds + GRACE_S)
            question = json.dumps({"name": name, "seconds": seconds, "page": page}).encode()
            socket.send_fds(self._channel, [question], [source])
            answer, pixels = self._receive()
        except TimeoutError as error:
            self.kill()
            raise _Lost(-signal.SIGALRM) from error
        except (OSError, EOFError) as error:
            raise _Lost(self._ended()) from error
        if "refused" in answer:
            raise BadImage(answer["refused"])
        return Picture(_mapped(pixels, answer["shape"]), answer["pages"], time.monotonic() - began)

    def kill(self) -> None:
        """End it now."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Hang up without ending it: it is another process's child."""
        self._channel.close()
        self._process.returncode = 0

    def _ended(self) -> int:
        """The exit code of one that hung up."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE_S)
        self.kill()
        return self._process.returncode

    def _receive(self) -> tuple[dict[str, Any], int]:
        line, descriptors, _, _ = socket.recv_fds(self._channel, LONGEST_LINE, 1)
        while line and not line.endswith(b"\n"):
            line += self._channel.recv(LONGEST_LINE) or b"\n"
        if not line.strip():
            raise EOFError
        return json.loads(line), descriptors[0] if descriptors else -1


class _Pool:
    """The processes of this one, from the first picture on."""

    def __init__(self) -> None:
        self.idle: list[Decoder] = []

    def take(self) -> Decoder:
        with suppress(IndexError):
            return self.idle.pop()
        return Decoder()


_pool = _Pool()
_rooms = Rooms(MOST)


def decode_file(source: int, name: str, seconds: float, page: int = 0) -> Picture:
    """A page of a file that is open at a descriptor.

    Args:
        source: a file's descriptor; nothing else may write to it meanwhile.
        name: for messages.
        seconds: that it may take, from the moment on when a process is free for it.
        page: from 0.

    Raises:
        BadImage: no picture, broken, too large, too slow, or one that crashes the decoder.
        EdgeOcrError: no process can be started.
    """
    seconds = min(seconds, LONGEST_S)
    with _rooms:
        ends = time.monotonic() + seconds
        for is_fresh in (False, True):
            decoder = _pool.take()
            try:
                picture = decoder.decode(source, name, ends - time.monotonic(), page)
            except BadImage:
                _pool.idle.append(decoder)
                raise
            except _Lost as loss:
                # One that was ended while it was idle, by whoever, says nothing about this picture: try a new one.
                is_late = loss.code not in OWN_FAULTS and time.monotonic() >= ends
                code = -signal.SIGALRM if is_late else loss.code
                if is_fresh or code in OWN_FAULTS:
                    raise _refusal(name, code, seconds) from loss
                continue
            except BaseException:  # Ctrl-C: its answer would come for the next picture.
                decoder.kill()
                raise
            _pool.idle.append(decoder)
            return picture
    raise AssertionError("unreachable")


def prepare() -> None:
    """Start a process now, to have it ready for the first picture."""
    if not _pool.idle:
        with suppress(EdgeOcrError):
            _pool.idle.append(Decoder())


def _refusal(name: str, code: int, seconds: float) -> BadImage:
    if code == -signal.SIGALRM:
        return BadImage(f"{name} could not be decoded within {seconds:g} s: save it again as PNG or JPEG")
    if code == -signal.SIGBUS:  # Of a mapped file whose end went away.
        return BadImage(f"{name} became shorter while it was decoded: wait until it is written, then read it again")
    if code == -signal.SIGKILL:
        return BadImage(f"{name} needs more memory than there is: scale it down")
    return BadImage(f"{name} is broken in a way that crashes the decoder: save it again as PNG or JPEG")


def _mapped(pixels: int, shape: list[int]) -> NDArray[np.uint8]:
    """A file of pixels as an array that owns them; it may be written to."""
    try:
        size = int(np.prod(shape))
        return np.frombuffer(mmap.mmap(pixels, size, access=mmap.ACCESS_COPY), np.uint8).reshape(shape)
    finally:
        os.close(pixels)


def _forget_all() -> None:
    """In a child after `fork`: the processes are its parent's."""
    global _pool
    for decoder in _pool.idle:
        decoder.forget()
    _pool = _Pool()


def end_all() -> None:
    """End the processes that wait for pictures; new ones are started when they are needed."""
    while _pool.idle:
        _pool.idle.pop().kill()


atexit.register(end_all)
os.register_at_fork(after_in_child=_forget_all)
