"""`python -m tests.fuzz --count 20000 --seed 1`: load damaged pictures, and read drawn textures, within their limits.

A case depends on nothing but seed and number, so that `--first 1234 --count 1` repeats one. What breaks a promise is
kept in build/fuzz. It needs the runtime alone, so that it runs with any OpenCV.
"""

import argparse
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from edge_ocr import EdgeOcrError, Frame, Page, Reader, load_image
from edge_ocr.picture import decoder
from tests.fuzz.mutations import damage, whole_pictures
from tests.textures import TEXTURES

LATE_S = 1.0
"""Seconds by which that may be missed."""

MOST_MB = 400
"""Memory of a process that decodes."""

READ, TEXTURE = 50, 200
"""One loaded picture of so many is read, too, and for so many pictures a texture is."""

REFUSALS = {
    "crashes the decoder": "crashed their decoder",
    "within": "took too long",
    "memory": "needed too much memory",
}
"""Words of a refusal, and what is counted by them."""


class Campaign:
    """Counts what became of the pictures, and keeps those that broke a promise."""

    def __init__(self, seed: int, folder: Path, max_seconds: float) -> None:
        self._seed, self._folder, self._max_seconds = seed, folder, max_seconds
        self._wholes = whole_pictures()
        self._reader = Reader.load(max_seconds=max_seconds)
        self.counts: Counter[str] = Counter()
        self.slowest = 0.0
        self.failures: list[str] = []

    def run(self, number: int) -> None:
        """The case of this number."""
        rng = random.Random(f"{self._seed}:{number}")
        name, whole = rng.choice(sorted(self._wholes.items()))
        data = damage(whole, list(self._wholes.values()), rng)
        frame = self._try(f"{number}-{name}", data, lambda: self._load(data, name))
        if isinstance(frame, Frame) and rng.random() < 1 / READ:
            self._try(f"{number}-read-{name}", data, lambda: self._read(frame))
        if number % TEXTURE == 0:
            texture = Frame(_texture(rng))
            png = bytes(cv2.imencode(".png", texture.image)[1])
            self._try(f"{number}-texture.png", png, lambda: self._read(texture))

    def _load(self, data: bytes, name: str) -> Frame | None:
        try:
            frame = load_image(data, name=name, max_seconds=self._max_seconds)
        except EdgeOcrError as error:
            said = str(error)
            if not said.startswith(name) or "\n" in said:
                raise AssertionError(f"no sentence: {said!r}") from error
            self.counts[next((what for words, what in REFUSALS.items() if words in said), "refused")] += 1
            return None
        if frame.image.dtype != np.uint8 or frame.image.ndim not in (2, 3) or not frame.image.size:
            raise AssertionError(f"no picture: {frame.image.dtype} {frame.image.shape}")
        self.counts["loaded"] += 1
        return frame

    def _read(self, frame: Frame) -> Page:
        page = self._reader.read(frame)
        self.counts["read in part" if page.partial else "read"] += 1
        return page

    def _try(self, name: str, data: bytes, action: Callable[[], Frame | Page | None]) -> Frame | Page | None:
        began, fault, result = time.monotonic(), "", None
        try:
            result = action()
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        seconds = time.monotonic() - began
        self.slowest = max(self.slowest, seconds)
        if not fault and seconds > self._max_seconds + LATE_S:
            fault = f"took {seconds:.1f} s"
        if fault:
            self.failures.append(f"{name}: {fault}")
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / name).write_bytes(data)
        return result


def _texture(rng: random.Random) -> np.ndarray:
    """A texture of any kind and size, up to 12 megapixels, as fine as it may be."""
    width = int(300 * 13 ** rng.random())
    draw = TEXTURES[rng.choice(sorted(TEXTURES))]
    size = (width, int(width * rng.uniform(0.3, 0.75)))
    return draw(*size) if draw is TEXTURES["noise"] else draw(*size, int(8 * 10 ** rng.random()))


def peak_mb() -> float:
    """The most memory that a decoder took, of those that have ended, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> int:
    """Returns 0 if every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="damaged pictures (20000)")
    parser.add_argument("--first", type=int, default=0, help="number of the first one, to repeat a case (0)")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other damages (1)")
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"), help="folder for what breaks a promise")
    parser.add_argument("--max-seconds", type=float, default=5.0, help="for decoding a picture, and for reading it (5)")
    options = parser.parse_args()
    campaign, began = Campaign(options.seed, options.keep, options.max_seconds), time.monotonic()
    for number in range(options.first, options.first + options.count):
        campaign.run(number)
    decoder.end_all()
    if peak_mb() > MOST_MB:
        campaign.failures.append(f"a decoder took {peak_mb():.0f} MB")
    counts = ", ".join(f"{count} {what}" for what, count in sorted(campaign.counts.items()))
    print(
        f"OpenCV {cv2.__version__}, seed {options.seed}: {options.count} damaged pictures in "
        f"{time.monotonic() - began:.0f} s: {counts}; slowest {campaign.slowest:.2f} s, at most {peak_mb():.0f} MB"
    )
    for failure in campaign.failures:
        print(failure, file=sys.stderr)
    return bool(campaign.failures)


if __name__ == "__main__":
    sys.exit(main())
