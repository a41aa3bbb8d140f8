"""Pages that lie on their side or head, read with the turn named."""

import numpy as np
import pytest

from edge_ocr import Reader, load_image
from edge_ocr.page import Frame
from tests.places import ROOT

NOTE = ROOT / "edge_ocr" / "samples" / "note.jpg"


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_named_turn_reads_as_upright(quarters: int) -> None:
    """Fails when `--turn` turns the wrong way, or boxes stay on the turned picture."""
    upright = load_image(NOTE).image
    plain = Reader.load(find="paper").read(Frame(upright))
    turned = Frame(np.ascontiguousarray(np.rot90(upright, -quarters)))  # Clockwise.
    page = Reader.load(turn=90.0 * quarters, find="paper").read(turned)
    assert page.text == plain.text and page.turn == 90 * quarters
    assert (page.width, page.height) == turned.image.shape[1::-1]
    box, same = page.lines[0].box, plain.lines[0].box
    wide, tall = (same.width, same.height) if quarters == 2 else (same.height, same.width)
    assert abs(box.width - wide) <= 1 and abs(box.height - tall) <= 1
    left, top = {
        1: (plain.height - same.bottom, same.left),
        2: (plain.width - same.right, plain.height - same.bottom),
        3: (same.top, plain.width - same.right),
    }[quarters]
    assert abs(box.left - left) <= 1 and abs(box.top - top) <= 1


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_page_is_found_out(quarters: int) -> None:
    """Fails when a page on its side or head is read as if it were upright."""
    upright = load_image(NOTE).image
    reader = Reader.load(find="guided")
    plain = reader.read(Frame(upright))
    page = reader.read(Frame(np.ascontiguousarray(np.rot90(upright, -quarters))))
    assert page.turn == 90 * quarters
    assert page.text == plain.text


def test_writing_in_a_corner_has_its_box_there() -> None:
    """Fails when the box refers to the part that was looked at alone, not to the picture."""
    note = load_image(NOTE).image
    picture = np.full((3 * note.shape[0], 3 * note.shape[1], 3), 235, np.uint8)
    picture[-note.shape[0] :, -note.shape[1] :] = note
    page = Reader.load(find="guided").read(Frame(picture))
    assert (page.width, page.height) == picture.shape[1::-1]
    assert page.lines
    assert all(line.box.left > note.shape[1] and line.box.top > note.shape[0] for line in page.lines)
