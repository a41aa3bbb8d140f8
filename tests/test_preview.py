"""The page: who gets in, what it serves, and that it works in a real Chromium."""

import gc
import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest

pytest.importorskip("tornado", reason="the page's library is an extra: pip install 'edge-ocr[preview]'")

from edge_ocr import PreviewError, Reader
from edge_ocr.capture import Capture
from edge_ocr.live import Controls, Loop, Sight, Statistics, Task
from edge_ocr.page import Box
from edge_ocr.preview import Preview, handlers
from edge_ocr.preview.access import is_token, may_be_host, parse_address, same_origin
from edge_ocr.preview.feed import Feed
from edge_ocr.preview.requests import parse_task, render_history
from tests.scenes import photograph, write
from tests.test_capture import Fake, wait_for
from tests.test_characters import TINY
from tests.test_steady import page

SIZE = (640, 360)
WRITING = photograph(write("A1BO", "1A BOB", size=SIZE, capital=48, pen=6, corner=(60, 110), gap=0.35).ink).image


class Breathing(Fake):
    """A camera over a page, at 20 pictures a second, whose light goes up and down."""

    def __init__(self) -> None:
        super().__init__(1)
        self.number = 0

    def grab(self) -> np.ndarray | None:
        time.sleep(0.05)
        self.number += 1
        return np.clip(WRITING.astype(np.int16) + 6 * (self.number % 8), 0, 255).astype(np.uint8)


class Show:
    """A loop with its page, running until closed."""

    def __init__(self, token: str | None = None) -> None:
        self.controls = Controls(Task())
        self.preview = Preview("127.0.0.1:0", self.controls, token=token)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.sights = 0

    def _run(self) -> None:
        def make(task: Task) -> Reader:
            return Reader.load(TINY, charset=task.charset, pattern=task.pattern, language="none")

        with Capture(Breathing()) as capture:  # type: ignore[arg-type]
            loop = Loop(capture, make, self.controls)
            for sight in loop:
                self.preview.publish(sight, loop.statistics)
                self.sights += 1

    def __enter__(self) -> "Show":
        self.preview.__enter__()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controls.stop.set()
        self.thread.join(5)
        self.preview.__exit__(None, None, None)

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.preview.port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(400_000 if "/states" not in path and "/pictures" not in path else 400)
        finally:
            connection.close()


@pytest.fixture
def show() -> Iterator[Show]:
    with Show() as running:
        assert wait_for(lambda: running.sights > 3, 20)
        yield running


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


@pytest.mark.parametrize(("headers", "status"), [
    ({"Host": "evil.example"}, 421), ({"Host": "evil.example:80"}, 421), ({"Host": "localhost"}, 200),
])  # fmt: skip
def test_another_name_than_this_machines_is_refused(show: Show, headers: dict[str, str], status: int) -> None:
    """A stranger's page reads the picture under a name that was made to point here."""
    assert show.ask("/", **headers)[0] == status


def test_another_origin_changes_nothing(show: Show) -> None:
    """A stranger's page, open in the viewer's browser, pauses the reading."""
    assert show.ask("/task", "POST", '{"paused": true}', Origin="http://evil.example")[0] == 403
    assert not show.controls.task.paused
    own = f"http://127.0.0.1:{show.preview.port}"
    assert show.ask("/task", "POST", '{"paused": true}', Origin=own)[0] == 200
    assert show.controls.task.paused


@pytest.mark.parametrize("body", [
    "", "no json", "[]", '{"charset": 5}', '{"pattern": "%s"}' % ("a" * 201), '{"paused": 1}', '{"stop": true}',
    '{"region": [1, 2, 3]}', '{"region": [5, 5, 5, 9]}', '{"region": [0, 0, 1.5, 2]}', '{"region": [-1, 0, 5, 5]}',
    '{"region": [0, 0, 999999999, 5]}', "[" * 3000,
])  # fmt: skip
def test_wrong_input_is_refused_and_changes_nothing(show: Show, body: str) -> None:
    before = show.controls.task
    status, answer = show.ask("/task", "POST", body)
    assert status == 400 and b"Traceback" not in answer
    assert show.controls.task == before


def test_large_bodies_and_too_many_viewers_are_turned_away(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """One client takes all the memory, or all the connections."""
    with suppress(ConnectionError, http.client.HTTPException):  # It may hang up before all of it was sent.
        assert show.ask("/task", "POST", "a" * 100_000)[0] in (400, 413)
    monkeypatch.setattr(handlers, "VIEWERS", 2)
    sockets = [socket.create_connection(("127.0.0.1", show.preview.port)) for _ in range(2)]
    for one in sockets:
        one.sendall(b"GET /pictures HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in one.recv(100)
    assert show.ask("/pictures")[0] == 503
    for one in sockets:
        one.close()
    assert wait_for(lambda: show.ask("/pictures")[0] == 200, 15)


def test_a_viewer_that_takes_nothing_does_not_slow_the_reading(show: Show) -> None:
    """A telephone that went out of reach stops the reading."""
    with socket.create_connection(("127.0.0.1", show.preview.port)) as idle:
        idle.sendall(b"GET /pictures HTTP/1.1\r\nHost: localhost\r\n\r\n")
        before = show.sights
        assert wait_for(lambda: show.sights - before >= 30, 60)


def test_without_the_token_nobody_gets_in() -> None:
    with Show(token="secret") as show:
        assert wait_for(lambda: show.sights > 0, 20)
        for path in ("/", "/pictures", "/states", "/history.json", "/page.js"):
            assert show.ask(path)[0] == 403
            assert show.ask(path + "?token=wrong")[0] == 403
        assert show.ask("/task", "POST", "{}")[0] == 403
        assert show.ask("/?token=secret")[0] == 200
        assert show.ask("/history.json", Cookie=f"{handlers.COOKIE}=secret")[0] == 200


# Tornado leaves its socket open when the port is taken; it is collected here, not in some later test.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_taken_port_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PreviewError, match="choose another port"):
            Preview(f"127.0.0.1:{other.getsockname()[1]}", Controls(Task())).__enter__()
    gc.collect()


def test_other_machines_need_a_token() -> None:
    """The camera is shown to everybody in the network."""
    with pytest.raises(PreviewError, match="--token"):
        Preview("0.0.0.0:0", Controls(Task()))


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


def test_who_is_let_in() -> None:
    assert may_be_host("192.168.1.5:8080", "0.0.0.0") and may_be_host("[::1]:80", "::1")
    assert may_be_host("Pi.local", "pi.local") and not may_be_host("", "x") and not may_be_host("evil.com", "x")
    assert same_origin(None, "a:1") and same_origin("http://a:1", "a:1") and not same_origin("null", "a:1")
    assert is_token(None, None) and is_token("x", "x") and not is_token(None, "x") and not is_token("é", "x")


def test_a_task_is_taken_as_it_is_meant() -> None:
    assert parse_task(b'{"charset": "", "region": null}') == {"charset": None, "region": None}
    assert parse_task(b'{"region": [1, 2, 3, 4], "paused": false}') == {"region": Box(1, 2, 3, 4), "paused": False}


def test_a_table_holds_no_formulas() -> None:
    """A spreadsheet runs what was written on the paper."""
    table, _ = render_history([{"time": 1.0, "text": "=1+2", "confidence": 0.5}], "csv")
    assert "'=1+2" in table


def test_a_feed_encodes_once_a_picture() -> None:
    feed = Feed()
    assert feed.picture() == (-1, b"") and feed.number == 0
    feed.put(Sight(WRITING, None, page("A"), page("A"), None), Statistics())
    assert feed.picture()[1] is feed.picture()[1]
    assert json.loads(feed.state({}))["page"]["text"] == "A" and feed.history()[0]["text"] == "A"


def shows(tab, selector: str, text: object) -> None:
    """Wait until an element shows a text, runs of white space as one space."""
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect(tab.locator(selector)).to_have_text(text, timeout=20_000)


PIXELS = """() => {
  const [picture, canvas] = [document.getElementById("picture"), document.createElement("canvas")];
  [canvas.width, canvas.height] = [8, 8];
  canvas.getContext("2d").drawImage(picture, 0, 0, 8, 8);
  return Array.from(canvas.getContext("2d").getImageData(0, 0, 8, 8).data).join();
}"""


def test_in_a_browser_the_picture_moves_and_the_text_is_right(browser, show: Show) -> None:
    tab = browser.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(show.preview.url)
    shows(tab, "#text", "A1BO 1A BOB")
    seen = {tab.evaluate(PIXELS)}
    for _ in range(20):
        tab.wait_for_timeout(150)
        seen.add(tab.evaluate(PIXELS))
    assert len(seen) > 3
    assert tab.locator("#history li").count() >= 1
    assert "frames/s" in tab.inner_text("#status") and errors == []
    tab.close()


def test_in_a_browser_a_dragged_region_is_read_alone(browser, show: Show) -> None:
    """The choice of a region does nothing, or reads another part of the picture."""
    tab, other = browser.new_page(viewport={"width": 400, "height": 800}), browser.new_page()
    for one in (tab, other):
        one.goto(show.preview.url)
        shows(one, "#text", "A1BO 1A BOB")
    area = tab.locator("#stage").bounding_box()
    assert area is not None
    tab.mouse.move(area["x"] + 2, area["y"] + 2)
    tab.mouse.down()
    tab.mouse.move(area["x"] + area["width"] - 2, area["y"] + area["height"] * 0.38, steps=5)
    tab.mouse.up()
    for one in (tab, other):  # The second viewer sees the same.
        shows(one, "#text", "A1BO")
    tab.click("#whole")
    shows(tab, "#text", "A1BO 1A BOB")
    tab.fill("#charset", "0-9")
    tab.click("#task button")
    shows(tab, "#text", re.compile(r"^[0-9\s]*$"))
    tab.click("#pause")
    shows(tab, "#status", "paused")
    tab.close()
    other.close()


def test_in_a_browser_a_wrong_token_shows_nothing_and_the_end_is_told(browser) -> None:
    tab = browser.new_page()
    with Show(token="secret") as show:
        assert tab.goto(show.preview.url.replace("secret", "guess")).status == 403
        assert tab.goto(show.preview.url).status == 200
        shows(tab, "#text", re.compile("A1BO"))
    shows(tab, "#status", re.compile("connection lost"))
    tab.close()
