"""Every way to cut a line is on offer: whole characters with their dots, touching ones apart, broken ones together."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from edge_ocr.ink.components import pen_width
from edge_ocr.layout.segments import (
    MOST_PIECES,
    WIDEST,
    Blob,
    Cuts,
    Piece,
    Segment,
    blob_map,
    find_blobs,
    find_pieces,
    find_segments,
    line_components,
)
from edge_ocr.page import Box
from tests.scenes import write

CAPITAL = 44.0


class Cut:
    """All that segmentation says of one upright line."""

    def __init__(self, ink: np.ndarray, capital: float = CAPITAL) -> None:
        self.parts = line_components(ink)
        mask = np.where(self.parts.labels > 0, 255, 0).astype(np.uint8)
        self.blobs: list[Blob] = find_blobs(self.parts, capital)
        owners = blob_map(self.parts, self.blobs)
        self.pieces: list[Piece] = find_pieces(owners, self.blobs, capital, pen_width(mask))
        self.segments: list[Segment] = find_segments(Cuts(ink, self.parts, self.blobs, owners, self.pieces, capital))

    def offers(self, box: Box, slack: int) -> bool:
        """Whether some segment has this box, give or take `slack` pixels a side."""
        edges = np.array([box.left, box.top, box.right, box.bottom])
        return any(np.abs(np.array([s.left, s.top, s.right, s.bottom]) - edges).max() <= slack for s in self.segments)


def line(text: str, gap: float = 0.3, pen: int = 5, lean: float = 0.0) -> tuple[np.ndarray, list[tuple[str, Box]]]:
    page = write(text, size=(900, 120), capital=40, pen=pen, corner=(40, 80), gap=gap, lean=lean)
    return page.ink, page.all_boxes()


@pytest.mark.parametrize("text", ["TAX BILL", "pin jo", "A=1: 7;", "4% no! HO?", "ON THE 14.", "Till i-j, o'"])
def test_every_character_is_on_offer(text: str) -> None:
    """A dot, a bar or a ring of a character is left out of every segment, so that it can't be read."""
    ink, boxes = line(text)
    cut = Cut(ink)
    assert [char for char, box in boxes if not cut.offers(box, 1)] == []


@pytest.mark.parametrize("char", "ij=:;!?")
def test_parts_over_each_other_are_one(char: str) -> None:
    """i and j lose their dots, = becomes two dashes."""
    ink, boxes = line(f"n{char}n")
    cut = Cut(ink)
    box = boxes[1][1]
    inside = [blob for blob in cut.blobs if blob.right > box.left + 2 and blob.left < box.right - 2]
    assert len(inside) == 1 and (inside[0].left, inside[0].right) == (box.left, box.right)


@pytest.mark.parametrize("text", ["nn", "Hn", "nH", "AA", "nA", "HE", "nnn"])
def test_joined_characters_are_cut_apart(text: str) -> None:
    """Letters that a stroke joins can only be read as one."""
    ink, boxes = line(text, gap=0.4)
    for (_, one), (_, other) in pairwise(boxes):
        cv2.line(ink, (one.right - 3, 79), (other.left + 2, 79), 255, 4, cv2.LINE_AA)
    cut = Cut(ink)
    assert len(cut.parts) == 2
    for _, box in boxes:
        assert cut.offers(box, 9), cut.pieces


@pytest.mark.parametrize("text", ["LL", "LN", "TT", "TTT", "LH"])
def test_touching_characters_are_cut_apart(text: str) -> None:
    """Letters whose strokes touch can only be read as one."""
    ink, boxes = line(text, gap=0.05)
    cut = Cut(ink)
    assert len(cut.parts) == 2, "the scene's letters should touch"
    for _, box in boxes:
        assert cut.offers(box, 11), cut.pieces


@pytest.mark.parametrize("at", [0.5, 0.75])
def test_a_broken_character_is_offered_whole(at: float) -> None:
    """A pen that skipped turns one letter into two signs for good."""
    ink, boxes = line("EHE")
    box = boxes[1][1]
    column = round(box.left + at * box.width)
    ink[:, column : column + 1] = 0
    cut = Cut(ink)
    assert len(cut.blobs) == 4
    assert cut.offers(box, 1)


def test_whole_letters_are_not_joined() -> None:
    """Two well-formed letters beside each other are offered as one, which costs time and invites errors."""
    ink, boxes = line("HEN THE HEL", gap=0.3)
    cut = Cut(ink)
    assert len(cut.segments) == len(cut.pieces) == len(boxes)


def test_segments_leave_their_neighbours_out() -> None:
    """A neighbour that reaches over or under a letter gets into its tile and makes another character of it."""
    ink, boxes = line("TATA", gap=-0.1)
    cut = Cut(ink)
    assert len(cut.blobs) == 4
    first = next(s for s in cut.segments if s.first == s.last == 0)
    assert (first.left, first.right) == (boxes[0][1].left, boxes[0][1].right)
    alone, _ = line("T")
    expected = Cut(alone).segments[0].tile
    assert np.abs(first.tile.astype(int) - expected).mean() < 3


@pytest.mark.parametrize("text", ["TAX BILL", "HELLO pin", "nnnonHnEnnn", "A=1: 7;"])
@pytest.mark.parametrize("gap", [0.03, 0.3])
def test_pieces_and_segments_are_in_order(text: str, gap: float) -> None:
    """The search meets a segment that ends before it starts, or one too wide to be a character."""
    ink, _ = line(text, gap)
    cut = Cut(ink)
    assert all(piece.left < piece.right for piece in cut.pieces)
    assert all(one.blob <= other.blob for one, other in pairwise(cut.pieces))
    assert {s.first for s in cut.segments if s.first == s.last} == set(range(len(cut.pieces)))
    for s in cut.segments:
        assert 0 <= s.first <= s.last < min(s.first + MOST_PIECES, len(cut.pieces))
        assert s.last == s.first or s.right - s.left <= WIDEST * CAPITAL
        assert s.tile.shape == (32, 32) and s.tile.max() == 255


@pytest.mark.parametrize("pen", [4, 6, 9, 13])
def test_pen_width_is_measured(pen: int) -> None:
    """Cuts are looked for at the wrong height, so that thick pens are never cut or thin ones everywhere."""
    ink, _ = line("HELLO TAX", pen=pen)
    mask = np.where(ink > 127, 255, 0).astype(np.uint8)
    assert pen_width(mask) == pytest.approx(pen, rel=0.25)


def test_nothing_has_no_segments() -> None:
    """A line whose ink got lost in resampling stops the reader."""
    cut = Cut(np.zeros((40, 60), np.uint8))
    assert cut.blobs == cut.pieces == cut.segments == []
    assert pen_width(np.zeros((4, 4), np.uint8)) == 0


def test_only_all_of_a_blob_is_whole() -> None:
    """A part of joined letters passes for a letter of its own, and other ways to cut them are never read."""
    ink, boxes = line("nnH", gap=0.4)
    (_, one), (_, other), _ = boxes
    cv2.line(ink, (one.right - 3, 79), (other.left + 2, 79), 255, 4, cv2.LINE_AA)
    cut = Cut(ink)
    assert len(cut.blobs) == 2 and len(cut.pieces) > 2
    for s in cut.segments:
        run = {piece.blob for piece in cut.pieces[s.first : s.last + 1]}
        rest = {piece.blob for piece in [*cut.pieces[: s.first], *cut.pieces[s.last + 1 :]]}
        assert s.whole == (len(run) == 1 and not run & rest)


def test_of_two_places_to_cut_the_thinner_one_is_taken() -> None:
    """Letters are cut through a stroke though a thinner join is beside it."""
    owners = np.zeros((40, 100), np.int32)
    owners[10:30] = 1
    for column, height in ((45, 5), (50, 2)):
        owners[10 : 30 - height, column - 1 : column + 2] = 0
    pieces = find_pieces(owners, [Blob(0, 100, (1,))], 40.0, 5.0)
    assert [piece.right for piece in pieces] == [50, 100]


def test_a_segment_is_where_its_ink_is() -> None:
    """A piece with air at its edges is read with a neighbour's ink, or its box is beside the character."""
    ink = np.zeros((40, 60), np.uint8)
    ink[8:32, 12:20] = ink[8:32, 40:46] = 255
    parts = line_components(ink)
    blobs = find_blobs(parts, 24.0)
    owners = blob_map(parts, blobs)
    first, *_ = find_segments(Cuts(ink, parts, blobs, owners, [Piece(4, 30, 0), Piece(34, 56, 1)], 24.0))
    assert (first.left, first.top, first.right, first.bottom) == (12, 8, 20, 32)
    assert first.crop.shape == (24, 8) and first.crop.min() == 255
