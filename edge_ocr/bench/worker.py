"""The process that reads while another one measures: `edge_ocr.bench.child` starts it and asks in lines of JSON.

Its first answer says who it is and how long the start took. Then each line of stdin, {"do": "read", "page": 0} or
{"do": "networks"} or {"do": "network", "number": 0}, gets one line: the answer, or {"error", "message"}.
"""

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

import edge_ocr
from edge_ocr.bench.conditions import memory_mb
from edge_ocr.bench.networks import Network, find_networks
from edge_ocr.child import answer_all
from edge_ocr.model.bundle import bundled_finder, load_bundle
from edge_ocr.model.choice import find_bundles
from edge_ocr.picture.load import load_image
from edge_ocr.reader import Reader


class Desk:
    """A reader and its pages."""

    def __init__(self, options: dict[str, Any], pictures: list[str]) -> None:
        """
        Args:
            options: what `Reader.load` takes.
            pictures: files to read.
        """
        start = time.perf_counter()
        self._reader = Reader.load(**options)
        self.load_s = time.perf_counter() - start
        found = find_bundles(options["model"], options["recogniser"], options["tuned"])
        finder = bundled_finder() if self._reader.finder else None
        self._bundles = [bundle for bundle in (*found, load_bundle(finder) if finder else None) if bundle]
        self._pictures = pictures
        self._networks: list[Network] = []
        recogniser = self._reader.recognition.characters or self._reader.recognition.lines
        assert recogniser is not None
        self._model = recogniser.model.model

    def facts(self, import_s: float) -> dict[str, Any]:
        """Who reads, and the seconds of a cold start: import, load, and now the first reading."""
        first_s = self.read(0)["total_s"]
        return {
            "backend": self._model.backend,
            "version": self._model.version,
            "edge_ocr": edge_ocr.__version__,
            "import_s": import_s,
            "load_s": self.load_s,
            "first_s": first_s,
        }

    def read(self, page: int) -> dict[str, Any]:
        """Read a page; times from the decoded picture to its text."""
        frame = load_image(self._pictures[page])  # Loaded each time: kept pictures would count as the reader's memory.
        processor, start = time.process_time(), time.perf_counter()
        reading = self._reader.read(frame)
        total_s, processor_s = time.perf_counter() - start, time.process_time() - processor
        now_mb, peak_mb = memory_mb()
        size = {"width": reading.width, "height": reading.height}
        memory = {"now_mb": now_mb, "peak_mb": peak_mb}
        times = {"total_s": total_s, "processor_s": processor_s, "laps": reading.laps}
        return {**times, "text": reading.text, "partial": reading.partial, **size, **memory}

    def networks(self) -> list[dict[str, Any]]:
        """The models, with the batch sizes and threads to time them at."""
        frames = map(load_image, self._pictures)
        self._networks = find_networks(self._bundles, self._model.backend, frames)
        return [network.facts for network in self._networks]

    def network(self, number: int) -> float:
        """Seconds of one call of a model."""
        return self._networks[number].seconds()


def answers(questions: Iterable[str], import_s: float) -> Iterator[Any]:
    """The first question is {"options", "pictures"}; see the module's docstring for the others."""
    desk: Desk | None = None
    for question in questions:
        try:
            asked = json.loads(question)
            if desk is None:
                desk = Desk(**asked)
                yield desk.facts(import_s)
            else:
                yield getattr(desk, asked.pop("do"))(**asked)
        except Exception as error:
            yield {"error": type(error).__name__, "message": " ".join(str(error).split())}


def main(import_s: float) -> None:
    """Answer until stdin ends."""
    answer_all(lambda questions: answers(questions, import_s))
