"""The history of texts: what was there, until when, and what it looked like."""

import json

import cv2
import numpy as np

from edge_ocr.preview.history import KEPT, THUMBNAIL, History, render_history
from tests.live.test_steady import page
from tests.preview_show import WRITING

GONE = page()


def test_a_note_that_goes_stays_as_removed() -> None:
    """Nobody learns what lay there before it was taken away."""
    history = History()
    history.add("", page("ONE"), WRITING, 10.0)
    history.add("", GONE, WRITING, 12.5)
    (entry,) = history.entries
    assert (entry.text, entry.time, entry.until, entry.ended) == ("ONE", 10.0, 12.5, "removed")
    assert history.last("") is entry and history.count == 1 and history.revision == 2


def test_a_text_that_changes_ends_the_one_before() -> None:
    history = History()
    history.add("", page("ONE"), None, 1.0)
    history.add("", page("TWO"), None, 2.0)
    assert [(entry.text, entry.ended) for entry in history.entries] == [("ONE", "changed"), ("TWO", None)]


def test_a_text_that_is_given_out_again_is_one_text() -> None:
    """With --repeat-after the history is full of one text, each time called changed."""
    history = History()
    for now in (1.0, 2.0, 3.0):
        history.add("", page("ONE"), None, now)
    (entry,) = history.entries
    assert entry.time == 1.0 and entry.until is None and history.revision == 1


def test_regions_do_not_end_each_others_texts() -> None:
    """The meter is called removed when the notice board changes."""
    history = History()
    history.add("meter", page("04711"), None, 1.0)
    history.add("board", page("HELLO"), None, 2.0)
    history.add("board", GONE, None, 3.0)
    meter, board = history.last("meter"), history.last("board")
    assert meter is not None and meter.until is None and board is not None and board.ended == "removed"


def test_each_text_has_a_small_picture() -> None:
    history = History()
    history.add("", page("ONE"), WRITING, 1.0)
    small = cv2.imdecode(np.frombuffer(history.thumbnail(1), np.uint8), cv2.IMREAD_COLOR)
    assert small is not None and small.shape[1] <= THUMBNAIL[0] and small.shape[0] <= THUMBNAIL[1]
    assert history.thumbnail(2) == b""


def test_the_history_is_bounded_and_still_grows() -> None:
    """The page stands still after the 500th text, or takes all memory."""
    history = History()
    for number in range(KEPT + 2):
        history.add("", page(f"N{number}"), None, float(number))
    assert len(history.entries) == KEPT and history.count == KEPT + 2 and history.entries[-1].text == f"N{KEPT + 1}"


def test_a_table_holds_no_formulas() -> None:
    """A spreadsheet runs what was written on the paper."""
    history = History()
    history.add("", page("=1+2"), None, 1.0)
    table, kind = render_history(history.entries, "csv")
    assert kind == "text/csv" and "'=1+2" in table
    assert table.startswith("time,text,confidence,until,ended,region")
    assert json.loads(render_history(history.entries, "json")[0])[0]["text"] == "=1+2"
