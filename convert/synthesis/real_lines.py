"""Real lines with their text, cut out of scans and photographs of letters: their ink as the reader separates it."""

import zipfile
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from convert.data.arrays import DataNotFound, data_folder
from convert.synthesis.augmentation import Rng
from convert.synthesis.line_sources import LONGEST, Written
from edge_ocr.ink.binarization import find_ink
from edge_ocr.ink.components import find_components
from edge_ocr.page import Frame, Gray

POWER = 0.75
"""The chance of a source goes with its lines to this power, so that the larger ones don't drown the others."""

RIM = 0.14
"""Part of a picture's height, above and below, that holds nothing but its neighbours' strokes."""


class RealLineSource:
    """The lines of `lines/SOURCE.zip`, each with its text in `lines/SOURCE.tsv`, English and French, in many hands."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read the texts; pictures are decoded when they are drawn.

        Raises:
            DataNotFound: the folder holds no lines.
        """
        folder = folder or data_folder() / "lines"
        self._archives = [zipfile.ZipFile(path) for path in sorted(folder.glob("*.zip"))]
        if not self._archives:
            raise DataNotFound(f"{folder} holds no lines (*.zip with *.tsv): see the data's README")
        self._lines = [texts_of(Path(archive.filename or "").with_suffix(".tsv")) for archive in self._archives]
        self._chances = np.cumsum([len(lines) ** POWER for lines in self._lines])
        self._ink = lru_cache(maxsize=None)(self._separated)

    def __len__(self) -> int:
        return sum(map(len, self._lines))

    def draw(self, rng: Rng) -> Written:
        while True:
            source = int(np.searchsorted(self._chances, rng.random() * self._chances[-1]))
            number = int(rng.integers(len(self._lines[source])))
            ink = self._ink(source, number)
            if ink is not None:
                return Written(ink, self._lines[source][number][1])

    def _separated(self, source: int, number: int) -> Gray | None:
        """A line's ink, cropped, without its neighbours'; None where hardly any is found."""
        data = np.frombuffer(self._archives[source].read(self._lines[source][number][0]), np.uint8)
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
        height = picture.shape[0]
        # A margin of paper, as a line has it on a page.
        picture = cv2.copyMakeBorder(
            picture, height, height, height, height, cv2.BORDER_CONSTANT, value=_paper(picture)
        )
        ink = find_ink(Frame(picture), light=False)
        parts = find_components(ink.mask)
        top, bottom = (round(place / ink.scale) for place in ((1 + RIM) * height, (2 - RIM) * height))
        own = (parts.bottom > top) & (parts.top < bottom)
        own[0] = False
        if own.sum() < 2:
            return None
        member = cv2.dilate(np.where(own, np.uint8(255), np.uint8(0))[parts.labels], np.ones((3, 3), np.uint8))
        kept = cv2.bitwise_and(ink.strength, member)
        x, y, wide, tall = cv2.boundingRect(member)
        return np.ascontiguousarray(kept[y : y + tall, x : x + wide])


def texts_of(path: Path) -> list[tuple[str, str]]:
    """File names and texts of those lines that are no longer than LONGEST."""
    rows = [row.split("\t") for row in path.read_text(encoding="utf-8").splitlines()]
    return [(name, " ".join(text.split())) for name, text in rows if len(text) <= LONGEST]


def _paper(picture: Gray) -> int:
    return int(np.percentile(picture, 70))
