"""Whatever the bytes are, the process that reads them lives on, soon, and in little memory."""

import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_ocr.errors import BadImage, EdgeOcrError
from edge_ocr.picture import decoder
from edge_ocr.picture.load import load_image
from tests.picture.test_load import chunk, encode


def png(width: int, height: int, depth: int, colour: int, *more: bytes) -> bytes:
    """A PNG of one value everywhere, of any depth and kind of colour, with chunks before its pixels."""
    channels = {0: 1, 2: 3, 6: 4}[colour]
    packer = zlib.compressobj(9)
    row = bytes(1 + width * channels * depth // 8)
    pixels = b"".join([packer.compress(row) for _ in range(height)] + [packer.flush()])
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def tiff(*tags: tuple[int, int, int]) -> bytes:
    """A TIFF of these tags, each with its type and value, and a few bytes of pixels."""
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0) + bytes(4096)


def layers(bits: int, sides: int, samples: int = 3, *more: tuple[int, int, int]) -> bytes:
    """A TIFF that claims to hold a large picture of deep numbers."""
    return tiff(
        (256, 4, sides), (257, 4, sides), (258, 3, bits), (259, 3, 1), (262, 3, 2), (273, 4, 200), (277, 3, samples),
        (278, 4, sides), (279, 4, 4000), *more,
    )  # fmt: skip


def many_scans(noise: NDArray[np.uint8]) -> bytes:
    """A progressive JPEG whose last scan stands there 2,000 times."""
    options = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    jpeg = bytes(cv2.imencode(".jpg", noise, options)[1])
    last = jpeg[jpeg.rfind(b"\xff\xda") : -2]
    return jpeg[:-2] + 2000 * last + jpeg[-2:]


HOSTILE = {
    "deep": lambda noise: png(7000, 7000, 16, 6),
    "float64": lambda noise: layers(64, 5000),
    "tags twice": lambda noise: layers(16, 100, 3, (256, 4, 32000), (257, 4, 32000)),
    "lying tiles": lambda noise: layers(16, 100, 3, (322, 4, 30000), (323, 4, 30000)),
    "spaces": lambda noise: b"P6" + b" " * 20_000_000,
    "comments": lambda noise: b"P6" + b"#\n" * 10_000_000,
    "scans": many_scans,
    "fill": lambda noise: b"\xff\xd8" + b"\xff" * 60_000_000,
    "empty chunks": lambda noise: encode(".png", noise)[:33] + chunk(b"teXt", b"") * 5_000_000,
    "empty segments": lambda noise: b"\xff\xd8" + b"\xff\xe0\0\x02" * 10_000_000,
    "pages in a ring": lambda noise: b"II*\0" + struct.pack("<IHI", 8, 0, 8),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_pictures_are_refused(kind: str, noise: NDArray[np.uint8]) -> None:
    """A stranger's file of a few kilobytes takes gigabytes or minutes of a board."""
    with pytest.raises(BadImage) as error:
        load_image(HOSTILE[kind](noise), name="x", max_seconds=20)
    assert "within" not in str(error.value) and "\n" not in str(error.value)


def test_memory_of_a_picture_is_bounded() -> None:
    """A picture that is small enough by its size takes more memory than the board has."""
    with pytest.raises(BadImage, match=r"memory|MB decoded"):
        load_image(png(6900, 6900, 16, 6), name="x.png")
    with open(f"/proc/{decoder._pool.idle[-1]._process.pid}/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    assert peak < 400_000


def test_a_picture_that_takes_too_long_is_given_up(noise: NDArray[np.uint8]) -> None:
    """One picture would hold up all others, and the program, for as long as its maker likes."""
    large = encode(".png", np.random.default_rng(1).integers(0, 256, (3000, 3000, 3), np.uint8))
    with pytest.raises(BadImage, match=r"within 0\.01 s"):
        load_image(large, max_seconds=0.01)
    assert np.array_equal(load_image(encode(".png", noise)).image, noise)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_process_that_died_is_replaced(number: int, noise: NDArray[np.uint8]) -> None:
    """After one crash, no picture would be read any more."""
    data = encode(".png", noise)
    load_image(data)
    os.kill(decoder._pool.idle[-1]._process.pid, number)
    for _ in range(2):
        try:
            assert np.array_equal(load_image(data).image, noise)
        except BadImage as error:  # The crash is reported for the picture that met it.
            assert "crashes the decoder" in str(error)
    assert np.array_equal(load_image(data).image, noise)


class Dying:
    """A process that the system ends, a moment after it got a picture."""

    tries: ClassVar[list[float]] = []

    def decode(self, source: int, name: str, seconds: float, page: int) -> None:
        self.tries.append(seconds)
        time.sleep(0.02)
        raise decoder._Lost(-signal.SIGKILL)


@pytest.mark.parametrize(("seconds", "tries", "said"), [(0.01, 1, r"within 0\.01 s"), (100.0, 2, "more memory")])
def test_a_second_try_has_the_time_that_is_left(
    seconds: float, tries: int, said: str, noise: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that ends its process would take its time twice."""
    monkeypatch.setattr(Dying, "tries", [])
    monkeypatch.setattr(decoder._pool, "idle", [Dying(), Dying()])
    with pytest.raises(BadImage, match=said):
        load_image(encode(".png", noise), max_seconds=seconds)
    assert len(Dying.tries) == tries and max(Dying.tries) == Dying.tries[0] <= seconds
    monkeypatch.setattr(decoder._pool, "idle", [])


def test_one_process_serves_many_pictures(noise: NDArray[np.uint8]) -> None:
    """Each picture would cost the start of a Python."""
    data = encode(".png", noise)
    load_image(data)
    first = decoder._pool.idle[-1]._process.pid
    with pytest.raises(BadImage):
        load_image(b"no picture")
    load_image(data)
    assert decoder._pool.idle[-1]._process.pid == first


def test_pictures_can_be_changed_and_do_not_change_each_other(noise: NDArray[np.uint8]) -> None:
    """The next picture would be written over the last one, or drawing on a picture would crash."""
    first = load_image(encode(".png", noise)).image
    second = load_image(encode(".png", 255 - noise)).image
    first[0] = 7
    assert np.array_equal(second, 255 - noise) and np.array_equal(first[1:], noise[1:])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_decodes_while_a_thread_does(tmp_path: Path) -> None:
    """A web server that forks its workers would have them hang, or read each other's pictures."""
    cv2.imwrite(str(tmp_path / "x.png"), np.full((90, 120), 200, np.uint8))
    program = f"""
import os, threading
from edge_ocr import load_image
stop = False
def decode():
    while not stop: assert load_image({str(tmp_path / "x.png")!r}).image[0, 0] == 200
thread = threading.Thread(target=decode); thread.start()
codes = []
for _ in range(2):
    child = os.fork()
    if not child:
        decode_once = load_image({str(tmp_path / "x.png")!r}).image
        os._exit(0 if decode_once.shape == (90, 120) else 1)
    codes.append(os.waitpid(child, 0)[1])
stop = True; thread.join()
print(codes)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore:.*fork.*:DeprecationWarning", "-c", program],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"{[0] * 2}\n", "")


def test_file_descriptors_are_left_alone(noise: NDArray[np.uint8], capfd: pytest.CaptureFixture[str]) -> None:
    """Log lines that other threads of the program write meanwhile would vanish."""
    data, stop = encode(".png", noise)[:-20], threading.Event()
    written = 0

    def log() -> None:
        nonlocal written
        while not stop.is_set():
            os.write(2, b"log\n")
            written += 1

    thread = threading.Thread(target=log)
    thread.start()
    for _ in range(20):
        with pytest.raises(BadImage):
            load_image(data)
    stop.set()
    thread.join()
    assert capfd.readouterr().err == "log\n" * written


def test_another_python_may_decode(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is emulated, or frozen into one file, starts itself again for each picture."""
    monkeypatch.setenv("EDGE_OCR_PYTHON", f"{sys.executable} -X faulthandler")
    started = decoder.Decoder()
    assert b"faulthandler" in Path(f"/proc/{started._process.pid}/cmdline").read_bytes()
    started.kill()
    monkeypatch.setenv("EDGE_OCR_PYTHON", "/nowhere/python")
    with pytest.raises(EdgeOcrError, match="EDGE_OCR_PYTHON"):
        decoder.Decoder()
