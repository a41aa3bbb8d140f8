"""The whole pipeline with the tiny model: what a picture's reading promises, whatever is on it."""

import dataclasses
import json
import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_ocr import BadBundle, BadCharset, BadPattern, EdgeOcrError, NoInterpreter, Reader, steady, stopwatch
from edge_ocr.page import Box, Frame, Page
from edge_ocr.stopwatch import STAGES
from tests.places import TINY
from tests.scenes import half_shadow, photograph, write

KNOWN = "ABOo1."
NOTE = write("A1BO.", "BOB A1", "1A", size=(520, 420), capital=48, pen=6, gap=0.35)
FRAME = photograph(NOTE.ink)


@cache
def reader(charset: str | None = None, pattern: str | None = None, language: str = "none") -> Reader:
    return Reader.load(TINY, charset=charset, pattern=pattern, language=language)


@cache
def note() -> Page:
    return reader().read(FRAME)


def glyphs(page: Page) -> list[tuple[str, Box, float]]:
    return [(g.text, g.box, g.confidence) for line in page.lines for word in line.words for g in word.glyphs]


def test_a_drawn_page_is_read() -> None:
    """The stages do not fit together."""
    assert note().text == "A1BO.\nBOB A1\n1A"


@pytest.mark.parametrize("scene", ["shadow", "colour", "light on dark", "large"])
def test_it_is_read_in_other_pictures_alike(scene: str) -> None:
    """Some kind of picture is read otherwise than the same page in plain light."""
    frames = {
        "shadow": lambda: photograph(NOTE.ink, light=half_shadow(NOTE.ink.shape, 0.5)),
        "colour": lambda: Frame(np.dstack([FRAME.image] * 3)),
        "light on dark": lambda: photograph(NOTE.ink, paper=40, pen=215),
        "large": lambda: Frame(FRAME.image.repeat(5, axis=0).repeat(5, axis=1)),
    }
    assert reader().read(frames[scene]()).text == note().text


def test_boxes_are_where_the_characters_are() -> None:
    """Captions, and whatever is cut out by the boxes, lie beside the writing."""
    found = glyphs(note())
    assert [text for text, _, _ in found] == [char for char, _ in NOTE.all_boxes()]
    for (_, box, _), (_, true) in zip(found, NOTE.all_boxes(), strict=True):
        off = np.abs(np.subtract(dataclasses.astuple(box), dataclasses.astuple(true)))
        assert off.max() <= 5


def test_the_page_says_whose_it_is() -> None:
    """Boxes can't be related to the picture, or a stage's time is missing in the benchmark."""
    page = note()
    assert (page.width, page.height, page.name) == (520, 420, FRAME.name)
    assert tuple(page.laps) == STAGES
    assert all(seconds >= 0 for seconds in page.laps.values())


def test_confidences_are_probabilities() -> None:
    """Doubtful characters look like certain ones, or alternatives are unsorted."""
    for line in note().lines:
        for word in line.words:
            assert 0 < word.confidence <= 1
            for glyph in word.glyphs:
                chances = [chance for _, chance in glyph.alternatives]
                assert 0 <= glyph.confidence <= 1 and all(0 <= chance <= 1 for chance in chances)
                assert chances == sorted(chances, reverse=True)
                assert glyph.confidence + sum(chances) <= 1 + 1e-6
                assert glyph.text not in dict(glyph.alternatives)


def test_json_holds_all_that_was_read() -> None:
    """Programs that read our JSON miss a part, or get other numbers than Python users."""
    page = note()
    stored = json.loads(page.to_json())
    assert stored == page.to_dict() and json.loads(page.to_json(indent=2)) == stored
    assert (stored["text"], stored["width"], stored["height"]) == (page.text, page.width, page.height)
    characters = [c for line in stored["lines"] for word in line["words"] for c in word["characters"]]
    for entry, (text, box, confidence) in zip(characters, glyphs(page), strict=True):
        assert entry["text"] == text and entry["box"] == list(dataclasses.astuple(box))
        assert entry["confidence"] == pytest.approx(confidence, abs=1e-4)


@settings(max_examples=20)
@given(st.sets(st.sampled_from(KNOWN), min_size=1))
def test_nothing_outside_the_charset_is_read(allowed: set[str]) -> None:
    """A field for digits comes out with letters in it, or among the alternatives."""
    page = reader("".join(sorted(allowed))).read(FRAME)
    for line in page.lines:
        for word in line.words:
            for glyph in word.glyphs:
                assert {glyph.text, *dict(glyph.alternatives)} <= allowed
    assert page.lines


def test_a_pattern_holds_for_every_line() -> None:
    """Lines that do not match are handed out, or those that match are lost."""
    assert reader(pattern=r"1A|[AB1O]{4}\.").read(FRAME).text == "A1BO.\n1A"
    assert reader(pattern=r"\.+").read(FRAME).lines == ()


def test_a_pattern_for_parts_gives_the_parts() -> None:
    """The whole line is given instead of the number on it, or its box is that of the line."""
    whole = {line.text: line.box for line in reader().read(FRAME).lines}
    page = Reader.load(TINY, pattern_in=r"\d[A-Z]", language="none").read(FRAME)
    assert page.text == "1B\n1A"
    first, second = (line.box for line in page.lines)
    assert first.width < whole["A1BO."].width / 2
    assert second == whole["1A"]


@pytest.mark.parametrize("text", ["(?:(?:A+A+)+B)+", "(A|A1|.)*Z?", "(?:[A-Z ]{1,30}){1,30}", "(?:.?){150}"])
def test_no_accepted_pattern_fails_or_stalls_a_reading(text: str) -> None:
    """A pattern that was taken ends `live` days later, when the wrong line comes before the camera."""
    begun = time.monotonic()
    for options in ({"pattern": text}, {"pattern_in": text}):
        Reader.load(TINY, **options, language="none").read(FRAME)  # type: ignore[arg-type]
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(("charset", "pattern"), [("0-9", None), (None, "[A-Z1]+"), (None, None)])
def test_a_limited_reader_reads_as_one_that_was_loaded_so(charset: str | None, pattern: str | None) -> None:
    """A form's fields are read by other rules than the same charset has elsewhere, or each opens models of its own."""
    limited = reader(charset="A-Z").limited(charset, pattern)
    assert limited.read(FRAME).to_dict() == reader(charset, pattern).read(FRAME).to_dict()
    assert limited.recognition.characters.model is reader(charset="A-Z").recognition.characters.model
    with pytest.raises(BadPattern):
        limited.limited(pattern="[0-9")


def test_readings_do_not_depend_on_what_was_read_before() -> None:
    """A live view shows traces of the last frame."""
    one = reader()
    first = one.read(FRAME)
    one.read(Frame(np.full((90, 120, 3), 30, np.uint8)))
    assert one.read(FRAME) == first == note()


LONG = write(*["A1BO.", "BOB A1"] * 5, size=(520, 1000), capital=36, pen=5, gap=0.35, corner=(60, 90))


class Clock:
    """A clock that goes on by a second whenever somebody looks at it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.mark.parametrize(("seconds", "least", "most"), [(0.5, 1, 3), (40.0, 5, 9), (1000.0, 10, 10)])
def test_what_was_read_in_time_is_given(seconds: float, least: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that takes too long gives nothing, or goes on, or does not say that it is a part of one."""
    monkeypatch.setattr(stopwatch.time, "perf_counter", Clock())
    page = Reader.load(TINY, language="none", max_seconds=seconds).read(photograph(LONG.ink))
    assert least <= len(page.lines) <= most
    assert page.text.splitlines() == (["A1BO.", "BOB A1"] * 5)[: len(page.lines)]
    assert page.partial is page.to_dict()["partial"] is (len(page.lines) < 10)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_limit_of_no_time_is_refused(seconds: float) -> None:
    """A limit of zero seconds would mean no lines, or no limit."""
    with pytest.raises(EdgeOcrError, match="max_seconds"):
        Reader.load(TINY, max_seconds=seconds)


def scribbles() -> st.SearchStrategy[np.ndarray]:
    sizes = st.tuples(st.integers(1, 200), st.integers(1, 200))

    def fill(size: tuple[int, int], kind: str, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        if kind == "colour noise":
            return rng.integers(0, 256, (*size, 3), np.uint8)
        if kind == "noise":
            return rng.integers(0, 256, size, np.uint8)
        picture = np.full(size, 220, np.uint8)
        for _ in range(12):
            y, x = rng.integers(0, size[0]), rng.integers(0, size[1])
            picture[y : y + int(rng.integers(1, 40)), x : x + int(rng.integers(1, 40))] = rng.integers(0, 256)
        return picture

    return st.builds(fill, sizes, st.sampled_from(["noise", "colour noise", "blocks"]), st.integers(0, 2**32))


@settings(max_examples=40)
@given(scribbles())
def test_any_picture_is_read(picture: np.ndarray) -> None:
    """Some size or some scatter of marks stops the reader, or boxes lie outside the picture."""
    page = reader().read(Frame(picture))
    height, width = picture.shape[:2]
    assert (page.width, page.height) == (width, height)
    for _, box, confidence in glyphs(page):
        assert 0 <= box.left < box.right <= width and 0 <= box.top < box.bottom <= height
        assert 0 <= confidence <= 1


@pytest.mark.parametrize(("lean", "slope"), [(0.4, -0.07), (-0.3, 0.06), (0.37, 0.0)])
def test_boxes_lie_on_the_picture(lean: float, slope: float) -> None:
    """Cutting out a character at the border of the picture fails, or takes pixels from the other side."""
    writing = write("ABO1A BOA", "1ABOA1", size=(420, 200), corner=(12, 60), lean=lean, slope=slope, gap=0.3)
    found = glyphs(reader().read(photograph(writing.ink)))
    assert len(found) >= 8
    for _, box, _ in found:
        assert 0 <= box.left < box.right <= 420 and 0 <= box.top < box.bottom <= 200


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"model": "no/such/folder"}, BadBundle),
        ({"recogniser": "magic"}, EdgeOcrError),
        ({"charset": "Z-A"}, BadCharset),
        ({"charset": "é"}, BadCharset),
        ({"pattern": "("}, BadPattern),
        ({"pattern": "Z+"}, BadPattern),
        ({"charset": "1", "pattern": "A+"}, BadPattern),
        ({"pattern_in": "Z+"}, BadPattern),
        ({"pattern": "A", "pattern_in": "A"}, BadPattern),
        ({"pattern": "(((A{99}){99}){99}){99}"}, BadPattern),
        ({"language": "klingon"}, EdgeOcrError),
        ({"backend": "abacus"}, NoInterpreter),
    ],
)
def test_wrong_options_are_refused(options: dict[str, str], error: type[EdgeOcrError]) -> None:
    """A wrong option ends in a traceback, or is overlooked."""
    with pytest.raises(error):
        Reader.load(**{"model": TINY, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [-1, 2, float("nan")])
def test_a_least_confidence_that_is_none_is_refused(wrong: float) -> None:
    """Every line vanishes: below 2 all are rejected, and with not-a-number they are neither given nor rejected."""
    with pytest.raises(EdgeOcrError, match="expected a confidence from 0 to 1"):
        Reader.load(TINY, min_confidence=wrong)
    with pytest.raises(EdgeOcrError, match="expected a confidence from 0 to 1"):
        list(steady([note()], min_confidence=wrong))
