"""How well the live loop keeps its word: each note once, nothing that nobody wrote, word when a note is gone.

Time is the film's own, whatever the reading takes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.comparison.roll import Roll
from convert.evaluation.metrics import loose_cer
from convert.evaluation.readings import right_characters, unspaced
from convert.synthesis import film as films
from convert.synthesis.desk_film import RATE, DeskFilm, shoot
from edge_ocr.live.capture import Capture
from edge_ocr.live.loop import Loop
from edge_ocr.live.region import Region
from edge_ocr.live.steady import Steadier
from edge_ocr.live.task import Controls, Task
from edge_ocr.page import Frame, Page
from edge_ocr.reader import Reader

SAME = 0.25
"""Character error rate up to which a text is a reading of a note."""

BINS = 10
"""Of equal width, by which confidence is compared with what is right."""

Given = tuple[float, str]
"""Seconds of the film, and the text that was given out then; "" says that nothing is left."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one film."""

    once: bool
    """Whether each page was given out, in order, once, and each end of one."""
    false: int
    """Texts that stood nowhere in the film."""
    gone_s: tuple[float, ...]
    """For each note that left, the seconds from when it was pulled away until that was given out."""


def follow(reader: Reader, pictures: Iterable[NDArray[np.uint8]]) -> list[Given]:
    """What `live` gives out of a film's pictures."""
    given, number = [], 0
    region = Region(min_confidence=reader.min_confidence)
    with Capture(Roll(pictures)) as capture:
        for sight in Loop(capture, lambda region: reader, Controls(Task((region,)))):
            number += sight.image is not None
            if sight.given is not None:
                given.append((number / RATE, sight.given.text))
    return given


def keep(film: DeskFilm, given: Sequence[Given]) -> Kept:
    """Compare what was given out with what lay there."""
    pages = film.pages if film.pages and film.pages[0][1] else film.pages[1:]
    once = len(given) == len(pages) and all(
        _is_same(text, said) for (_, text), (_, said) in zip(pages, given, strict=True)
    )
    texts = [text for _, text in pages]
    false = sum(not any(_is_same(text, said) for text in ("", *texts)) for _, said in given)
    ends = [at for at, text in pages if not text]
    gone = [min((at for at, said in given if not said and at > end), default=film.seconds) - end for end in ends]
    return Kept(once, false, tuple(gone))


def _is_same(text: str, said: str) -> bool:
    return text == said if not (text and said) else loose_cer([(text, said)]) <= SAME


def watch(reader: Reader, some: Sequence[DeskFilm], seeds: Sequence[int]) -> list[Kept]:
    """All films, each shot with each seed."""
    return [keep(film, follow(reader, shoot(film, seed))) for film in some for seed in seeds]


def voted(reader: Reader, film: films.Film, seed: int) -> list[tuple[Page, Page]]:
    """The reading of every still frame by itself, and the vote after it; the vote rejects nothing."""
    steadier, pages = Steadier(min_confidence=0.0), []
    for number, frame in enumerate(films.shoot(film, seed)):
        page = reader.read(Frame(frame))
        steadier.add(page, number / RATE, frame)
        if number > film.frames // 2 and steadier.page is not None:
            pages.append((page, steadier.page))
    return pages


def calibration_error(pairs: Sequence[tuple[Page, str]]) -> float:
    """Expected calibration error (Naeini et al., 2015) of the lines of pages, each with its truth."""
    sure, right = [], []
    for page, truth in pairs:
        found = right_characters([unspaced(line.text) for line in page.lines], unspaced(truth))
        sure += [line.confidence for line in page.lines]
        right += [one.mean() for one in found]
    bins = np.minimum((np.array(sure) * BINS).astype(int), BINS - 1)
    gaps = np.array(right) - np.array(sure)
    return float(sum(abs(gaps[bins == number].sum()) for number in range(BINS)) / max(1, len(sure)))
