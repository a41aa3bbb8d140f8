"""A loop over a moving scene, with its page: what the tests of the page look at."""

import http.client
import threading
import time

import numpy as np

from edge_ocr import Reader
from edge_ocr.live.capture import Capture
from edge_ocr.live.loop import Loop
from edge_ocr.live.region import Region
from edge_ocr.live.task import Controls, Task
from edge_ocr.preview import Preview
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


class Show:
    """A loop with its page, running until closed."""

    def __init__(self, token: str | None = None) -> None:
        self.controls = Controls(Task())
        self.preview = Preview("127.0.0.1:0", self.controls, token=token)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.sights = 0

    def _run(self) -> None:
        def make(region: Region) -> Reader:
            return Reader.load(TINY, **region.reading, language="none")

        with Capture(Breathing()) as capture:  # type: ignore[arg-type]
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
        self.thread.join(5)
        self.preview.__exit__(None, None, None)

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.preview.port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(400_000 if "/states" not in path and "/pictures" not in path else 400)
        finally:
            connection.close()
