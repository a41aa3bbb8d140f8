"""Made pages for `evaluate patterns`: an answer to a pattern, set among other lines, in hands never trained on."""

import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from convert.synthesis.augmentation import Rng
from convert.synthesis.handwriting import Hand
from convert.synthesis.pages import HELD_OUT_FONTS, SHEETS, Sheet, write_page
from convert.synthesis.photograph import ORDINARY, photograph
from edge_ocr.page import Frame
from edge_ocr.text.pattern import Pattern

DRAWN = {
    "A": tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "9": tuple("0123456789"),
    "M": tuple(f"{month:02}" for month in range(1, 13)),
    "D": tuple(f"{day:02}" for day in range(1, 29)),
}
"""What a sign of a form stands for."""
ALIKE = ("0OQD", "1ILJ/", "2Z", "5S", "8B", "6G", " -_")
"""Characters that one stroke, well or badly drawn, may be."""
LINES = 5
"""Lines of a page."""
CAPITAL = (38, 60)
"""Least and greatest height of a capital, in pixels."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What people ask for by a pattern."""

    name: str
    pattern: str
    leads: tuple[str, ...]
    """What stands before it on its line."""
    form: str
    """Signs of DRAWN, and others for themselves."""


KINDS = (
    Kind("plates", r"[A-Z]{2} \d{5}", ("CAR ", "PLATE: "), "AA 99999"),
    Kind("postcodes", r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}", ("LEEDS ", "HULL, "), "AA99 9AA"),
    Kind("serial numbers", r"[A-Z]{2}-\d{5}-[A-Z]", ("SERIAL ", "NO. "), "AA-99999-A"),
    Kind("dates", r"\d{4}-\d{2}-\d{2}", ("DUE ", "SENT ON "), "2099-M-D"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A page and what the pattern is to find on it."""

    frame: Frame
    kind: Kind
    answer: str


def made_pages(count: int, *, inside: bool, fonts: Path, seed: int) -> Iterator[Asked]:
    """Pages by number, each the same whatever their count.

    Args:
        count: pages, each kind as often.
        inside: the answer stands behind other words on its line; else it has one of its own.
        fonts: folder of the handwriting fonts.
        seed: of all chances.
    """
    for number in range(count):
        rng = np.random.default_rng((seed, number, inside))
        kind = KINDS[number % len(KINDS)]
        answer = _filled(kind.form, rng)
        line = kind.leads[int(rng.integers(len(kind.leads)))] + answer if inside else answer
        lines = _others(kind, rng)
        lines.insert(int(rng.integers(LINES)), line)
        hand = Hand(HELD_OUT_FONTS[int(rng.integers(len(HELD_OUT_FONTS)))], capital=int(rng.integers(*CAPITAL)))
        name = f"{kind.name} {number}"
        ink = write_page(_sheet(name, lines, hand), fonts, rng)
        yield Asked(Frame(photograph(ink, rng).picture, name), kind, answer)


def _filled(form: str, rng: Rng) -> str:
    options = [DRAWN.get(sign, (sign,)) for sign in form]
    return "".join(some[int(rng.integers(len(some)))] for some in options)


def _others(kind: Kind, rng: Rng) -> list[str]:
    """Lines of the sample pages in which nothing looks as if it matched, as 14 OCT looks like the postcode I4 0CT."""
    lines = [line for sheet in SHEETS for line in sheet.text.splitlines() if not looks_like(kind.pattern, line)]
    return [lines[int(number)] for number in rng.choice(len(lines), LINES - 1, replace=False)]


@cache
def looks_like(pattern: str, line: str) -> bool:
    """Whether a part of the line matches, if some of its characters are taken for others of ALIKE."""
    matcher = Pattern(pattern, string.printable.strip(), is_part=True)
    states = {matcher.start}
    for char in line:
        chars = next((group for group in ALIKE if char in group), char)
        states = {after for state in states for one in chars if (after := matcher.step(state, one))}
    return any(map(matcher.accepts, states))


def _sheet(name: str, lines: list[str], hand: Hand) -> Sheet:
    """Room for the lines: letters are at most about as wide as they are high."""
    width = max(map(len, lines)) * round(1.15 * hand.capital) + 260
    pitch = round(2.1 * hand.capital)
    size = (width, (LINES + 1) * pitch + 80)
    return Sheet(name, "\n".join(lines), hand, ORDINARY, size, (120, 40 + pitch), pitch)
