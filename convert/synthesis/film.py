"""`python -m convert film`: made films for `edge-ocr live`, with their texts: a page, and what `desk_film` makes.

The page moves for the first third and then stays, but for the shake of a hand; defocus changes from frame to frame.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.data.arrays import data_folder
from convert.paths import CACHE
from convert.synthesis import desk_film
from convert.synthesis.augmentation import Rng, between
from convert.synthesis.desk_film import DESK_FILMS, HEIGHT, RATE, WIDTH, DeskFilm
from convert.synthesis.handwriting import Hand, open_font, write_line
from convert.synthesis.photograph import PAPERS, PENS, defocus, paper, sense, shake, write
from edge_ocr.arguments import Parser
from edge_ocr.errors import CannotWrite
from edge_ocr.folders import make_folder, writing
from edge_ocr.page import Gray

MARGIN = 120
"""Pixels of paper around what the camera sees at the end, room for moving and shaking."""

FILM_SUFFIXES = (".mp4", ".avi", ".mkv", ".mov", ".webm")
"""What nobody's folder ends in."""


@dataclass(frozen=True, slots=True)
class Film:
    """What is filmed, and how badly."""

    name: str
    lines: tuple[str, ...]
    frames: int = 72
    font: str = "patrick-hand"
    capital: int = 44
    noise: float = 5.0
    """Standard deviation in grey levels."""
    blur: float = 1.0
    """Greatest defocus, standard deviation in pixels."""
    shaking: float = 2.0
    """Standard deviation of the place in pixels, and length of the motion blur."""
    turning: float = 0.3
    """Standard deviation of the angle in degrees."""

    @property
    def texts(self) -> list[tuple[str, float, float]]:
        """Its one text, and the seconds from which and to which it can be seen."""
        return [("\n".join(self.lines), 0.0, self.frames / RATE)]


FILMS = (
    Film("note", ("MEET ANNA AT", "GATE 47 EAST"), frames=48, noise=1.0, blur=0.8, shaking=1.0),
    Film(
        "shaky", ("TRAIN 905 TO YORK", "BRING MAP 23"), font="schoolbell", noise=30.0, blur=2.6, shaking=8.0, capital=32
    ),
    Film("dim", ("KEY UNDER POT", "CODE 7148"), font="short-stack", noise=48.0, blur=2.0, shaking=4.0, capital=34),
    Film("far", ("BOX 12 HEX NUTS", "SHELF 63 ROW B"), font="handlee", noise=12.0, blur=1.4, shaking=3.0, capital=24),
)
"""The first is bundled and shown by `make demo`; all are measured by `python -m convert measure-live`."""

ALL_FILMS: tuple[Film | DeskFilm, ...] = (*FILMS, *DESK_FILMS)


def page_of(film: Film, rng: Rng) -> Gray:
    """The written page as ink, larger than the camera sees by MARGIN on each side."""
    page = np.zeros((HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN), np.uint8)
    hand = Hand(film.font, capital=film.capital)
    font = open_font(data_folder() / "fonts", hand)
    for number, text in enumerate(film.lines):
        ink, baseline = write_line(text, hand, font, rng)
        top = MARGIN + 150 + round(2.4 * film.capital * number) - baseline
        left = MARGIN + 50
        area = page[top : top + ink.shape[0], left : left + ink.shape[1]]
        np.maximum(area, ink[: area.shape[0], : area.shape[1]], out=area)
    return page


def shoot(film: Film, seed: int = 7) -> Iterator[NDArray[np.uint8]]:
    """The film's frames, (HEIGHT, WIDTH, 3) BGR."""
    rng = np.random.default_rng(seed)
    ink = page_of(film, rng)
    page = write(paper(ink.shape, PAPERS["white"], rng), ink, PENS["blue"], rng)
    light = np.linspace(0.75, 1.0, page.shape[1], dtype=np.float32)[None, :, None]
    moving = film.frames // 3
    place = np.zeros(2)
    for number in range(film.frames):
        away = max(0.0, 1 - number / moving)
        place = 0.7 * place + rng.normal(0, film.shaking, 2)
        shift = place + away * np.array([90.0, 60.0])
        turn = 2.0 * away + film.turning * rng.normal()
        matrix = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), turn, 1.0)
        matrix[:, 2] += shift - MARGIN
        seen = cv2.warpAffine(page * light, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        seen = defocus(seen, between(rng, 0.2, film.blur))
        seen = shake(seen, film.shaking * rng.random() + 8 * away, rng)
        yield sense(seen, film.noise, rng)


def make(film: Film | DeskFilm, path: Path) -> None:
    """Write the film; CannotWrite when this OpenCV or the disk does not let it."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (WIDTH, HEIGHT))
    if not writer.isOpened():
        raise CannotWrite(f"{path} cannot be written: expected a folder that exists and an OpenCV with FFmpeg")
    for frame in shoot(film) if isinstance(film, Film) else desk_film.shoot(film):
        writer.write(frame)
    writer.release()


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert film",
        description="Make films of a shaking camera over a page, and over a desk on which notes come and go. For each, "
        "truth.json lists its texts, and from which second to which they are seen.",
    )
    parser.add_argument("--out", type=Path, default=CACHE / "films", help="folder (default: cache/films)")
    parser.add_argument("--only", choices=[film.name for film in ALL_FILMS], help="make this one alone")
    options = parser.parse_args(argv)
    if options.out.suffix.lower() in FILM_SUFFIXES:
        parser.error(f"--out is a folder, which gets {FILMS[0].name}.mp4 and others: {options.out} names a film")
    make_folder(options.out)
    films = [film for film in ALL_FILMS if options.only in (None, film.name)]
    for film in films:
        make(film, options.out / f"{film.name}.mp4")
        print(options.out / f"{film.name}.mp4")
    truths = {f"{film.name}.mp4": [_truth(*seen) for seen in film.texts] for film in films}
    with writing(options.out):
        (options.out / "truth.json").write_text(json.dumps(truths, indent=1) + "\n")
    return 0


def _truth(text: str, start: float, end: float) -> dict[str, object]:
    return {"text": text, "from": start, "to": end}
