"""Lines from core zones: what continues what, who belongs where, and in which order it is read."""

import cv2
import numpy as np

from edge_ocr.ink.components import find_components
from edge_ocr.layout.zones import chain_zones, find_zones, group_by_zones


class Sheet:
    """A page of letter-like boxes with the core zones that a finder would mark."""

    def __init__(self, height: int = 400, width: int = 800) -> None:
        self.mask = np.zeros((height, width), np.uint8)
        self.zone = np.zeros((height, width), np.uint8)

    def line(self, left: int, top: int, letters: int = 6, slope: float = 0.0, x_height: int = 16) -> None:
        ends = []
        for number in range(letters):
            x = left + 20 * number
            y = round(top + slope * 20 * number)
            cv2.rectangle(self.mask, (x, y), (x + 11, y + x_height), 255, -1)
            ends.append((x, y))
        first, last = ends[0], (ends[-1][0] + 11, ends[-1][1])
        corners = [first, last, (last[0], last[1] + x_height), (first[0], first[1] + x_height)]
        cv2.fillConvexPoly(self.zone, np.array(corners), 255)

    def groups(self) -> list[list[int]]:
        core = cv2.resize(self.zone, (self.zone.shape[1] // 4, self.zone.shape[0] // 4), interpolation=cv2.INTER_AREA)
        return group_by_zones(find_components(self.mask), core)

    def sizes(self) -> list[int]:
        return [len(group) for group in self.groups()]


def test_each_zone_is_a_line() -> None:
    """Fails when lines are merged, or read from below."""
    sheet = Sheet()
    sheet.line(40, 40, 6)
    sheet.line(40, 80, 4)
    sheet.line(40, 120, 5)
    assert sheet.sizes() == [6, 4, 5]


def test_a_wide_gap_is_a_space_within_a_line() -> None:
    """Fails when words with a tab between them become lines of their own."""
    sheet = Sheet()
    sheet.line(40, 40, 4)
    sheet.line(200, 42, 3)
    assert sheet.sizes() == [7]


def test_columns_are_read_one_after_the_other() -> None:
    """Fails when notes beside each other are read across."""
    sheet = Sheet()
    for row, (left, right) in enumerate([(4, 6), (5, 3), (6, 4)]):
        sheet.line(40, 40 + 40 * row, 6 + left)
        sheet.line(500, 60 + 40 * row, 6 + right)
    assert sheet.sizes() == [10, 11, 12, 12, 9, 10]


def test_cells_of_a_table_are_read_row_by_row() -> None:
    """Fails when the columns of a table, which are as empty between them as those of a text, are read one by one."""
    sheet = Sheet()
    for row, counts in enumerate([(1, 2, 3), (3, 1, 2), (2, 3, 1)]):
        for column, letters in enumerate(counts):
            sheet.line(40 + 240 * column, 40 + 50 * row, letters)
    assert sheet.sizes() == [1, 2, 3, 3, 1, 2, 2, 3, 1]


def test_steep_lines_stay_whole_and_apart() -> None:
    """Fails when lines at 17 degrees, which stand beside each other in the picture's rows, are mixed."""
    sheet = Sheet()
    for row in range(3):
        sheet.line(40, 40 + 44 * row, 10, slope=0.3)
    assert sheet.sizes() == [10, 10, 10]


def test_dots_and_tails_go_to_their_line_and_strays_to_none() -> None:
    """Fails when the dot of an i or a comma is lost, or dust far from any line is read."""
    sheet = Sheet()
    sheet.line(40, 100, 6)
    cv2.circle(sheet.mask, (66, 90), 3, 255, -1)
    cv2.circle(sheet.mask, (160, 119), 3, 255, -1)
    cv2.circle(sheet.mask, (80, 300), 3, 255, -1)
    assert sheet.sizes() == [8]


def test_an_empty_map_has_no_lines() -> None:
    """Fails when ink that the finder takes for no text is read all the same."""
    sheet = Sheet()
    cv2.rectangle(sheet.mask, (40, 40), (60, 70), 255, -1)
    assert sheet.groups() == []
    assert chain_zones(find_zones(np.zeros((10, 10), np.uint8))) == []
