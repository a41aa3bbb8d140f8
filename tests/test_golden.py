"""Real pages from end to end: what the bundled model must still read after any change."""

import math
import re
from pathlib import Path

import pytest

from edge_ocr import Reader, load_image

pytest.importorskip("rapidfuzz")

from convert.data.arrays import DataNotFound, data_folder
from convert.evaluation.character_sets import page_truths
from convert.evaluation.metrics import loose_cer
from tests.places import PAGES as SAMPLES
from tests.places import ROOT

pytestmark = pytest.mark.slow

MOST_ERRORS = {"samples": 0.03, "one sample": 0.12, "photographs": 0.40}
"""Loose character error rates that must not be passed: all sample pages, the worst of them, all photographed pages."""


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load(max_seconds=math.inf)


def read(folder: Path, reader: Reader) -> list[tuple[str, str]]:
    return [(text, reader.read(load_image(path)).text) for path, text in page_truths(folder).items()]


def test_sample_pages_are_read(reader: Reader) -> None:
    """Block capitals under shadow, on ruled paper, in pencil or on a board are no longer read."""
    pairs = read(SAMPLES, reader)
    assert len(pairs) == 12
    assert loose_cer(pairs) <= MOST_ERRORS["samples"]
    assert max(loose_cer([pair]) for pair in pairs) <= MOST_ERRORS["one sample"]


def test_photographed_pages_are_read(reader: Reader) -> None:
    """Photographs of handwriting that no one trained on are read worse than before."""
    try:
        folder = data_folder() / "real" / "pages"
    except DataNotFound as error:
        pytest.skip(str(error))
    assert loose_cer(read(folder, reader)) <= MOST_ERRORS["photographs"]


def test_the_demo_is_read(reader: Reader) -> None:
    """The first thing that a newcomer sees is wrong."""
    sample = ROOT / "edge_ocr" / "samples" / "note.jpg"
    assert reader.read(load_image(sample)).text.splitlines()[:3] == ["Meet Anna at", "7:30 by Gate 4", "Bring 2 cups"]


def test_a_pattern_finds_what_it_describes(reader: Reader) -> None:
    """Patterns no longer restrict what is read to what may stand there."""
    sample = ROOT / "edge_ocr" / "samples" / "note.jpg"
    only = Reader.load(pattern=r"[A-Z][a-z]{4} \d [a-z]{4}")
    lines = only.read(load_image(sample)).text.splitlines()
    assert "Bring 2 cups" in lines
    assert all(re.fullmatch(r"[A-Z][a-z]{4} \d [a-z]{4}", line) for line in lines)


@pytest.mark.parametrize("page", ["ruled-paper", "thick-marker", "hard-shadow"])
def test_a_part_is_not_made_of_what_stands_apart(page: str) -> None:
    """GYM AT 18:30 gives AT18, ROOM 305 gives OM30, and MRS. J gives MR53."""
    assert Reader.load(pattern_in=r"[A-Z]{2}\d{2}").read(load_image(SAMPLES / f"{page}.jpg")).text == ""


def test_a_charset_makes_no_numbers_of_words() -> None:
    """CALL 555-0149 gives 42 as well as the number."""
    page = Reader.load(charset="0-9").read(load_image(SAMPLES / "blur-and-noise.jpg"))
    assert page.text == "5550149"
    assert any(len(line.words) == 1 and line.confidence < 0.25 for line in page.rejected)
