"""A loop over a moving scene, with its page: what the tests of the page look at."""

import http.client
import json
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from edge_ocr import Reader
from edge_ocr.live.capture import Capture
from edge_ocr.live.loop import Loop
from edge_ocr.live.region import Region
from edge_ocr.live.task import Controls, Task
from edge_ocr.page import Frame, Page
from edge_ocr.preview import Preview
from edge_ocr.preview.access import Access
from tests.live.test_capture import Fake
from tests.places import TINY
from tests.scenes import photograph, write

SIZE = (640, 360)
WRITING = photograph(write("A1BO", "1A BOB", size=SIZE, capital=48, pen=6, corner=(60, 110), gap=0.35).ink).image


class Breathing(Fake):
    """A camera over a page, at 20 pictures a second, whose light goes up and down."""

    def __init__(self) -> None:
        super().__init__(1)
        self.number = 0

    def grab(self) -> np.ndarray | None:
        time.sleep(0.05)
        self.number += 1
        return np.clip(WRITING.astype(np.int16) + 6 * (self.number % 8), 0, 255).astype(np.uint8)


class Patient:
    """A reader that waits until it may read."""

    def __init__(self, reader: Reader, may_read: threading.Event, waits: threading.Event) -> None:
        self._reader, self._may_read, self._waits = reader, may_read, waits

    def read(self, frame: Frame) -> Page:
        if not self._may_read.is_set():
            self._waits.set()
            self._may_read.wait(20)
        return self._reader.read(frame)


class Show:
    """A loop with its page, running until closed."""

    def __init__(self, camera: Fake | None = None, **access: Any) -> None:
        self.controls = Controls(Task())
        self.preview = Preview("127.0.0.1:0", self.controls, Access(**access))
        self.camera = camera or Breathing()
        self.may_read = threading.Event()
        """Cleared while a reading lasts without end."""
        self.may_read.set()
        self.waits = threading.Event()
        """Set while the reader waits."""
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.sights = 0

    def _run(self) -> None:
        def make(region: Region) -> Any:
            return Patient(Reader.load(TINY, **region.reading, language="none"), self.may_read, self.waits)

        capture = Capture(self.camera, pause_s=0.05)  # type: ignore[arg-type]
        capture.on_shot = self.preview.see
        with capture:
            loop = Loop(capture, make, self.controls)
            for sight in loop:
                self.preview.publish(sight, loop.statistics)
                self.sights += 1

    def __enter__(self) -> "Show":
        self.preview.__enter__()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controls.stop.set()
        self.may_read.set()
        self.thread.join(5)
        self.preview.__exit__(None, None, None)

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.preview.port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(400 if "/pictures" in path else 400_000)
        finally:
            connection.close()

    def messages(self) -> Iterator[tuple[dict[str, Any], bytes]]:
        """What the page follows: each message with its picture, which may be empty."""
        connection = http.client.HTTPConnection("127.0.0.1", self.preview.port, timeout=20)
        try:
            connection.request("GET", "/frames")
            answer = connection.getresponse()
            while len(lengths := answer.read(8)) == 8:
                head, jpeg = struct.unpack(">II", lengths)
                yield json.loads(answer.read(head)), answer.read(jpeg)
        finally:
            connection.close()


def read_anew_without_end(show: Show) -> None:
    """Make the reader read something else, and not come to an end."""
    show.may_read.clear()
    show.controls.change(regions=(Region(charset="A-Z0-9"),))
    assert show.waits.wait(20)
