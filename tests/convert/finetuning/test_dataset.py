"""Your own handwriting from a folder: three simple forms, each mistake in one sentence."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("rapidfuzz")

from convert.data.arrays import BadDataset, DataNotFound
from convert.finetuning.corrections import CORRECTIONS, make_corrections
from convert.finetuning.dataset import TRUTHS, read_hand
from convert.finetuning.seen import seen_layout
from convert.synthesis.line_sources import LONGEST
from edge_ocr import BadImage, Box, ImageNotFound
from edge_ocr.ink.resolution import find_legible_ink
from edge_ocr.layout.layout import Layout, find_layout
from edge_ocr.live.moving import moved_page
from edge_ocr.outputs.recording import Recording
from edge_ocr.page import Frame, Glyph, Line, Page, Word
from tests.scenes import photograph, write

LINES = ("TAXI 47", "HELLO", "ANNE")


def picture(*lines: str) -> np.ndarray:
    return photograph(write(*lines, size=(640, 150 + 100 * len(lines))).ink).image


def read_lines(image: np.ndarray, texts: tuple[str, ...]) -> Page:
    """What a reader would give: `texts`, each in the box of a line that the layout finds."""
    layout: Layout = find_layout(*find_legible_ink(Frame(image)))
    assert len(layout.lines) == len(texts)
    lines = []
    for text, line in zip(texts, layout.lines, strict=True):
        height, width = line.ink.shape
        left, top = (round(edge * line.scale) for edge in line.origin)
        box = Box(left, top, left + round(width * line.scale), top + round(height * line.scale))
        lines.append(Line((Word(tuple(Glyph(char, box, 0.9) for char in text.replace(" ", ""))),)))
    return Page(tuple(lines), image.shape[1], image.shape[0])


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of two words and a lone character, with their texts."""
    for name, text in (("one.png", "TAXI 47"), ("two.jpg", "HELLO"), ("three.png", "A")):
        cv2.imwrite(str(tmp_path / name), picture(text))
    (tmp_path / TRUTHS).write_text("# mine\none.png\tTAXI  47 \n\ntwo.jpg\tHELLO\nthree.png\tA\n")
    return tmp_path


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A folder as `live --record` fills it: one picture of three lines, read with mistakes."""
    record(tmp_path)
    return tmp_path


def record(folder: Path, region: Box | None = None) -> None:
    image = picture(*LINES)
    Recording(folder).add(image, read_lines(image, ("TAX1 47", "HELL0", "ANNE")), region)


def correct(folder: Path, *changes: tuple[str, str]) -> None:
    path = folder / CORRECTIONS
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def test_pictures_with_a_table_of_texts(pictures: Path) -> None:
    """The simplest folder cannot be used, or a text comes to another picture."""
    hand = read_hand(pictures)
    assert [sample.text for sample in hand.samples] == ["TAXI 47", "HELLO", "A"] and not hand.complaints()
    assert [sample.line is None for sample in hand.samples] == [False, False, True]
    assert all(sample.ink.max() > 200 for sample in hand.samples)


def test_pictures_with_texts_beside_them(pictures: Path) -> None:
    (pictures / TRUTHS).unlink()
    (pictures / "one.txt").write_text("TAXI 47\n")
    (pictures / "two.txt").write_text(" \n")
    assert [sample.text for sample in read_hand(pictures).samples] == ["TAXI 47"]


def test_what_cannot_be_learned_is_left_out_and_reported(pictures: Path) -> None:
    """Training stops at the first é, or the samples vanish without a word."""
    cv2.imwrite(str(pictures / "empty.png"), np.full((100, 200), 200, np.uint8))
    cv2.imwrite(str(pictures / "lines.png"), picture("HELLO", "TAXI"))
    rows = (
        f"one.png\tCAFÉ\ntwo.jpg\t{'x' * (LONGEST + 1)}\nempty.png\tHI\nlines.png\tHELLO\none.png\tTAXI 47\ntwo.jpg\t\n"
    )
    (pictures / TRUTHS).write_text(rows)
    hand = read_hand(pictures)
    assert [sample.text for sample in hand.samples] == ["TAXI 47"]
    assert sorted(hand.left_out.values()) == [1, 1, 1, 1]
    assert any("É" in complaint for complaint in hand.complaints())


@pytest.mark.parametrize(
    ("rows", "error", "says"),
    [
        ("one.png TAXI 47\n", BadDataset, "line 1"),
        ("one.png\tTAXI 47\n\tHELLO\n", BadDataset, "line 2"),
        ("one.png\tTAXI 47\nnone.png\tHELLO\n", ImageNotFound, "none.png does not exist"),
        ("truth.txt\tHELLO\n", BadImage, "truth.txt"),
        ("# nothing\n", DataNotFound, "truth.txt with a line"),
        ("one.png\tCAFÉ\n", DataNotFound, "É"),
    ],
)
def test_a_bad_table_is_one_sentence(pictures: Path, rows: str, error: type[Exception], says: str) -> None:
    """A mistyped row ends in a traceback, or is passed over and never learned."""
    (pictures / TRUTHS).write_text(rows)
    with pytest.raises(error, match=says):
        read_hand(pictures)


def test_a_table_that_is_no_text_is_one_sentence(pictures: Path) -> None:
    (pictures / TRUTHS).write_bytes(b"one.png\t\xff\xfe")
    with pytest.raises(BadDataset, match="UTF-8"):
        read_hand(pictures)


def test_no_folder_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match="There is no folder"):
        read_hand(tmp_path / "absent")
    with pytest.raises(DataNotFound, match="live --record"):
        read_hand(tmp_path)


def test_corrected_readings_come_with_their_lines(recorded: Path) -> None:
    """A corrected text is learned on another line's ink."""
    assert make_corrections(recorded) == 3
    correct(recorded, ("TAX147", "TAXI 47"), ("\tHELL0", "\t"), ("ANNE", "ANNE"))
    hand = read_hand(recorded)
    assert [sample.text for sample in hand.samples] == ["TAXI 47", "ANNE"] and not hand.complaints()
    direct, _ = seen_layout(Frame(cv2.imread(str(next(recorded.glob("*.jpg"))))))
    for sample, line in zip(hand.samples, (direct.lines[0], direct.lines[2]), strict=True):
        assert np.array_equal(sample.ink, line.ink)


def test_only_a_part_of_the_picture_was_read(tmp_path: Path) -> None:
    """With --roi, lines are sought in the whole picture, where they are others."""
    image = picture(*LINES)
    region = Box(40, 150, 600, 250)
    part = read_lines(np.ascontiguousarray(image[150:250, 40:600]), ("HELL0",))
    Recording(tmp_path).add(image, moved_page(part, 40, 150, *image.shape[::-1]), region)
    make_corrections(tmp_path)
    correct(tmp_path, ("HELL0", "HELLO"))
    (sample,) = read_hand(tmp_path).samples
    assert sample.text == "HELLO" and sample.line is not None


def test_a_line_that_is_not_found_again_is_reported(recorded: Path) -> None:
    make_corrections(recorded)
    (reading,) = recorded.glob("*.json")
    facts = json.loads(reading.read_text())
    facts["lines"][1]["box"] = [0, 0, 20, 20]
    reading.write_text(json.dumps(facts))
    hand = read_hand(recorded)
    assert len(hand.samples) == 2 and "not found in its picture" in hand.complaints()[0]


def test_later_recordings_are_added(recorded: Path) -> None:
    """Hours of correcting are overwritten, or deleted lines come back."""
    make_corrections(recorded)
    path = recorded / CORRECTIONS
    kept = [line for line in path.read_text().splitlines() if "HELL0" not in line]
    path.write_text("\n".join(kept))
    assert make_corrections(recorded) == 0 and "HELL0" not in path.read_text()
    record(recorded)
    assert make_corrections(recorded) == 3
    text = path.read_text()
    assert text.count("HELL0") == 1 and text.startswith("\n".join(kept))
    assert len(read_hand(recorded).samples) == 5


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("\t3\t", "\t4\t", "3 lines, not one of number 4"),
        ("\t3\t", "\tthird\t", "'third' as the number"),
        ("\t3\t", " 3 ", "with tabs between"),
        ("2", "x2", "was recorded"),
    ],
)
def test_bad_corrections_are_one_sentence(recorded: Path, old: str, new: str, says: str) -> None:
    """A slip in the editor ends in a traceback, or teaches a wrong text."""
    make_corrections(recorded)
    path = recorded / CORRECTIONS
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *(row.replace(old, new, 1) for row in rows if not row.startswith("#"))]))
    with pytest.raises(BadDataset, match=says):
        read_hand(recorded)


def test_readings_without_corrections_say_what_to_run(recorded: Path) -> None:
    """What nobody corrected is taken for the truth."""
    with pytest.raises(DataNotFound, match="--make-corrections"):
        read_hand(recorded)


BROKEN = (
    "",
    "[]",
    '{"lines": [{"text": 1, "box": [0, 0, 1, 1]}]}',
    '{"lines": [{"text": ""}]}',
    '{"lines": [], "region": [1, 2]}',
    '{"lines": [{"text": "A", "box": "abcd"}]}',
)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_reading_is_one_sentence(recorded: Path, text: str) -> None:
    next(recorded.glob("*.json")).write_text(text)
    with pytest.raises(BadDataset, match="delete it"):
        make_corrections(recorded)


def test_a_folder_without_a_recording(pictures: Path) -> None:
    with pytest.raises(DataNotFound, match="live --record"):
        make_corrections(pictures)
