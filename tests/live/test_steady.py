"""Steady texts: many readings of the same writing are wrong less often than one, and each text is given out once."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr import Reader
from edge_ocr.live.steady import Steadier, steady
from edge_ocr.live.track import HOLD
from edge_ocr.live.vote import admits
from edge_ocr.page import Box, Glyph, Line, Page, Word
from tests.places import TINY


def line(text: str, top: int = 100, shift: int = 0, confidence: float = 0.9) -> Line:
    """A line whose characters are 10 pixels wide and 20 high."""
    words, x = [], 50 + shift
    for word in text.split(" "):
        glyphs = []
        for char in word:
            glyphs.append(Glyph(char, Box(x, top + shift, x + 9, top + shift + 20), confidence))
            x += 10
        words.append(Word(tuple(glyphs)))
        x += 10
    return Line(tuple(words))


def page(*texts: str, shift: int = 0) -> Page:
    return Page(tuple(line(text, 100 + 40 * k, shift) for k, text in enumerate(texts)), 640, 480)


def texts(pages: Iterable[Page]) -> list[str]:
    return [page.text for page in steady(pages)]


def test_what_holds_is_given_out_once() -> None:
    assert texts([page("GATE 47")] * 9) == ["GATE 47"]


def test_a_single_wrong_reading_is_outvoted() -> None:
    """Every flicker of the reading is given out."""
    wrong = [page("GATE 47"), page("GATE 41"), page("GATE 47"), page("CATE 47"), page("GATE 47"), page("GATE 47")]
    assert texts(wrong * 2) == ["GATE 47"]


def test_errors_in_different_places_cancel_out() -> None:
    """The vote is on whole texts, none of which may be right."""
    readings = ["GATE 4T", "CATE 47", "GATE 41", "GAIE 47", "GATB 47"]
    steadier = Steadier()
    for text in readings:
        steadier.add(page(text))
    assert steadier.page is not None and steadier.page.text == "GATE 47"


def test_a_change_is_given_out_when_it_holds() -> None:
    assert texts([page("GATE 47")] * 5 + [page("TRAIN 905")] * 5) == ["GATE 47", "TRAIN 905"]
    assert texts([page("GATE 47")] * 5 + [page("GATE 47", "TRAIN 905")] * 8) == ["GATE 47", "GATE 47\nTRAIN 905"]


def test_a_shaking_camera_sees_the_same_lines() -> None:
    """Lines double, since each place has a track of its own."""
    shifts = [0, 8, -6, 12, 3, -9, 5]
    steadier = Steadier()
    for shift in shifts:
        steadier.add(page("GATE 47", "TRAIN 905", shift=shift))
    assert steadier.page is not None and steadier.page.text == "GATE 47\nTRAIN 905"


def test_a_line_missed_once_stays() -> None:
    both, one = page("GATE 47", "TRAIN 905"), page("GATE 47")
    steadier = Steadier()
    for reading in (both, both, both, one):
        steadier.add(reading)
    assert steadier.page is not None and "TRAIN 905" in steadier.page.text
    for _ in range(4):
        steadier.add(one)
    assert steadier.page is not None and steadier.page.text == "GATE 47"


def test_lines_of_a_turned_page_do_not_cover_each_other() -> None:
    """Their boxes overlap, and the second one is taken for a misreading of the first."""

    def turned(text: str, top: int) -> Line:
        glyphs = tuple(
            Glyph(char, Box(10 * k, top + 2 * k, 10 * k + 9, top + 2 * k + 20), 0.9) for k, char in enumerate(text)
        )
        return Line((Word(glyphs),))

    reading = Page((turned("THE" * 10, 50), turned("OAK" * 10, 80), turned("ELM" * 10, 110)), 640, 480)
    steadier = Steadier()
    for _ in range(HOLD):
        steadier.add(reading)
    assert steadier.page is not None and len(steadier.page.lines) == 3


def test_a_letter_with_a_long_tail_covers_no_other_line() -> None:
    """Lines written close together are one place by their tallest letter, and one of them is never given."""
    tailed = line("PAY", 100).words[0].glyphs
    tall = Line((Word((*tailed, Glyph("j", Box(90, 100, 99, 170), 0.9))),))
    reading = Page((tall, line("BOX 12", 128), line("HEX", 156)), 640, 480)
    steadier = Steadier()
    out = [steadier.add(reading) for _ in range(HOLD)]
    assert out[-1] is not None and len(out[-1].lines) == 3


def test_a_misread_frame_does_not_double_a_line() -> None:
    """A blurred picture's nonsense stands beside the line that it was read from."""
    steadier = Steadier()
    for _ in range(HOLD):
        steadier.add(page("KEY UNDER POT", "CODE 7148"))
    out = [steadier.add(page("p q", "HEX PLNTS trt", "ces")), steadier.add(page("KEY UNDER POT", "CODE 7148"))]
    assert steadier.page is not None and steadier.page.text == "KEY UNDER POT\nCODE 7148"
    assert out == [None, None]


def test_other_lines_do_not_hold_before_they_are_settled() -> None:
    """A still scene is read no more while what it shows was never given out."""
    steadier = Steadier()
    for _ in range(HOLD):
        steadier.add(page("KEY UNDER POT"))
    assert steadier.holds
    steadier.add(page("BOX 12"))
    assert not steadier.holds


def test_what_never_held_is_given_out_at_the_end() -> None:
    """The text of a single picture is lost."""
    assert texts([page("GATE 47")]) == ["GATE 47"]
    assert texts([]) == [] and texts([page()] * 5) == []


def test_writing_that_is_gone_is_reported_as_an_empty_page() -> None:
    assert texts([page("GATE 47")] * 5 + [page()] * 8) == ["GATE 47", ""]


def test_another_scene_has_no_vote_from_before() -> None:
    steadier = Steadier()
    for _ in range(5):
        steadier.add(page("GATE 47"))
    steadier.doubt()
    out = [steadier.add(page("GATB 41")) for _ in range(HOLD)]
    assert out[-1] is not None and out[-1].text == "GATB 41"


def test_another_task_begins_anew() -> None:
    """The text of another region, or in another charset, is waited for, or votes."""
    steadier = Steadier()
    for _ in range(5):
        steadier.add(page("GATE 47"))
    steadier.forget()
    assert steadier.add(page("EAST")) is None and steadier.page is not None and steadier.page.text == "EAST"


@pytest.mark.parametrize("seconds", [1 / 30, 1 / 15, 0.1, 0.2])
def test_a_text_that_goes_is_missed_within_half_a_second(seconds: float) -> None:
    """It stands on the page for seconds after the note was taken away, the longer the slower the board."""
    readings = [page("GATE 47")] * 30 + [page()] * 30
    steadier = Steadier()
    texts = {k: out.text for k, reading in enumerate(readings) if (out := steadier.add(reading, k * seconds))}
    gone = max(texts)
    assert list(texts.values()) == ["GATE 47", ""] and 0 < (gone - 29) * seconds <= 0.5


def test_a_note_shown_again_is_given_out_again() -> None:
    """Who counts notes misses every one that looks like the last."""
    shown, away = [page("GATE 47")] * 6, [page()] * 6
    assert texts(shown + away + shown) == ["GATE 47", "", "GATE 47"]


def test_a_note_that_moves_stays_one_text() -> None:
    """A note that is pushed over the desk is given out at every stop, or twice at a time."""
    far = [page("GATE 47", "TRAIN 905", shift=90 * k) for k in range(4) for _ in range(4)]
    assert texts(far) == ["GATE 47\nTRAIN 905"]


def test_one_other_character_is_given_out_when_it_has_become_surer() -> None:
    """Each flicker of an O gives another text; or a corrected note is never given out."""
    one, other = page("ROOM 217"), page("ROQM 217")
    flicker = [one] * 6 + [other, other, one, other, other, other, one, one] * 4
    assert texts(flicker) == ["ROOM 217"]
    assert texts([one] * 10 + [other] * 30) == ["ROOM 217", "ROQM 217"]


def test_a_line_comes_with_the_others_of_its_note() -> None:
    """A note whose lines are found one after the other is given out in parts."""
    one, both = page("GATE 47"), page("GATE 47", "TRAIN 905")
    assert texts([one, both, both, one, both, both]) == ["GATE 47\nTRAIN 905"]


DIGITS = st.lists(st.from_regex(r"[0-9]{7}", fullmatch=True), min_size=1, max_size=12)


@given(DIGITS)
def test_a_vote_obeys_the_pattern_that_its_readings_obey(readings: list[str]) -> None:
    """Characters of seven digits each vote, and six are given out."""
    under = [replace(page(text), pattern=r"\d{7}") for text in readings]
    for out in steady(under):
        assert all(re.fullmatch(r"\d{7}", line.text) for line in out.lines)


def test_what_was_put_together_is_given_where_the_pattern_allows_it() -> None:
    """Under a pattern one reading wins with its errors, though each error stands in one reading alone."""
    readings = ["0739164", "0739254", "0789154", "0730154", "1739154"]
    assert texts(replace(page(text), pattern=r"\d{7}") for text in readings) == ["0739154"]


def test_parts_of_lines_vote_among_themselves() -> None:
    """What was put together of several parts is no part of any line."""
    reader = Reader.load(TINY, pattern_in="[AB]1", language="none")
    assert admits(reader.pattern, "A1") and admits(reader.pattern, "A1 B1")
    assert not admits(reader.pattern, "A1B") and not admits(reader.pattern, "AA1 B1")


SURE = st.floats(0, 1)


@given(st.lists(st.tuples(st.text("AB", min_size=3, max_size=4), SURE), min_size=1, max_size=12))
def test_no_vote_is_surer_than_its_surest_reading(readings: list[tuple[str, float]]) -> None:
    """Twelve pictures of one desk repeat one error, and a guess of 0.003 becomes 0.74."""
    steadier = Steadier(min_confidence=0.0)
    for text, confidence in readings:
        steadier.add(Page((line(text, confidence=confidence),), 640, 480))
        assert steadier.page is not None
        surest = max(confidence for _, confidence in readings)
        assert all(found.confidence <= surest + 1e-5 for found in steadier.page.lines)


def test_readings_that_disagree_make_the_vote_doubtful() -> None:
    steadier = Steadier(min_confidence=0.0)
    for text in ("GATE 47", "GATE 41", "GATE 47", "GATE 41", "GATE 47"):
        steadier.add(page(text))
    assert steadier.page is not None
    last = steadier.page.lines[0].words[-1].glyphs[-1]
    assert last.text == "7" and 0.3 < last.confidence < 0.7 and last.alternatives[0][0] == "1"


def test_what_is_doubtful_is_not_taken_for_a_line_that_it_is_unlike() -> None:
    """An edge of the paper, read as F, takes the line's place, and the line is gone."""
    shown, doubtful = page("CODE"), Page((), 640, 480, rejected=(line("F", confidence=0.3),))
    steadier = Steadier(min_confidence=0.6)
    for reading in (shown, shown, shown, doubtful, doubtful, doubtful):
        steadier.add(reading)
    assert steadier.page is not None and steadier.page.text == "CODE"
    assert steadier.page.lines[0].confidence == pytest.approx(0.9)


def test_a_vote_below_the_floor_is_rejected() -> None:
    """The page says what no single reading was allowed to say."""
    steadier = Steadier(min_confidence=0.8)
    sure, doubtful = line("GATE 47"), line("TRAIN 905", 140, confidence=0.7)
    for _ in range(6):
        steadier.add(Page((sure,), 640, 480, rejected=(doubtful,)))
    assert steadier.page is not None and steadier.page.text == "GATE 47"
    assert [found.text for found in steadier.page.rejected] == ["TRAIN 905"]


def test_a_line_that_has_become_doubtful_is_not_gone() -> None:
    """A cloud dims the room, and the note counts as taken away."""
    sure, doubtful = page("GATE 47"), Page((), 640, 480, rejected=(line("GATE 47", confidence=0.4),))
    out = list(steady([sure] * 5 + [doubtful] * 25 + [sure] * 5, min_confidence=0.65))
    assert [found.text for found in out] == ["GATE 47"]
    assert all(found.confidence >= 0.65 for one in out for found in one.lines)


def test_a_line_that_is_now_and_then_too_doubtful_stays() -> None:
    """It comes and goes with the light, and the note is given out again and again."""
    sure, doubtful = page("GATE 47"), Page((), 640, 480, rejected=(line("GATE 47", confidence=0.5),))
    out = list(steady([sure, sure, doubtful] * 8, min_confidence=0.6))
    assert [found.text for found in out] == ["GATE 47"]


@given(
    st.lists(st.lists(st.text("AB 1", max_size=6).map(lambda text: " ".join(text.split())), max_size=3), max_size=12)
)
def test_any_readings_can_be_voted_on(readings: list[list[str]]) -> None:
    """An empty line, a vanished one or a strange order takes the program down."""
    out = texts([page(*filter(None, lines)) for lines in readings])
    assert all(one != other for one, other in pairwise(out))


@pytest.mark.parametrize("pattern", ["[AB]1", "(?i)[ab]1"])
def test_the_parts_of_a_line_may_be_combined(pattern: str) -> None:
    """Under --pattern-in with (?i), the vote takes no text but one that was read as it is, however the others agree."""
    wanted = Reader.load(TINY, pattern_in=pattern).pattern
    assert admits(wanted, "A1") and admits(wanted, "A1 B1")
    assert not admits(wanted, "A1 1B") and not admits(wanted, "A1B1")


def test_the_boxes_of_a_text_are_where_it_is_now() -> None:
    """Boxes trail behind a note that moves: the text that the readings agree on was read some pictures ago."""
    steadier = Steadier()
    readings = ["GATE 47", "GATE 47", "GATE 47", "GATE 41", "CATE 47"]
    for number, text in enumerate(readings):
        steadier.add(page(text, shift=3 * number))
        assert steadier.page is not None
        assert steadier.page.lines[0].box == line("GATE 47", shift=3 * number).box
    assert steadier.page is not None and steadier.page.text == "GATE 47"


def spread(*rows: str, apart: float, pitch: float = 1.0) -> Page:
    """A page of lines whose letters are 20 pixels high, and `apart` heights from one to the next; so are the rows."""

    def glyph(char: str, number: int, row: int) -> Glyph:
        left, top = int(50 + 20 * apart * (number + row / 4)), int(100 + 20 * pitch * apart * row)
        return Glyph(char, Box(left, top, left + 9, top + 20), 0.95)

    words = [Word(tuple(glyph(char, k, row) for k, char in enumerate(text))) for row, text in enumerate(rows)]
    return Page(tuple(Line((word,)) for word in words), 1280, 720)


@pytest.mark.parametrize(("page", "given"), [
    (spread("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM", apart=3.0), []),
    (spread("QWERTYUIOP", "ZXCVBNM", apart=3.0, pitch=2.0), []),
    (spread("ASDFGHJKL", "ZXCVBNM", apart=1.8), ["ASDFGHJKL\nZXCVBNM"]),
    (spread("TICKET", apart=3.0), ["TICKET"]),
    (spread("TICKET", "0739154", apart=3.0, pitch=3.0), ["TICKET\n0739154"]),
    (spread("ABC", "DEF", apart=3.0), ["ABC\nDEF"]),
])  # fmt: skip
def test_letters_on_keys_are_no_line_of_writing(page: Page, given: list[str]) -> None:
    """A keyboard on the desk is given out; or a note whose letters stand far apart is not."""
    assert texts([page] * 9) == given
