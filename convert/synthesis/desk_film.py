"""Made films of a camera over a desk: notes that lie there, come and go, or are turned; and a desk without any.

The camera is held by a hand. Writing that is seen whole at some time is the film's truth.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.data.arrays import data_folder
from convert.synthesis.augmentation import Rng
from convert.synthesis.handwriting import Hand, open_font, write_line
from convert.synthesis.photograph import DESKS, PAPERS, PENS, Surface, defocus, paper, sense, write

WIDTH, HEIGHT, RATE = 640, 480, 20.0
"""Pixels, and frames a second."""

SLIDE_S = 0.8
"""Seconds that a note takes from the picture's edge to its place, and away again."""

MARGIN = 24
"""Pixels of a note's paper around its writing."""

NOISE, SHAKING, DEFOCUS = 4.0, 0.7, 0.6
"""Grey levels, pixels and pixels, each a standard deviation."""

STREAKS = 0.04
"""Standard deviation of the desk's streaks, as part of its colour."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sheet with writing."""

    lines: tuple[str, ...]
    left: int
    top: int
    """Of the sheet where it lies, in pixels."""
    turn: float = 0.0
    """Degrees, clockwise."""
    comes: float = 0.0
    """Seconds at which it is laid down; 0 lies there from the start."""
    goes: float = 1e9
    """Seconds at which it is pulled away."""
    font: str = "patrick-hand"
    capital: int = 30
    paper: str = "white"

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class DeskFilm:
    """What lies on the desk."""

    name: str
    notes: tuple[Note, ...] = ()
    seconds: float = 4.0

    @property
    def texts(self) -> list[tuple[str, float, float]]:
        """Text, and the seconds from which and to which it can be seen, of each note; none lasts beyond the film."""
        return [(note.text, note.comes, min(self.seconds, note.goes)) for note in self.notes]

    @property
    def pages(self) -> list[tuple[float, str]]:
        """What lies there, one after the other: the seconds from which it does, and the text, "" for nothing."""
        times = sorted({note.comes for note in self.notes} | {note.goes for note in self.notes})
        there = [(at, [note.text for note in self.notes if note.comes <= at < note.goes]) for at in times]
        return [(at, "\n".join(texts)) for at, texts in there if at < self.seconds]


FIRST = Note(("TRAIN 905", "TO YORK"), 180, 140, comes=1.0, goes=4.0)
DESK_FILMS = (
    DeskFilm("in-and-out", (FIRST,), 6.0),
    DeskFilm("again", (FIRST, Note(FIRST.lines, 180, 140, comes=6.0, goes=8.5)), 10.0),
    DeskFilm("swapped", (FIRST, Note(("BOX 12", "HEX NUTS"), 180, 140, comes=5.5)), 8.5),
    DeskFilm("two", (Note(("KEY UNDER", "THE POT"), 30, 60), Note(("CODE", "7148"), 400, 250, paper="yellow"))),
    DeskFilm("turned", (Note(("MEET ANNA", "GATE 47"), 180, 140, turn=8.0),)),
    DeskFilm("empty"),
)


def shoot(film: DeskFilm, seed: int = 7) -> Iterator[NDArray[np.uint8]]:
    """The film's frames, (HEIGHT, WIDTH, 3) BGR."""
    rng = np.random.default_rng(seed)
    desk, sheets = _desk(rng), [(note, _sheet(note, rng)) for note in film.notes]
    place = np.zeros(2)
    for number in range(round(film.seconds * RATE)):
        place = 0.8 * place + rng.normal(0, SHAKING, 2)
        seen = cv2.warpAffine(desk, np.array(((1, 0, place[0]), (0, 1, place[1])), np.float32), (WIDTH, HEIGHT),
                              borderMode=cv2.BORDER_REFLECT)  # fmt: skip
        for note, sheet in sheets:
            away, speed = _slide(note, number / RATE)
            if abs(away) < 1:
                seen = _lay(seen, sheet, note, place + np.array((away * WIDTH, 0)), speed * WIDTH / RATE)
        yield sense(defocus(seen, DEFOCUS), NOISE, rng)


def _slide(note: Note, at: float) -> tuple[float, float]:
    """How far a note is from its place, as a part of the picture's width, and how fast it moves, in widths a second."""
    if at < note.comes:
        away = (note.comes - at) / SLIDE_S
        return away, 1 / SLIDE_S
    if at > note.goes:
        return -(at - note.goes) / SLIDE_S, 1 / SLIDE_S
    return 0.0, 0.0


def _desk(rng: Rng) -> Surface:
    streaks = cv2.resize(rng.standard_normal((HEIGHT // 3 + 1, 6), dtype=np.float32), (WIDTH, HEIGHT))
    return np.asarray((1 + STREAKS * streaks)[..., None] * np.array(DESKS[0], np.float32), np.float32)


def _sheet(note: Note, rng: Rng) -> Surface:
    """A note's paper with its writing."""
    hand = Hand(note.font, capital=note.capital)
    font = open_font(data_folder() / "fonts", hand)
    written = [write_line(text, hand, font, rng) for text in note.lines]
    pitch = round(2.2 * note.capital)
    width = max(ink.shape[1] for ink, _ in written) + 2 * MARGIN
    page = np.zeros((pitch * len(written) + 2 * MARGIN, width), np.uint8)
    for number, (ink, baseline) in enumerate(written):
        top = max(0, MARGIN + round((number + 0.7) * pitch) - baseline)
        area = page[top : top + ink.shape[0], MARGIN : MARGIN + ink.shape[1]]
        np.maximum(area, ink[: area.shape[0]], out=area)
    return write(paper(page.shape, PAPERS[note.paper], rng), page, PENS["blue"], rng)


def _lay(seen: Surface, sheet: Surface, note: Note, shift: NDArray[np.float64], speed: float) -> Surface:
    """The picture with a sheet on it, smeared along its way where it moves (pixels a frame)."""
    height, width = sheet.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -note.turn, 1.0)
    matrix[:, 2] += np.array((note.left, note.top)) + shift
    size = WIDTH, HEIGHT
    here = cv2.warpAffine(sheet, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpAffine(np.ones((height, width), np.float32), matrix, size)
    if speed > 1:
        smear = (round(speed), 1)
        here, mask = cv2.blur(here, smear), cv2.blur(mask, smear)
    mask = mask[..., None]
    return np.asarray(mask * here + (1 - mask) * seen, np.float32)
