"""Columns are read one after the other, rows of tables and forms across."""

import cv2
import numpy as np

from edge_ocr.ink.components import find_components, pen_width, typical_height
from edge_ocr.layout.columns import in_reading_order
from edge_ocr.layout.grouping import group_lines
from edge_ocr.page import Gray
from tests.scenes import write

LEFT = ("HELLO TAX LION", "ALTO NOBLE TEXT", "HOTEL TAXI 471", "BATON ANT TILE")
RIGHT = ("NOTE LION TAX", "TEXT ALTO IN", "471 HOTEL TAXI", "TILE BATON ANT", "TEXT LION NO")


def column(texts: tuple[str, ...], top: int) -> Gray:
    return write(*texts, size=(620, 520), capital=30, pen=4, corner=(60, top)).ink


def corners(page: Gray) -> list[tuple[int, int]]:
    """Left and top of each line of a page, in the order in which they are read."""
    mask = np.where(page > 96, 255, 0).astype(np.uint8)
    parts = find_components(mask)
    lines = group_lines(parts, typical_height(parts), pen_width(mask))
    return [(int(parts.left[line].min()), int(parts.top[line].min())) for line in lines]


def test_a_column_is_read_to_its_end() -> None:
    """Two notes beside each other are read as one, a line of each in turn."""
    heading = write("NOTE ALTO TEXT IN BOTH HALL TAXI", size=(1240, 120), capital=30, pen=4, corner=(60, 80)).ink
    found = corners(np.vstack([heading, np.hstack([column(LEFT, 110), column(RIGHT, 140)])]))
    assert [left > 620 for left, _ in found] == [False] * (1 + len(LEFT)) + [True] * len(RIGHT)
    tops = [top for _, top in found]
    assert tops[: 1 + len(LEFT)] == sorted(tops[: 1 + len(LEFT)]) and tops[1 + len(LEFT) :] == sorted(tops[-5:])


def test_columns_of_even_lines_may_be_level() -> None:
    """On ruled paper the rows of both columns are level, and each is read across the page."""
    texts = LEFT + RIGHT[:3]
    sides = [write(*texts, size=(620, 700), capital=30, pen=4, corner=(60, 110)).ink for _ in range(2)]
    found = corners(np.hstack(sides))
    assert [left > 620 for left, _ in found] == [False] * len(texts) + [True] * len(texts)


def test_rows_of_a_form_are_read_across() -> None:
    """Two fields of a form, or the cells of a table's row, come out far apart in the text."""
    texts = ("HELLO TAX LION ALTO", "NOBLE", "HOTEL TAXI 471")
    page = np.hstack([column(texts, 110), column(texts[::-1], 110)])
    assert len(corners(page)) == len(texts)


def test_a_list_with_numbers_is_read_across() -> None:
    """What is counted is separated from its number."""
    numbers = column(("471", "47", "1", "7"), 110)[:, :240]
    page = np.hstack([numbers, column(LEFT, 110)])
    assert len(corners(cv2.copyMakeBorder(page, 0, 0, 0, 40, cv2.BORDER_CONSTANT))) == len(LEFT)


def test_a_short_line_keeps_its_place_between_long_ones_of_other_slopes() -> None:
    """An indented line is read after the one below it, where the sheet is curled."""
    mask = np.zeros((300, 1100), np.uint8)
    long, short, last = [
        [(x, round(height + slope * x)) for x in range(60, right, 36)]
        for right, height, slope in ((1000, 100, -0.04), (240, 165, -0.1), (1000, 190, -0.16))
    ]
    for x, y in long + short + last:
        cv2.rectangle(mask, (x, y), (x + 14, y + 5), 255, 1)
    parts = find_components(mask)
    lines = [[int(parts.labels[y, x]) for x, y in letters] for letters in (last, long, short)]
    assert [len(line) for line in in_reading_order(lines, parts, 21.0)] == [len(long), len(short), len(last)]
