"""Calls of the models, without the stages around them, at usual batch sizes and threads."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median_low
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_ocr.board import find_board
from edge_ocr.ink.looking import GLANCE_SIDE
from edge_ocr.ink.resolution import find_legible_ink
from edge_ocr.layout.layout import find_layout
from edge_ocr.layout.strip import cut_strip
from edge_ocr.model.bundle import WIDTH_STEP, Bundle, open_bundle
from edge_ocr.model.interpreter import LARGEST_BATCH, Model
from edge_ocr.page import Frame

LEAST_S = 0.005
"""Least duration of one measurement in seconds, in as many calls as needed: far above the clock's resolution."""

GLANCE_HEIGHT = 384
"""Height of the coarse look at a camera's picture of 4:3, GLANCE_SIDE wide."""

ALL_THREADS = 4
"""Up to this many threads every number is tried, above only its doubles: boards have four processors."""


@dataclass(slots=True)
class Network:
    """An open model and a batch for it."""

    model: Model
    batch: NDArray[Any]
    facts: dict[str, Any]
    """kind, batch, width (of a strip, in pixels), threads (None if the backend chooses)."""
    calls: int = 0
    """Calls in one measurement, set by the first one."""

    def seconds(self) -> float:
        """Of one call, the mean over a measurement."""
        if not self.calls:
            self.model(self.batch)
            start = time.perf_counter()
            self.model(self.batch)
            self.calls = max(1, round(LEAST_S / max(time.perf_counter() - start, 1e-9)))
        start = time.perf_counter()
        for _ in range(self.calls):
            self.model(self.batch)
        return (time.perf_counter() - start) / self.calls


def find_networks(bundles: list[Bundle], backend: str, frames: Iterable[Frame]) -> list[Network]:
    """Each model, with one item and with as many as these pages usually have.

    Args:
        bundles: of characters, of lines, and a finder's.
        backend: one of `edge_ocr.model.interpreter.BACKENDS`.
        frames: the pages; their median number of candidate characters and median width of lines count.
    """
    tiles, width = _usual_sizes(frames)
    networks = []
    for bundle in bundles:
        wide = {"lines": width, "finder": GLANCE_SIDE}.get(bundle.kind, bundle.width)
        batches = {1, min(max(tiles, 1), LARGEST_BATCH)} if bundle.kind == "characters" else {1}
        for batch in sorted(batches):
            networks += [_open(bundle, backend, batch, wide, threads) for threads in _threads(backend)]
    return networks


def _open(bundle: Bundle, backend: str, batch: int, width: int, threads: int | None) -> Network:
    model = open_bundle(bundle, backend, threads or 1)
    height = GLANCE_HEIGHT if bundle.kind == "finder" else bundle.height
    noise = np.random.default_rng(0).integers(0, 256, (batch, height, width, 1), np.uint8)
    fed = noise.astype(np.float32) if model.input.dtype == "float32" else noise.view(model.input.dtype)
    return Network(model, fed, {"kind": bundle.kind, "batch": batch, "width": width, "threads": threads})


def _threads(backend: str) -> list[int | None]:
    """1 up to the number of usable processors; Keras takes TensorFlow's own setting."""
    if backend == "keras":
        return [None]
    cores = find_board().cores or 1
    few = list(range(1, min(cores, ALL_THREADS) + 1))
    return [*few, *(n for n in (8, 16, 32, 64) if n <= cores)]


def _usual_sizes(frames: Iterable[Frame]) -> tuple[int, int]:
    """Candidate characters of a page, and the width of a line's strip for the model."""
    tiles: list[int] = []
    widths: list[int] = []
    for frame in frames:
        layout = find_layout(*find_legible_ink(frame))
        tiles.append(sum(len(line.segments) for line in layout.lines))
        widths += [cut_strip(line.ink).image.shape[1] for line in layout.lines]
    width = median_low(widths or [WIDTH_STEP])  # Pages without writing have no lines.
    return median_low(tiles), -(-width // WIDTH_STEP) * WIDTH_STEP
