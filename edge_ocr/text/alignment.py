"""Where a text's characters stand in the frames of a line: CTC alignment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_ocr.text.ctc import BLANK


@dataclass(frozen=True, slots=True)
class Alignment:
    """The frames of a text's characters on the likeliest path."""

    spans: tuple[tuple[int, int], ...]
    """First and last frame, inclusive, of each character."""
    score: float
    """Log probability of that path."""


def align(log_probabilities: NDArray[np.float32], classes: list[int]) -> Alignment:
    """The likeliest path of a text (Viterbi, 1967).

    Args:
        log_probabilities: (frames, classes) float32.
        classes: of the text's characters; with the blanks between equal ones no more than there are frames.
    """
    if not classes:
        return Alignment((), float(log_probabilities[:, BLANK].sum()))
    path = [BLANK]
    for number in classes:
        path += [number, BLANK]
    emitted = log_probabilities[:, path].astype(np.float64)
    skips = [k > 1 and path[k] != BLANK and path[k] != path[k - 2] for k in range(len(path))]
    barred = np.where(skips, 0.0, -np.inf)
    # Row: the best path's score after a frame; two columns stand before the first, so that all have predecessors.
    scores = np.full((len(emitted), 2 + len(path)), -np.inf)
    scores[0, 2:4] = emitted[0, :2]
    for frame in range(1, len(emitted)):
        before, after = scores[frame - 1], scores[frame, 2:]
        np.add(before[:-2], barred, out=after)
        np.maximum(after, before[1:-1], out=after)
        np.maximum(after, before[2:], out=after)
        after += emitted[frame]
    return Alignment(_trace(scores, skips), float(scores[-1, -2:].max()))


def _trace(scores: NDArray[np.float64], skips: list[bool]) -> tuple[tuple[int, int], ...]:
    """The best path backwards through the table of `align`: each character's first and last frame."""
    at = len(skips) - 1 if scores[-1, -1] >= scores[-1, -2] else len(skips) - 2
    spans = [[len(scores), -1] for _ in range(len(skips) // 2)]
    for frame in range(len(scores) - 1, -1, -1):
        if at % 2:
            span = spans[at // 2]
            span[0], span[1] = frame, max(span[1], frame)
        if frame:
            skipped, stepped, stayed = scores[frame - 1, at : at + 3].tolist()
            if skips[at] and skipped > max(stepped, stayed):
                at -= 2
            elif stepped > stayed:
                at -= 1
    return tuple((first, last) for first, last in spans)
