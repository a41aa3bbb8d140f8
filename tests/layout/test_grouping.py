"""Components become text lines in reading order; specks, underlines and marks at the border belong to none."""

import cv2
import numpy as np
import pytest

from edge_ocr.ink.components import Components, find_components, pen_width, typical_height
from edge_ocr.layout.grouping import group_lines
from edge_ocr.layout.levelling import page_slope
from edge_ocr.page import Box
from tests.scenes import Writing, write


def mask_of(writing: Writing) -> np.ndarray:
    return np.where(writing.ink > 96, 255, 0).astype(np.uint8)


def grouped(mask: np.ndarray) -> tuple[Components, list[list[int]]]:
    parts = find_components(mask)
    return parts, group_lines(parts, typical_height(parts), pen_width(mask))


def line_of(box: Box, parts: Components, lines: list[list[int]]) -> int | None:
    """The number of the line that holds most of the ink inside a box."""
    inside = parts.labels[box.top : box.bottom, box.left : box.right]
    numbers, counts = np.unique(inside[inside > 0], return_counts=True)
    part = int(numbers[counts.argmax()])
    return next((number for number, line in enumerate(lines) if part in line), None)


def faults(writing: Writing, mask: np.ndarray | None = None) -> list[str]:
    """Characters that are not on their own line, lines too many or too few, and lines that do not run to the right."""
    parts, lines = grouped(mask_of(writing) if mask is None else mask)
    found = [
        f"{char} of line {number} is on line {line}"
        for number, row in enumerate(writing.boxes)
        for char, box in row
        if (line := line_of(box, parts, lines)) != number
    ]
    if len(lines) != len(writing.boxes):
        found.append(f"{len(lines)} lines where {len(writing.boxes)} are written")
    return found + [f"line {line} jumps back" for line in lines if (np.diff(parts.left[line]) < 0).any()]


SLOPE = float(np.tan(np.deg2rad(6)))
SCENES = {
    "straight": write("HELLO TAX 471", "pin jo: 4=7; no!", "LOLX AB?"),
    "close together": write("HELLO TAX 471", "pin jo: 4=7; no!", "LOLX AB?", pitch=1.75),
    "6 degrees down": write(
        "HELLO TAX 4717 LION", "pin jo: 4=7; no! pill", "LOLX AB? 4X", size=(900, 420), slope=SLOPE
    ),
    "6 degrees up": write(
        "HELLO TAX 4717 LION", "pin jo: 4=7; no! pill", "LOLX AB? 4X", size=(900, 420), slope=-SLOPE, corner=(60, 190)
    ),
    "quotes": write('pin "ill no" TAX noon', 'lo = "nonillion pill" ni', "noon", 'i "on"', size=(900, 420)),
    "quotes, 6 degrees up": write(
        'pin "ill no" noon nil ion',
        'lo = "nonillion pill" i',
        "noon in oil on lino",
        size=(980, 480),
        slope=-SLOPE,
        corner=(60, 200),
    ),
    "9 degrees up, close together": write(
        "noon pill in oil",
        "lo nonillion pin no",
        "noon nil in loin",
        size=(900, 460),
        slope=-0.16,
        pitch=1.7,
        corner=(60, 220),
    ),
    "hanging": write("HELLO TAX 4717 LION", "pin jo: 4=7; no! pill", size=(900, 420), bend=25),
    "arched": write("HELLO TAX 4717 LION", "pin jo: 4=7; no! pill", size=(900, 420), bend=-25, corner=(60, 150)),
    "leaning": write("HELLO TAX 471", "pin jo: 4=7; no!", lean=0.4),
    "one word": write("TAX"),
    "a wide space": write("HELLO      471", "pin        no!"),
}


@pytest.mark.parametrize("name", SCENES)
def test_every_character_is_on_its_line(name: str) -> None:
    """Lines are torn apart, run into each other, or come in another order than they are read in."""
    assert faults(SCENES[name]) == []


@pytest.mark.parametrize("slope", [-0.15, -0.06, 0.0, 0.06, 0.15])
def test_a_pages_slope_is_found(slope: float) -> None:
    """Letters of a rising line are taken for those of the line above."""
    parts = find_components(
        mask_of(write(*["noon pill in oil TAX"] * 4, size=(900, 560), slope=slope, corner=(60, 180)))
    )
    assert page_slope(parts, list(range(1, len(parts))), typical_height(parts)) == pytest.approx(slope, abs=0.02)


def test_lines_of_a_turned_page_keep_their_order() -> None:
    """Where the page is turned, the end of one line is as high as the start of the next, and they change places."""
    assert faults(write("HELLO TAX 4717 LION", "HOLE", "TAX 4717 LION HELL", size=(900, 520), slope=SLOPE)) == []
    other_way = write(
        "HELLO TAX 4717 LION", "HOLE", "TAX 4717 LION HELL", size=(900, 520), slope=-SLOPE, corner=(60, 200)
    )
    assert faults(other_way) == []


@pytest.mark.parametrize("end", [190, 290, 420])
def test_an_underline_belongs_to_no_line(end: int) -> None:
    """An underline ties its letters together to one character, or its line ends in a dash."""
    page = write("HELLO TAX", "LION 471")
    mask = mask_of(page)
    cv2.line(mask, (60, 124), (end, 126), 255, 4)
    parts, lines = grouped(mask)
    underline = int(parts.labels[125, 62])
    assert underline > 0 and not any(underline in line for line in lines)
    assert faults(page, mask) == []


def test_specks_belong_to_no_line() -> None:
    """Dirt on the paper is read as full stops."""
    page = write("HELLO TAX", "LION 471")
    mask = mask_of(page)
    specks = [(500, 40), (560, 200), (30, 300), (400, 330), (610, 110)]
    for x, y in specks:
        mask[y : y + 2, x : x + 2] = 255
    parts, lines = grouped(mask)
    assert not any(int(parts.labels[y, x]) in line for x, y in specks for line in lines)


def test_small_signs_go_to_the_nearest_line() -> None:
    """Dots, commas and dashes are lost, or land on the line above."""
    assert faults(write("i; = - , no.", "j: i! - pin,", "no, pin. 4-7", pitch=1.9)) == []


def test_a_sheets_edge_is_no_line() -> None:
    """The border between paper and desk is read as I or l."""
    page = write("HELLO TAX", "LION 471", size=(640, 360))
    mask = mask_of(page)
    mask[:, :3] = mask[-4:, :] = 255
    cv2.line(mask, (632, 20), (636, 340), 255, 3)
    assert faults(page, mask) == []


def test_typical_height_is_that_of_the_letters() -> None:
    """Dirt or a stain decides how high a letter is, and everything else is judged by it."""
    mask = mask_of(write("HELLO TAX 471", "LION TAX"))
    rng = np.random.default_rng(0)
    for x, y in rng.integers(5, 350, (60, 2)):
        mask[y : y + 3, x : x + 3] = 255
    cv2.circle(mask, (560, 280), 50, 255, -1)
    assert typical_height(find_components(mask)) == pytest.approx(45, abs=5)


def test_a_long_line_fills_a_low_picture() -> None:
    """The border's strip, measured by the picture's length, covers its whole height, and nothing is read."""
    page = write("HELLO TAX 471 LION pin", size=(1500, 90), capital=40, corner=(40, 65))
    assert faults(page) == []


@pytest.mark.parametrize("dots", [0, 1, 4])
def test_a_joined_word_that_fills_its_crop_is_the_writing(dots: int) -> None:
    """It is taken for a ruling, its dots for the letters, and all that is read is an "o"."""
    mask = np.zeros((120, 320), np.uint8)
    x = np.linspace(30, 290, 200)
    word = np.stack([x, 70 - 25 * np.sin(x / 9)], axis=1).astype(np.int32)
    cv2.polylines(mask, [word], False, 255, 4)
    for number in range(dots):
        cv2.circle(mask, (80 + 50 * number, 32), 4, 255, -1)
    parts, lines = grouped(mask)
    assert typical_height(parts) == pytest.approx(54, abs=4)
    assert [len(line) for line in lines] == [1 + dots]


def test_an_accent_that_is_met_first_begins_no_line() -> None:
    """The dot of a word's first i founds a line, and the tall letters leave the word for it."""
    mask = np.zeros((120, 320), np.uint8)
    boxes = [(23, 67, 12, 23), (27, 46, 7, 17), (39, 58, 19, 35), (63, 46, 25, 42), (95, 61, 31, 26), (133, 67, 37, 21)]
    boxes += [(188, 27, 30, 61), (225, 63, 16, 30), (244, 73, 10, 19), (262, 24, 31, 69)]
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 255
    _, lines = grouped(mask)
    assert [len(line) for line in lines] == [len(boxes)]


def test_a_signature_under_a_note_does_not_become_its_letters() -> None:
    """One wide scribble has more ink than all letters, and the letters are taken for its dots."""
    page = write("TAX 4", size=(800, 700), corner=(80, 140))
    mask = mask_of(page)
    x = np.linspace(100, 630, 300)
    cv2.polylines(mask, [np.stack([x, 260 - 60 * np.sin(x / 14)], axis=1).astype(np.int32)], False, 255, 5)
    assert typical_height(find_components(mask)) < 60


def test_a_ruling_that_is_left_over_belongs_to_no_line() -> None:
    """Rests of squared paper are read as I, l and dashes at the ends of lines."""
    page = write("HELLO TAX 471", "LION", size=(700, 360))
    mask = mask_of(page)
    mask[70:120, 560:562] = mask[110:112, 570:610] = 255
    parts, lines = grouped(mask)
    assert not any(int(parts.labels[place]) in line for place in ((90, 560), (110, 580)) for line in lines)


@pytest.mark.parametrize("value", [0, 255])
def test_an_even_mask_has_no_lines(value: int) -> None:
    """A blank or a black picture stops the reader."""
    parts, lines = grouped(np.full((80, 120), value, np.uint8))
    assert lines == [] or value
    assert len(parts) <= 2
