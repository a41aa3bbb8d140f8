"""Grey picture -> maps of where pen is, where lines run and which way is up: the finder, with its input and output.

The network was trained on made scenes (`convert.training.finder`); one int8 pass gives all three.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadBundle
from edge_ocr.model.bundle import Bundle, open_bundle
from edge_ocr.model.characters import pixel_steps
from edge_ocr.model.interpreter import Tensor
from edge_ocr.page import Gray

BLOCK = 4
"""Pixels of the picture, each way, to one cell of the model's output."""

PEN = BLOCK * BLOCK
"""Channels that hold the pen of a cell's pixels, row by row; the core zone and the ways follow."""

MULTIPLE = 32
"""Pictures are continued to multiples of this many pixels each way."""

LONGEST, HALO = 256, 32
"""Pixels of a picture's longer side that are looked at in one go, beside those that a part sees of its neighbours. The
network's buffers grow with a part; in two, a picture of 512 pixels takes 12 MB less and a tenth more of the finder's
time."""

CORE_LEVEL = 110
"""Value of `Maps.core` from which a cell belongs to a line's core zone."""


@dataclass(frozen=True, slots=True)
class Maps:
    """What the finder sees in a picture of (height, width)."""

    pen: Gray
    """(height, width) how surely and strongly each pixel is the pen of writing, 0 to 255."""
    core: Gray
    """(height / 4, width / 4), rounded up: core zones of text lines, between baseline and x-height, 0 to 255."""
    ways: NDArray[np.float32]
    """(5,) mean scores over the core zones: no text, and text turned clockwise by 0, 90, 180 and 270 degrees."""

    @property
    def quarters(self) -> int:
        """Quarter turns clockwise by which the text is turned, 0 to 3."""
        return int(self.ways[1:].argmax())


class Finder:
    """Finds writing. One thread at a time may call it."""

    def __init__(self, bundle: Bundle, backend: str = "auto", threads: int = 1) -> None:
        """Open the bundle's model.

        Args:
            bundle: from `load_bundle`, of kind "finder".
            backend: "auto" or one of `edge_ocr.model.interpreter.BACKENDS`.
            threads: for one picture.

        Raises:
            BadBundle: the model is corrupt, contradicts the bundle or finds nothing.
            NoInterpreter: no installed package can run it.
        """
        if bundle.kind != "finder":
            raise BadBundle(f"{bundle.folder} reads {bundle.kind}: name a bundle of kind 'finder'")
        self.model = open_bundle(bundle, backend, threads)
        self._steps = pixel_steps(self.model.input)
        self._levels = None if self.model.output.dtype == "float32" else _levels(self.model.output)

    def scores(self, gray: Gray) -> NDArray[np.generic]:
        """The model's own output for a picture, (height / 4, width / 4, channels), continued to whole `MULTIPLE`s."""
        along = int(gray.shape[1] > gray.shape[0])
        length = gray.shape[along]
        step = MULTIPLE * -(-length // (-(-length // LONGEST) * MULTIPLE))
        parts = []
        for start in range(0, length, step):
            first = max(0, start - HALO)
            seen = self._scores(gray.swapaxes(0, along)[first : start + step + HALO].swapaxes(0, along))
            own = seen.swapaxes(0, along)[(start - first) // BLOCK :]
            parts.append(own if start + step >= length else own[: step // BLOCK])
        return np.concatenate(parts).swapaxes(0, along)

    def _scores(self, gray: Gray) -> NDArray[np.generic]:
        """The same of a part."""
        height, width = gray.shape
        below, right = -height % MULTIPLE, -width % MULTIPLE
        if below or right:
            gray = cv2.copyMakeBorder(gray, 0, below, 0, right, cv2.BORDER_REPLICATE)
        scores: NDArray[np.generic] = self.model(self._steps[gray][np.newaxis, ..., np.newaxis])[0]
        return scores

    def __call__(self, gray: Gray) -> Maps:
        """What the finder sees in a picture, (height, width) uint8, of any size."""
        height, width = gray.shape
        scores = self.scores(gray)
        rows, columns = scores.shape[:2]
        shares = self._shares(scores[..., : PEN + 1])
        pen = shares[..., :PEN].reshape(rows, columns, BLOCK, BLOCK).transpose(0, 2, 1, 3)
        core = np.ascontiguousarray(shares[: -(-height // BLOCK), : -(-width // BLOCK), PEN])
        inside = core > CORE_LEVEL
        ways = scores[: core.shape[0], : core.shape[1], PEN + 1 :][inside] if inside.any() else np.zeros((1, 5))
        gain = self.model.output.scale
        return Maps(
            np.ascontiguousarray(pen.reshape(BLOCK * rows, BLOCK * columns)[:height, :width]),
            core,
            (gain * ways.mean(axis=0, dtype=np.float32)).astype(np.float32),
        )

    def _shares(self, scores: NDArray[np.generic]) -> Gray:
        """Logits as 0 to 255 of their probability."""
        if self._levels is None:
            return np.rint(255 / (1 + np.exp(-scores.astype(np.float32)))).astype(np.uint8)
        return self._levels[scores.view(np.uint8)]


def _levels(tensor: Tensor) -> Gray:
    """(256,) the probability, 0 to 255, that each byte of the model's int8 output stands for."""
    numbers = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float32)
    logits = (numbers - tensor.zero_point) * tensor.scale
    levels: Gray = np.rint(255 / (1 + np.exp(-logits))).astype(np.uint8)
    return levels


def above(field: Gray, level: int) -> Gray:
    """255 where a map is above a level, 0 elsewhere; unlike OpenCV's comparison it takes maps of four pixels, too."""
    return np.where(field > level, np.uint8(255), np.uint8(0))
