"""Lines to train on: texts that can be labelled, ink that shows them, strips as the reader cuts them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("PIL")
pytest.importorskip("tqdm")

from convert.data.arrays import Images, Strokes
from convert.synthesis.line_filters import is_one_line, is_one_row
from convert.synthesis.line_sources import LONGEST, RowSource, ScanSource, WordSource, densify
from convert.synthesis.random_text import CHARSET, Texts
from convert.synthesis.strips import (
    LONGEST_STRIP,
    StripSynthesis,
    load_strip_shard,
    make_strip_shard,
    open_line_sources,
    separate,
)
from edge_ocr.layout.strip import HEIGHT
from tests.convert.data.test_unipen import needs_data

pytestmark = pytest.mark.slow

WORDS = ["the", "of", "and", "station", "zebra"]
TEXTS = Texts(WORDS)


def strokes_of(samples: list[tuple[str, list[list[tuple[int, int]]]]], writer: str = "apb/ann") -> Strokes:
    """Samples as UNIPEN has them: y up, tablet units."""
    points = [point for _, strokes in samples for stroke in strokes for point in stroke]
    return Strokes(
        np.array(points, np.int32),
        np.array([len(stroke) for _, strokes in samples for stroke in strokes], np.uint32),
        np.array([len(strokes) for _, strokes in samples], np.uint16),
        np.array([label for label, _ in samples]),
        np.array([writer] * len(samples)),
    )


def zigzag(width: int, height: int = 100, left: int = 0) -> list[list[tuple[int, int]]]:
    return [[(left + x, height * (x // 40 % 2)) for x in range(0, width + 1, 40)]]


@settings(max_examples=200)
@given(st.integers(0, 2**31))
def test_every_text_can_be_labelled(seed: int) -> None:
    """A character that has no class ends the training after hours."""
    text = TEXTS(np.random.default_rng(seed))
    assert text and set(text) <= set(CHARSET) and text == text.strip() and "  " not in text


def test_frequent_words_come_more_often() -> None:
    rng = np.random.default_rng(0)
    drawn = [TEXTS.word(rng) for _ in range(2000)]
    assert set(drawn) == set(WORDS) and drawn.count("the") > 2 * drawn.count("zebra")


def test_texts_hold_what_dictionaries_leave_out() -> None:
    rng = np.random.default_rng(1)
    drawn = " ".join(TEXTS(rng) for _ in range(1500))
    assert set(CHARSET) <= set(drawn)


def test_points_are_dense_along_long_strokes_and_short_ones() -> None:
    """The core zone is found where the pen was slow, not where there is ink."""
    dense = densify([np.array([[0, 0], [100, 0]], np.float32), np.array([[0, 100], [10, 100]], np.float32)])
    assert (dense[:, 1] == 0).sum() == pytest.approx(10 * (dense[:, 1] == 100).sum(), rel=0.2)


def test_rows_are_distinguished_from_dots_and_quotes() -> None:
    """Labels of two rows teach that their letters stand in one."""
    word, dot = np.array([[0, 40], [600, 140]], np.float32), np.array([[50, 20], [60, 26]], np.float32)
    second = np.array([[0, 200], [300, 300]], np.float32)
    assert is_one_row([]) and is_one_row([word]) and is_one_row([word, dot])
    assert not is_one_row([second, dot, word])


def test_several_lines_under_one_label_are_left_out() -> None:
    """The network learns to read two lines from one."""
    assert is_one_line("several words", [np.array([[0, 0], [600, 100]], np.float32)])
    assert not is_one_line("several words", [np.array([[0, 0], [200, 300]], np.float32)])


def test_words_of_one_writer_stand_side_by_side() -> None:
    source = WordSource(strokes_of([("one", zigzag(240)), ("two", zigzag(160)), ("@", zigzag(80))]), 3)
    rng = np.random.default_rng(0)
    for _ in range(30):
        written = source.draw(rng)
        words = written.text.split(" ")
        assert 1 <= len(words) <= 3 and set(words) <= {"one", "two"} and len(written.text) <= LONGEST
        assert written.ink.max() == 255 or written.ink.max() > 100


def test_rows_are_of_characters_that_the_writer_wrote() -> None:
    """The label has characters that the picture lacks."""
    characters = strokes_of([(char, zigzag(60, 100)) for char in "0123456789AB"])
    source = RowSource([characters], Texts(WORDS))
    rng = np.random.default_rng(0)
    for _ in range(30):
        assert set(source.draw(rng).text) <= set("0123456789AB ")


def test_scans_of_unknown_case_are_not_used() -> None:
    """A capital is labelled as a small letter."""
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 4:24, 10:18] = 255
    known = Images(images, np.array(["1", "o", "A"]), np.array([True, False, True]), np.array(["x"] * 3))
    source = ScanSource(known, Texts(WORDS))
    rng = np.random.default_rng(0)
    assert all(set(source.draw(rng).text) <= set("1A ") for _ in range(10))


@needs_data
def test_strips_are_as_the_reader_cuts_them_and_come_back_from_disk(tmp_path: Path) -> None:
    """Training sees other strips than the reader, or strips under their neighbours' texts."""
    sources = open_line_sources()
    make_strip_shard(tmp_path / "a.npz", 60, 3, sources)
    shard = load_strip_shard(tmp_path / "a.npz")
    strips = separate(shard)
    drawn = [pair for pair, _ in zip(StripSynthesis(sources, 3), range(60), strict=False)]
    assert [str(text) for text in shard.texts] == [text for _, text in drawn]
    assert all(np.array_equal(strip, other) for strip, (other, _) in zip(strips, drawn, strict=True))
    assert all(strip.shape[0] == HEIGHT and strip.shape[1] <= LONGEST_STRIP for strip in strips)
    assert np.mean([strip.max() == 255 for strip in strips]) > 0.9
