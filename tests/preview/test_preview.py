"""The page's server: what it serves, and what it makes of what viewers ask for."""

import base64
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from itertools import islice

import cv2
import numpy as np
import pytest

pytest.importorskip("tornado", reason="the page's library is an extra: pip install 'edge-ocr[preview]'")

from edge_ocr import BadCharset, BadPattern, CameraLost, PreviewError
from edge_ocr.errors import EdgeOcrError
from edge_ocr.live.capture import Shot
from edge_ocr.live.loop import Sight
from edge_ocr.live.region import Region
from edge_ocr.live.rules import RULES, Rules
from edge_ocr.live.statistics import Statistics
from edge_ocr.live.steady import MIN_CONFIDENCE
from edge_ocr.live.task import Task
from edge_ocr.live.watch import Finding
from edge_ocr.page import Box, Page
from edge_ocr.preview import feed as feeds
from edge_ocr.preview.access import parse_address
from edge_ocr.preview.feed import Feed, describe, to_json
from edge_ocr.preview.programs import metrics
from edge_ocr.preview.requests import describe_task, parse_task
from tests.live.test_capture import Fake, wait_for
from tests.live.test_steady import page
from tests.preview_show import WRITING, Breathing, Show, read_anew_without_end


def shot(number: int = 1) -> Shot:
    return Shot(WRITING, time.monotonic(), 0.0, number)


def sight(voted: Page | None, given: Page | None, trouble: EdgeOcrError | None, of: Shot | None = None) -> Sight:
    """What the loop shows of its only region."""
    of = of or shot()
    return Sight(of.image, (Finding(Region(), voted, voted, given, trouble),), trouble, of)


def lost(trouble: str = "the cable was pulled") -> Sight:
    return Sight(None, (Finding(Region(), voted=page("A")),), CameraLost(trouble))


def fed(*sights: Sight) -> Feed:
    feed = Feed()
    for one in sights:
        if one.shot is not None:
            feed.see(one.shot)
        feed.put(one, Statistics(pictures=1))
    return feed


class Cut(Breathing):
    """A camera whose cable is pulled once it has given some pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.is_cut = threading.Event()

    def grab(self) -> np.ndarray | None:
        if self.is_cut.is_set():
            raise CameraLost("the cable was pulled")
        return super().grab()


def test_the_page_and_its_parts_are_served(show: Show) -> None:
    parts = ("/", b"<title>edge-ocr"), ("/page.js", b"import"), ("/page.css", b"color-scheme"), ("/icon.svg", b"<svg")
    for path, word in parts:
        status, body = show.ask(path)
        assert status == 200 and word in body
    for path in ("/server.py", "/../errors.py", "/nowhere.js", "/login.html"):
        assert show.ask(path)[0] == 404


@pytest.mark.parametrize("path", [
    "/", "/page.js", "/history.csv", "/history.json", "/snapshot.jpg", "/api/reading", "/healthz", "/metrics",
    "/pictures", "/frames", "/task",
])  # fmt: skip
def test_head_tells_what_get_would_send(show: Show, path: str) -> None:
    """Programs that look before they load learn that there is nothing."""
    assert show.ask(path, "HEAD") == (200, b"")


def test_pictures_are_streamed_for_other_programs(show: Show) -> None:
    assert b"Content-Type: image/jpeg" in show.ask("/pictures")[1]


def test_each_message_has_the_boxes_of_its_own_picture(show: Show) -> None:
    """Boxes lead or trail by a picture."""
    assert wait_for(lambda: b"A1BO" in show.ask("/history.txt")[1], 20)
    number, jpegs = 0, 0
    for message, jpeg in islice(show.messages(), 40):
        if "picture" in message:
            assert message["picture"]["number"] >= number, "the film runs backwards"
            number = message["picture"]["number"]
            assert (message["picture"]["width"], message["picture"]["height"]) == (640, 360)
            assert [line["text"] for line in message["picture"]["lines"]] == ["A1BO", "1A BOB"]
        jpegs += bool(jpeg)
    assert jpegs > 5


def test_the_film_runs_on_while_a_reading_lasts(show: Show) -> None:
    """On a small board the page stands still for seconds."""
    read_anew_without_end(show)
    sights, messages = show.sights, show.messages()
    numbers = {message["picture"]["number"] for message, _ in islice(messages, 60) if "picture" in message}
    assert len(numbers) > 10 and show.sights == sights
    show.may_read.set()
    messages.close()


def test_a_lost_camera_is_told_with_since_when_and_nothing_of_it_stays() -> None:
    """Boxes and text of an hour ago look like those of now."""
    camera = Cut()
    with Show(camera) as show:
        assert wait_for(lambda: b'"confirmed": {' in show.ask("/api/reading")[1], 20)
        assert show.ask("/healthz") == (200, b'{"status": "reading"}') and show.ask("/snapshot.jpg")[0] == 200
        before = time.time()
        camera.is_cut.set()
        assert wait_for(lambda: show.ask("/healthz")[0] == 503, 20)
        reading = json.loads(show.ask("/api/reading")[1])
        assert reading["status"] == "lost" and before <= reading["since"] <= time.time()
        assert reading["regions"][0]["now"] == [] and "cable" in reading["trouble"]
        assert reading["regions"][0]["confirmed"]["text"].startswith("A1BO")
        assert show.ask("/snapshot.jpg")[0] == 503 and show.ask("/snapshot.jpg?boxes=1")[0] == 503
        camera.is_cut.clear()
        assert wait_for(lambda: show.ask("/healthz")[0] == 200, 20)


def test_a_camera_that_never_gave_a_picture_is_not_called_healthy() -> None:
    with Show(Fake(0, losses=10**6)) as show:
        assert wait_for(lambda: b'"lost"' in show.ask("/healthz")[1])
        assert show.ask("/healthz")[0] == 503


def test_a_camera_that_rests_is_told_with_until_when() -> None:
    """The page says that it reads while the camera sleeps, and who watches its health is called out of bed."""
    feed = fed(sight(page("A"), page("A"), None))
    feed.put(Sight(None, (Finding(Region(), voted=page("A")),), None, resting_s=300.0), Statistics(pictures=1))
    state = feed.state(paused=False)
    assert state["status"] == "resting" and 290 < state["until"] - time.time() <= 300
    assert state["regions"][0]["now"] and "edge_ocr_camera_up 1" in "".join(metrics(feed))
    feed.put(sight(page("A"), None, None), Statistics(pictures=2))
    assert feed.state(paused=False)["status"] == "reading" and feed.state(paused=False)["until"] is None


def test_the_history_is_given_as_text_table_and_json(show: Show) -> None:
    assert wait_for(lambda: b"A1BO" in show.ask("/history.txt")[1])
    assert show.ask("/history.csv")[1].startswith(b"time,text,confidence")
    entry = json.loads(show.ask("/history.json")[1])[0]
    assert entry["text"] == "A1BO\n1A BOB"
    assert show.ask(f"/history/{entry['number']}.jpg")[1].startswith(b"\xff\xd8")
    assert show.ask("/history/9999.jpg")[0] == 404


def test_a_snapshot_has_the_cameras_size_and_boxes_if_asked(show: Show) -> None:
    """Other programs get the page's small picture."""
    plain, boxed = (
        cv2.imdecode(np.frombuffer(show.ask(path)[1], np.uint8), cv2.IMREAD_COLOR)
        for path in ("/snapshot.jpg", "/snapshot.jpg?boxes=1")
    )
    assert plain.shape[:2] == boxed.shape[:2] == WRITING.shape[:2]
    colour = np.ptp(boxed.astype(int), axis=2).max()
    assert np.ptp(plain.astype(int), axis=2).max() < 40 < colour


def test_prometheus_can_read_the_figures(show: Show) -> None:
    parser = pytest.importorskip("prometheus_client.parser", reason="it reads the figures as Prometheus does")
    text = show.ask("/metrics")[1].decode()
    families = {family.name: family for family in parser.text_string_to_metric_families(text)}
    assert families["edge_ocr_pictures"].samples[0].value > 3
    assert families["edge_ocr_camera_up"].samples[0].value == 1
    assert {sample.labels["stage"] for sample in families["edge_ocr_stage_seconds"].samples} >= {"ink", "decode"}
    assert all(family.documentation for family in families.values())


@pytest.mark.parametrize("body", [
    "", "no json", "[]", '{"regions": 5}', '{"paused": 1}', '{"stop": true}', "[" * 3000, '{"ignored": [[1, 2, 3]]}',
    '{"regions": []}', '{"regions": [5]}', '{"regions": [{"box": [5, 5, 5, 9]}]}',
    '{"regions": [{"box": [0, 0, 1.5, 2]}]}', '{"regions": [{"box": [-1, 0, 5, 5]}]}',
    '{"regions": [{"box": [0, 0, 999999999, 5]}]}', '{"regions": [{"colour": "red"}]}',
    '{"regions": [{"charset": 5}]}', json.dumps({"regions": [{"pattern": "a" * 201}]}),
    '{"regions": [{"min_confidence": 1.5}]}', '{"regions": [{"min_confidence": "much"}]}',
    '{"regions": [{"min_confidence": true}]}', '{"regions": [{"min_confidence": NaN}]}',
    r'{"regions": [{"charset": "\ud800"}]}', r'{"regions": [{"pattern": "a\u0000"}]}',
    '{"regions": [{"name": "a"}, {"name": "a"}]}', '{"regions": [{}, {}]}', '{"regions": [{"name": "/"}]}',
    json.dumps({"regions": [{"name": f"a{number}"} for number in range(17)]}),
])  # fmt: skip
def test_wrong_input_is_refused_and_changes_nothing(show: Show, body: str) -> None:
    before = show.controls.task
    status, answer = show.ask("/task", "POST", body)
    assert status == 400 and b"Traceback" not in answer
    assert show.controls.task == before
    assert show.ask("/api/reading")[0] == 200


@pytest.mark.parametrize("field", ["name", "charset", "pattern", "pattern_in", "min_confidence", "box", *RULES])
def test_a_refusal_says_which_field_it_is_about(show: Show, field: str) -> None:
    """The page cannot say it where the viewer looks."""
    _, answer = show.ask("/task", "POST", json.dumps({"regions": [{field: ["?"]}]}))
    refusal = json.loads(answer)
    assert refusal["field"] == field and refusal["sentence"].startswith("expected")


def test_a_task_is_taken_as_it_is_meant() -> None:
    assert parse_task(b'{"regions": [{"charset": "", "box": null}]}') == {"regions": (Region(),)}
    wishes = b'{"regions": [{"name": "a", "pattern_in": "A1", "min_confidence": 1, "box": [1, 2, 3, 4]}]}'
    region = Region("a", Box(1, 2, 3, 4), pattern_in="A1", min_confidence=1.0)
    assert parse_task(wishes) == {"regions": (region,)}
    meter = b'{"regions": [{"digits": 5, "largest_step": 0.5, "never_falling": true, "unit": "kWh"}]}'
    assert parse_task(meter)["regions"][0].rules == Rules(5, True, Decimal("0.5"), "kWh")
    assert parse_task(b'{"regions": [{"min_confidence": null}]}')["regions"][0].min_confidence == MIN_CONFIDENCE
    assert parse_task(b'{"paused": false, "ignored": [[1, 2, 3, 4]]}') == {
        "paused": False,
        "ignored": (Box(1, 2, 3, 4),),
    }


def test_a_task_can_be_sent_back_as_it_was_described() -> None:
    """A program that changes one wish loses the others."""
    meter = Region("b", pattern=r"\d+", rules=Rules(4, largest_step=Decimal("2.5"), unit="m³"))
    task = Task((Region("a", Box(1, 2, 3, 4), "0-9"), meter), (Box(0, 0, 9, 9),), paused=True)
    assert Task(**parse_task(json.dumps(describe_task(task)).encode())) == task


def test_a_pattern_that_cannot_be_used_is_said_at_its_field() -> None:
    """The sentence stands far from what it is about, or nowhere."""
    for error, field in ((BadPattern("too many"), "pattern"), (BadCharset("none"), "charset"), (CameraLost("?"), None)):
        assert fed(sight(None, None, error)).state(paused=False)["regions"][0]["field"] == field


def test_what_was_rejected_is_shown_on_the_page_and_reported_nowhere() -> None:
    """A viewer does not see why a line is missing."""
    doubtful = replace(page("A"), rejected=page("MAYBE").lines)
    feed = fed(sight(doubtful, doubtful, None))
    drawing = feed.drawing()
    assert drawing is not None and describe(drawing)["doubtful"][0]["text"] == "MAYBE"
    assert [entry.text for entry in feed.history()] == ["A"]


def test_what_is_seen_now_stands_apart_from_what_was_confirmed() -> None:
    """A misreading of one picture looks like a result."""
    feed = fed(sight(page("GATE 47"), page("GATE 47"), None), sight(page("GATE 41"), None, None, shot(2)))
    (region,) = feed.state(paused=False)["regions"]
    assert [line["text"] for line in region["now"]] == ["GATE 41"]
    assert region["confirmed"]["text"] == "GATE 47" and region["confirmed"]["confidence"] == 0.9


def test_advice_is_given_when_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A note that is brought in flashes a warning; or nobody learns why nothing is read."""
    monkeypatch.setattr(feeds, "ADVISED_S", 0.0)
    dark = Shot(np.full((90, 160), 10, np.uint8), time.monotonic(), 0.0, 1)
    feed = fed(sight(None, None, None, dark))
    assert feed.state(paused=False)["advice"] is None
    feed.put(sight(None, None, None, dark), Statistics(pictures=2))
    assert feed.state(paused=False)["advice"]["kind"] == "dark"
    feed.put(sight(page("A"), None, None, dark), Statistics(pictures=3))
    assert feed.state(paused=False)["advice"] is None
    assert feed.state(paused=True)["status"] == "paused"


def test_a_viewer_that_takes_nothing_does_not_slow_the_reading(show: Show) -> None:
    """A telephone that went out of reach stops the reading."""
    with socket.create_connection(("127.0.0.1", show.preview.port)) as idle:
        idle.sendall(b"GET /frames HTTP/1.1\r\nHost: localhost\r\n\r\n")
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


def test_viewers_that_come_together_share_one_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight viewers cost a small board eight encodings a picture."""
    encoded = []
    come = threading.Barrier(4)

    def encode(image: object, longest: int, quality: int) -> bytes:
        time.sleep(0.1)
        encoded.append(image)
        return b"jpeg"

    picture = shot()
    feed = Feed()

    def look(_: int) -> bytes:
        come.wait(5)
        return feed.jpeg(picture)

    monkeypatch.setattr(feeds, "encode", encode)
    with ThreadPoolExecutor(4) as viewers:
        assert list(viewers.map(look, range(4))) == [b"jpeg"] * 4
    assert len(encoded) == 1


def test_a_state_can_be_sent_whatever_it_tells() -> None:
    """A camera whose file name is no UTF-8 takes the page away as soon as it is lost."""
    state = to_json(fed(lost("\udcff.mp4 is gone")).state(paused=False))
    assert json.loads(state.encode())["trouble"] == "\udcff.mp4 is gone"


def test_programs_may_show_the_token_in_a_header() -> None:
    """Home Assistant and Prometheus must put it in an address, where logs keep it."""
    with Show(token="long secret") as show:
        basic = base64.b64encode(b"anybody:long secret").decode()
        for header in ("Bearer long secret", f"Basic {basic}"):
            assert show.ask("/metrics", Authorization=header)[0] == 200
        assert show.ask("/metrics", Authorization="Basic ?")[0] == 403
        assert show.ask("/metrics")[0] == 401 and show.ask("/snapshot.jpg")[0] == 401
        assert show.ask("/healthz")[0] in (200, 503), "health needs no token"
