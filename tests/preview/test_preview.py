"""The page's server: what it serves, and what it makes of what viewers ask for."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

pytest.importorskip("tornado", reason="the page's library is an extra: pip install 'edge-ocr[preview]'")

from edge_ocr import BadCharset, BadPattern, CameraLost, PreviewError
from edge_ocr.errors import EdgeOcrError
from edge_ocr.live.loop import Sight
from edge_ocr.live.region import Region
from edge_ocr.live.statistics import Statistics
from edge_ocr.live.steady import MIN_CONFIDENCE
from edge_ocr.live.watch import Finding
from edge_ocr.page import Box, Page
from edge_ocr.preview import feed as feeds
from edge_ocr.preview.access import parse_address
from edge_ocr.preview.feed import Feed
from edge_ocr.preview.requests import parse_task, render_history
from tests.live.test_capture import wait_for
from tests.live.test_steady import page
from tests.preview_show import WRITING, Show


def sight(voted: Page | None, given: Page | None, trouble: EdgeOcrError | None) -> Sight:
    """What the loop shows of its only region."""
    return Sight(WRITING, (Finding(Region(), None, voted, given),), trouble)


def test_the_page_and_its_parts_are_served(show: Show) -> None:
    for path, word in (("/", b"<title>edge-ocr"), ("/page.js", b"EventSource"), ("/page.css", b"prefers-color-scheme")):
        status, body = show.ask(path)
        assert status == 200 and word in body
    assert show.ask("/server.py")[0] == 404 and show.ask("/../errors.py")[0] == 404


def test_pictures_and_states_are_streamed(show: Show) -> None:
    assert b"Content-Type: image/jpeg" in show.ask("/pictures")[1]
    state = show.ask("/states")[1]
    assert state.startswith(b'data: {"number"')


def test_the_history_is_given_as_text_table_and_json(show: Show) -> None:
    assert wait_for(lambda: b"A1BO" in show.ask("/history.txt")[1])
    assert show.ask("/history.csv")[1].startswith(b"time,text,confidence")
    assert json.loads(show.ask("/history.json")[1])[0]["text"] == "A1BO\n1A BOB"


@pytest.mark.parametrize("body", [
    "", "no json", "[]", '{"charset": 5}', '{"pattern": "%s"}' % ("a" * 201), '{"paused": 1}', '{"stop": true}',
    '{"region": [1, 2, 3]}', '{"region": [5, 5, 5, 9]}', '{"region": [0, 0, 1.5, 2]}', '{"region": [-1, 0, 5, 5]}',
    '{"region": [0, 0, 999999999, 5]}', "[" * 3000,
    '{"min_confidence": 1.5}', '{"min_confidence": "much"}', '{"min_confidence": true}', '{"min_confidence": NaN}',
    r'{"charset": "\ud800"}', r'{"pattern": "a\u0000"}', r'{"charset": "\n"}',
])  # fmt: skip
def test_wrong_input_is_refused_and_changes_nothing(show: Show, body: str) -> None:
    before = show.controls.task
    status, answer = show.ask("/task", "POST", body)
    assert status == 400 and b"Traceback" not in answer
    assert show.controls.task == before
    assert show.ask("/states")[0] == 200


@pytest.mark.parametrize("field", ["charset", "pattern", "pattern_in", "min_confidence"])
def test_a_refusal_says_which_field_it_is_about(show: Show, field: str) -> None:
    """The page cannot say it where the viewer looks."""
    _, answer = show.ask("/task", "POST", json.dumps({field: ["?"]}))
    refusal = json.loads(answer)
    assert refusal["field"] == field and refusal["sentence"].startswith("expected")


def test_a_pattern_that_cannot_be_used_is_said_at_its_field() -> None:
    """The sentence stands far from what it is about, or nowhere."""
    feed = Feed()
    for error, field in ((BadPattern("too many"), "pattern"), (BadCharset("none"), "charset"), (CameraLost("?"), None)):
        feed.put(sight(None, None, error), Statistics())
        assert json.loads(feed.state({}))["field"] == field


def test_what_was_rejected_is_shown_on_the_page_and_reported_nowhere() -> None:
    """A viewer does not see why a line is missing."""
    feed = Feed()
    doubtful = replace(page("A"), rejected=page("MAYBE").lines)
    feed.put(sight(doubtful, doubtful, None), Statistics())
    assert json.loads(feed.state({}))["page"]["rejected"][0]["text"] == "MAYBE"
    assert [entry["text"] for entry in feed.history()] == ["A"]


def test_a_viewer_that_takes_nothing_does_not_slow_the_reading(show: Show) -> None:
    """A telephone that went out of reach stops the reading."""
    with socket.create_connection(("127.0.0.1", show.preview.port)) as idle:
        idle.sendall(b"GET /pictures HTTP/1.1\r\nHost: localhost\r\n\r\n")
        before = show.sights
        assert wait_for(lambda: show.sights - before >= 30, 60)


@pytest.mark.parametrize(("text", "host", "port"), [
    ("", "127.0.0.1", 8080), ("9000", "127.0.0.1", 9000), (":9000", "127.0.0.1", 9000), ("pi.local:80", "pi.local", 80),
    ("[::1]:80", "::1", 80), ("pi.local", "pi.local", 8080),
])  # fmt: skip
def test_addresses(text: str, host: str, port: int) -> None:
    assert parse_address(text) == (host, port)


@pytest.mark.parametrize("text", ["a:b", "1:2:3", ":70000", "http://x"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(PreviewError):
        parse_address(text)


def test_a_task_is_taken_as_it_is_meant() -> None:
    assert parse_task(b'{"charset": "", "region": null}') == {"charset": None, "region": None}
    assert parse_task(b'{"pattern_in": "A1", "pattern": ""}') == {"pattern_in": "A1", "pattern": None}
    assert parse_task(b'{"min_confidence": 1}') == {"min_confidence": 1.0}
    assert parse_task(b'{"min_confidence": null}') == {"min_confidence": MIN_CONFIDENCE}
    assert parse_task(b'{"region": [1, 2, 3, 4], "paused": false}') == {"region": Box(1, 2, 3, 4), "paused": False}


def test_a_table_holds_no_formulas() -> None:
    """A spreadsheet runs what was written on the paper."""
    table, _ = render_history([{"time": 1.0, "text": "=1+2", "confidence": 0.5}], "csv")
    assert "'=1+2" in table
    assert render_history([{"time": 1.0, "text": "", "confidence": 0.5}], "csv")[0].endswith("1.0,,0.5\r\n")


def test_a_feed_encodes_once_a_picture() -> None:
    feed = Feed()
    assert feed.picture() == (-1, b"") and feed.number == 0
    feed.put(sight(page("A"), page("A"), None), Statistics())
    assert feed.picture()[1] is feed.picture()[1]
    assert json.loads(feed.state({}))["page"]["text"] == "A" and feed.history()[0]["text"] == "A"


def test_viewers_that_come_together_share_one_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight viewers cost a small board eight encodings a picture."""
    encoded = []
    come = threading.Barrier(4)

    def encode(image: object) -> bytes:
        time.sleep(0.1)
        encoded.append(image)
        return b"jpeg"

    def look(_: int) -> tuple[int, bytes]:
        come.wait(5)
        return feed.picture()

    monkeypatch.setattr(feeds, "_encode", encode)
    feed = Feed()
    feed.put(sight(None, None, None), Statistics())
    with ThreadPoolExecutor(4) as viewers:
        assert list(viewers.map(look, range(4))) == [(1, b"jpeg")] * 4
    assert len(encoded) == 1


def test_a_full_history_is_still_reported_to_have_grown() -> None:
    """The page's history stands still after the 500th text."""
    feed = Feed()
    for number in range(feeds.HISTORY + 2):
        feed.put(sight(None, page(str(number)), None), Statistics())
    assert json.loads(feed.state({}))["texts"] == feeds.HISTORY + 2
    assert len(feed.history()) == feeds.HISTORY and feed.history()[-1]["text"] == str(feeds.HISTORY + 1)


def test_a_state_can_be_sent_whatever_it_tells() -> None:
    """A camera whose file name is no UTF-8 takes the page away as soon as it is lost."""
    feed = Feed()
    feed.put(sight(None, None, CameraLost("\udcff.mp4 is gone")), Statistics())
    assert json.loads(feed.state({}).encode())["trouble"] == "\udcff.mp4 is gone"
