"""What is measured of the live loop's word: each note once, nothing invented, how soon a note is known to be gone."""

from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("rapidfuzz", reason="the convert extra is not installed")

from convert.comparison.steadiness import calibration_error, follow, keep
from convert.synthesis.desk_film import DESK_FILMS, RATE, DeskFilm, Note
from edge_ocr.page import Frame, Line, Page
from tests.conftest import make_word

NOTE = Note(("GATE 47",), 0, 0, comes=1.0, goes=3.0)
FILM = DeskFilm("one", (NOTE,), 5.0)


def test_a_note_that_comes_and_goes_is_kept_word_of() -> None:
    kept = keep(FILM, [(1.2, "GATE 47"), (3.4, "")])
    assert kept.once and kept.false == 0 and kept.gone_s == pytest.approx((0.4,))
    assert keep(FILM, [(1.2, "GATE 4T"), (3.4, "")]).once, "one misread character is still the note"


@pytest.mark.parametrize(
    ("given", "false"),
    [
        ([], 0),
        ([(1.2, "GATE 47")], 0),
        ([(1.2, "GATE 47"), (3.4, ""), (3.5, "GATE 47"), (3.9, "")], 0),
        ([(0.5, "ILLI"), (1.2, "GATE 47"), (3.4, "")], 1),
    ],
)
def test_what_is_given_twice_or_invented_or_never_counts(given: list[tuple[float, str]], false: int) -> None:
    """A loop that says nothing, or everything, is called steady."""
    kept = keep(FILM, given)
    assert not kept.once and kept.false == false


def test_an_end_that_is_never_given_counts_to_the_end_of_the_film() -> None:
    assert keep(FILM, [(1.2, "GATE 47")]).gone_s == (2.0,)


def test_what_lies_on_the_desk_is_known_at_every_time() -> None:
    """The truth of a film is not what it shows."""
    pages = {film.name: [text for _, text in film.pages] for film in DESK_FILMS}
    first = "TRAIN 905\nTO YORK"
    assert pages["again"] == [first, "", first, ""] and pages["empty"] == []
    assert pages["swapped"] == [first, "", "BOX 12\nHEX NUTS"]


class Clock:
    """A reader that reads a note from one picture to another."""

    min_confidence = 0.0

    def __init__(self) -> None:
        self.number = 0

    def read(self, frame: Frame) -> Page:
        self.number = int(frame.image[0, 0])
        lines = (Line((make_word("GATE", 20, 40),)),) if 20 <= self.number < 60 else ()
        return Page(lines, 64, 64)


def test_films_are_followed_by_their_own_time() -> None:
    """Figures depend on how busy the machine is."""

    def pictures() -> Iterator[np.ndarray]:
        for number in range(100):
            picture = np.random.default_rng(number).integers(0, 256, (64, 64)).astype(np.uint8)
            picture[0, 0] = number
            yield picture

    given = follow(Clock(), pictures())  # type: ignore[arg-type]
    assert [text for _, text in given] == ["GATE", ""]
    assert 20 / RATE < given[0][0] <= 20 / RATE + 0.3 and 60 / RATE < given[1][0] <= 60 / RATE + 0.5


def test_calibration_compares_confidence_with_what_is_right() -> None:
    """0.9 that is right every second time passes for calibrated."""
    page = Page((Line((make_word("GATE", 20, 40, 0.9),)),), 64, 64)
    assert calibration_error([(page, "GATE")] * 9 + [(page, "XXXX")]) == pytest.approx(0.0)
    assert calibration_error([(page, "GATE"), (page, "XXXX")]) == pytest.approx(0.4)
