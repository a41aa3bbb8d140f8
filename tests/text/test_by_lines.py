"""Reading whole lines with a scripted network: words, boxes, doubts, charset; and whose reading is taken."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from edge_ocr import BadBundle, EdgeOcrError, Reader
from edge_ocr.model import choice
from edge_ocr.model.bundle import bundled_lines, load_bundle
from edge_ocr.page import Box, Glyph, Line, Word
from edge_ocr.text import by_lines, recognition
from edge_ocr.text.by_characters import CharacterRecogniser
from edge_ocr.text.by_lines import LineRecogniser
from edge_ocr.text.confidence import UNCALIBRATED, Attempt, Evidence
from edge_ocr.text.language import Language
from tests.places import TINY
from tests.scenes import photograph, write

LABELS = ("", *"ABOoI1. ")
WRITING = write("ABO 1A", size=(420, 160), capital=48, pen=6, corner=(40, 100), gap=0.35)
INK = WRITING.ink


def scripted(text: str, doubt: float = 0.1, rival: str = "") -> type:
    """A LineModel that sees `text` spread evenly over every strip, and `rival` in place of its first character."""

    class Scripted:
        def __init__(self, *_: object) -> None:
            self.labels, self.stride = LABELS, 4

        def __call__(self, strip: np.ndarray) -> np.ndarray:
            frames = -(-strip.shape[1] // self.stride)
            chances = np.full((frames, len(LABELS)), 1e-4)
            chances[:, 0] = 1.0
            for number, char in enumerate(text):
                at = int((number + 0.5) * frames / len(text))
                chances[at] = 1e-4
                chances[at, LABELS.index(char)] = 1 - doubt
                if rival and number == 0:
                    chances[at, LABELS.index(rival)] = doubt
            return np.log(chances / chances.sum(axis=1, keepdims=True)).astype(np.float32)

    return Scripted


@pytest.fixture
def recogniser(monkeypatch: pytest.MonkeyPatch):
    def make(text: str, charset: str | None = None, pattern: str | None = None, **script: object) -> LineRecogniser:
        monkeypatch.setattr(by_lines, "LineModel", scripted(text, **script))  # type: ignore[arg-type]
        bundle = SimpleNamespace(labels=LABELS, kind="lines", confidence={})
        return LineRecogniser(bundle, charset, pattern, Language.load("none"), "auto")  # type: ignore[arg-type]

    return make


def read(recogniser: LineRecogniser, origin: tuple[int, int] = (10, 20), scale: float = 2.0) -> Line:
    return recogniser.read(INK, origin, scale, 2 * INK.shape[1] + 40, 2 * INK.shape[0] + 60).line


def test_words_and_their_characters_stand_in_order(recogniser) -> None:
    """Spaces become characters, or boxes belong to other characters."""
    line = read(recogniser("ABO 1A"))
    assert [word.text for word in line.words] == ["ABO", "1A"]
    lefts = [glyph.box.left for word in line.words for glyph in word.glyphs]
    assert lefts == sorted(lefts)


def test_boxes_lie_on_the_writing(recogniser) -> None:
    """Boxes are in pixels of the strip, or forget where the line stood."""
    line = read(recogniser("ABO 1A"))
    left, top = min(b.left for _, b in WRITING.all_boxes()), min(b.top for _, b in WRITING.all_boxes())
    right, bottom = max(b.right for _, b in WRITING.all_boxes()), max(b.bottom for _, b in WRITING.all_boxes())
    wanted = Box(2 * (left + 10), 2 * (top + 20), 2 * (right + 10), 2 * (bottom + 20))
    assert abs(line.box.top - wanted.top) < 12 and abs(line.box.bottom - wanted.bottom) < 12
    assert abs(line.box.left - wanted.left) < 60 and abs(line.box.right - wanted.right) < 60


@pytest.mark.parametrize("capital", [24, 48])
def test_boxes_lie_in_the_middle_of_their_characters(capital: int) -> None:
    """Every box stands a quarter of a letter to the left, since the network emits characters early."""
    texts = ("HELLO TAX LION", "ALTO NOBLE TEXT", "HOTEL TAXI 471")
    writing = write(*texts, size=(900, 520), capital=capital, pen=capital // 8, corner=(60, 110))
    page = Reader.load(recogniser="lines").read(photograph(writing.ink))
    assert page.text.splitlines() == list(texts)
    read = [glyph.box for line in page.lines for word in line.words for glyph in word.glyphs]
    drawn = [box for row in writing.boxes for char, box in row if char != " "]
    off = [(a.left + a.right - b.left - b.right) / 2 for a, b in zip(read, drawn, strict=True)]
    assert abs(np.mean(off)) < 0.1 * capital


def test_doubts_are_reported(recogniser) -> None:
    """The user cannot see that another reading was nearly as good."""
    word = read(recogniser("Ao", doubt=0.4, rival="B")).words[0]
    assert word.text == "Ao"
    assert word.glyphs[0].confidence == pytest.approx(0.6, abs=0.05)
    assert word.glyphs[0].alternatives[0][0] == "B"
    assert word.alternatives[0][0] == "Bo" and 0.3 < word.alternatives[0][1] < 0.5


def test_the_charset_leaves_no_other_character(recogniser) -> None:
    """A letter is read where only digits were allowed."""
    found = read(recogniser("A1", charset="0-9", doubt=0.4, rival="1")).text
    assert set(found) <= set("1 ")
    assert read(recogniser("ABO 1A", pattern="[A-Z]+ 1[A-Z]")).text == "ABO 1A"


def test_a_stroke_among_digits_is_a_digit(recogniser) -> None:
    """`--charset 0-9` gives 11 where 111 is written, or nothing: the network took a stroke for a letter."""
    attempt = recogniser("1I1", charset="0-9").read(INK, (0, 0), 1.0, 420, 160)
    assert attempt.line.text == "111"
    assert attempt.evidence.free.min() > math.log(0.8) and attempt.evidence.gap < 1


def test_a_line_without_ink_or_text_is_empty(recogniser) -> None:
    """Specks that are no writing crash the reading."""
    empty = recogniser("A").read(np.zeros((20, 30), np.uint8), (0, 0), 1.0, 30, 20).line
    assert recogniser("").read(INK, (0, 0), 1.0, 420, 160).line.words == ()
    assert len(empty.text) <= 1


class Fixed:
    """A line recogniser that always reads the same."""

    def __init__(self, text: str) -> None:
        self.words = (Word((Glyph(text, Box(0, 0, 9, 9), 1.0),)),) if text else ()
        self.calls = 0
        self.calibration = UNCALIBRATED

    def read(self, *_: object) -> Attempt:
        self.calls += 1
        logs = np.zeros(len(self.words))
        return Attempt(Line(self.words), Evidence(logs, logs, logs, logs, gap=0.0, unread=0.0), "lines")


@pytest.mark.parametrize(("sure", "found", "text", "calls"), [
    (-99.0, "whole", "A1BO", 0), (1.0, "whole", "whole", 1), (1.0, "", "", 1),
])  # fmt: skip
def test_auto_reads_a_line_whole_where_its_characters_are_in_doubt(
    monkeypatch: pytest.MonkeyPatch, sure: float, found: str, text: str, calls: int
) -> None:
    """Joined writing is read in pieces, rests of rulings in which the line model finds no text are read as letters all
    the same, or the slow network runs where the fast one had no doubts."""
    monkeypatch.setattr(recognition, "SURE", sure)
    monkeypatch.setattr(recognition, "SHORT", 99.0)
    page = write("A1BO", size=(420, 160), capital=48, pen=6, corner=(40, 100), gap=0.35)
    characters = CharacterRecogniser(load_bundle(TINY), None, None, Language.load("none"), "auto")
    lines = Fixed(found)
    assert Reader(characters, lines).read(photograph(page.ink)).text == text  # type: ignore[arg-type]
    assert lines.calls == calls


@pytest.mark.parametrize(("text", "is_whole"), [("7", False), ("A1BO7A", True)])
def test_auto_reads_long_lines_whole_at_once(text: str, is_whole: bool) -> None:
    """A line is read twice, which takes most of the time, or a single digit by the network that knows lines."""
    page = write(text, size=(620, 160), capital=48, pen=6, corner=(40, 100), gap=0.35)
    characters = CharacterRecogniser(load_bundle(TINY), None, None, Language.load("none"), "auto")
    asked: list[int] = []
    find = characters.candidates
    characters.candidates = lambda layout, watch: asked.append(len(layout.lines)) or find(layout, watch)  # type: ignore
    Reader(characters, Fixed("whole")).read(photograph(page.ink))  # type: ignore[arg-type]
    assert sum(asked) == (0 if is_whole else 1)


@pytest.mark.parametrize("recogniser", ["auto", "characters"])
def test_a_tuned_model_stands_beside_the_other_kind(recogniser: str) -> None:
    """Whoever tunes a model loses the other one, or reads with the general one."""
    reader = Reader.load(tuned=TINY, recogniser=recogniser)
    assert (
        reader.recognition.characters is not None
        and reader.recognition.characters.model.labels == load_bundle(TINY).labels
    )
    assert (reader.recognition.lines is None) == (recogniser == "characters")


def test_a_tuned_line_model_stands_beside_the_characters() -> None:
    folder = bundled_lines()
    assert folder is not None
    both, alone = Reader.load(tuned=folder).recognition, Reader.load(tuned=folder, recogniser="lines").recognition
    assert both.characters and both.lines and alone.lines and not alone.characters
    with pytest.raises(EdgeOcrError, match="name one"):
        Reader.load(TINY, tuned=folder)
    with pytest.raises(BadBundle, match="reads lines"):
        Reader.load(tuned=folder, recogniser="characters")


def test_a_bundle_of_the_other_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadBundle, match="reads characters"):
        Reader.load(TINY, recogniser="lines")
    monkeypatch.setattr(choice, "bundled_lines", lambda: None)
    with pytest.raises(BadBundle, match="no line model"):
        Reader.load(recogniser="lines")
    with pytest.raises(EdgeOcrError, match="no recogniser"):
        Reader.load(recogniser="words")
