"""Who gets into the page, how many, and for how long; and that nothing of it stands in the journal."""

import gc
import http.client
import socket
import subprocess
import sys
from contextlib import suppress
from urllib.parse import quote

import pytest

pytest.importorskip("tornado", reason="the page's library is an extra: pip install 'edge-ocr[preview]'")

from edge_ocr import PreviewError
from edge_ocr.live.task import Controls, Task
from edge_ocr.preview import Preview, connections, handlers
from edge_ocr.preview.access import cookie_of, knows_token, may_be_host, same_origin
from tests.live.test_capture import wait_for
from tests.preview_show import Show


@pytest.mark.parametrize(("headers", "status"), [
    ({"Host": "evil.example"}, 421), ({"Host": "evil.example:80"}, 421), ({"Host": "localhost"}, 200),
    ({"Host": "[::1"}, 421), ({"Host": "a]b"}, 421),
])  # fmt: skip
def test_another_name_than_this_machines_is_refused(show: Show, headers: dict[str, str], status: int) -> None:
    """A stranger's page reads the picture under a name that was made to point here."""
    assert show.ask("/", **headers)[0] == status


def test_another_origin_changes_nothing(show: Show) -> None:
    """A stranger's page, open in the viewer's browser, pauses the reading."""
    for origin in ("http://evil.example", "http://[x", "null"):
        assert show.ask("/task", "POST", '{"paused": true}', Origin=origin)[0] == 403
    assert not show.controls.task.paused
    own = f"http://127.0.0.1:{show.preview.port}"
    assert show.ask("/task", "POST", '{"paused": true}', Origin=own)[0] == 200
    assert show.controls.task.paused


def test_who_is_let_in() -> None:
    assert may_be_host("192.168.1.5:8080", "0.0.0.0") and may_be_host("[::1]:80", "::1")
    assert may_be_host("Pi.local", "pi.local") and not may_be_host("", "x") and not may_be_host("evil.com", "x")
    assert same_origin(None, "a:1") and same_origin("http://a:1", "a:1") and not same_origin("null", "a:1")
    assert knows_token(None, None, None) and knows_token("x", None, "x") and knows_token(None, cookie_of("x"), "x")
    wrong = [(given, cookie) for given in (None, "", "é", cookie_of("x")) for cookie in (None, "x")]
    assert not any(knows_token(given, cookie, "x") for given, cookie in wrong)


def test_without_the_token_nobody_gets_in() -> None:
    with Show(token="secret") as show:
        assert wait_for(lambda: show.sights > 0, 20)
        for path in ("/", "/pictures", "/states", "/history.json", "/page.js"):
            assert show.ask(path)[0] == 403
            assert show.ask(path + "?token=wrong")[0] == 403
            assert show.ask(path, Cookie=f"{handlers.COOKIE}=secret")[0] == 403
        assert show.ask("/task", "POST", "{}")[0] == 403
        assert show.ask("/?token=secret")[0] == 200


@pytest.mark.parametrize("token", ["a+b", "a#b", "ü ä&x", "a b", " a ", "a;b", '%41"', "\N{GRINNING FACE}"])
def test_any_token_opens_the_address_that_was_printed(token: str) -> None:
    """The page says 403 to who has the right token, or fails over the cookie."""
    with Preview("127.0.0.1:0", Controls(Task()), token=token) as preview:
        connection = http.client.HTTPConnection("127.0.0.1", preview.port, timeout=10)
        connection.request("GET", preview.url.partition(str(preview.port))[2])
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read()
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        assert quote(token, safe="") not in cookie
        connection.request("GET", "/history.json", headers={"Cookie": cookie})
        assert connection.getresponse().status == 200
        connection.close()


@pytest.mark.parametrize("token", ["", "a\nb", "\udcff"])
def test_a_token_that_no_address_can_hold_is_refused(token: str) -> None:
    """An empty one, of a variable that was not set, lets everybody in; the others let nobody in."""
    with pytest.raises(PreviewError, match="printable"):
        Preview("127.0.0.1:0", Controls(Task()), token=token)


# Tornado leaves its socket open when the port is taken; it is collected here, not in some later test.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_taken_port_is_reported() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PreviewError, match="choose another port"):
            Preview(f"127.0.0.1:{other.getsockname()[1]}", Controls(Task())).__enter__()
    gc.collect()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("host", ["192.0.2.7", "no-such-host.invalid"])
def test_an_address_that_is_not_this_machines_is_reported(host: str) -> None:
    """The user tries port after port."""
    with pytest.raises(PreviewError, match="choose another address"):
        Preview(f"{host}:8080", Controls(Task()), token="x").__enter__()
    gc.collect()


def test_other_machines_need_a_token() -> None:
    """The camera is shown to everybody in the network."""
    with pytest.raises(PreviewError, match="--token"):
        Preview("0.0.0.0:0", Controls(Task()))


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


def answers(show: Show) -> bool:
    with suppress(ConnectionError, http.client.HTTPException):
        return show.ask("/")[0] == 200
    return False


def begin(show: Show, request: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", show.preview.port), timeout=10)
    connection.sendall(request)
    return connection


UNFINISHED = b"POST /task HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"


@pytest.mark.parametrize(("limit", "sent"), [
    ("BODY_S", UNFINISHED), ("IDLE_S", b"GET / HTTP/1.1\r\n"), ("IDLE_S", b""),
])  # fmt: skip
def test_a_request_that_is_never_finished_is_dropped(monkeypatch: pytest.MonkeyPatch, limit: str, sent: bytes) -> None:
    """Whoever opens connections and leaves them shuts everybody else out."""
    monkeypatch.setattr(connections, limit, 0.5)
    with Show() as show, begin(show, sent) as connection:
        assert connection.recv(100) == b""


def test_no_more_connections_than_can_be_borne(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred unfinished requests take the board's memory and its files."""
    monkeypatch.setattr(connections, "CONNECTIONS", 3)
    held = [begin(show, UNFINISHED) for _ in range(3)]
    with begin(show, b"") as beyond:
        assert beyond.recv(100).startswith(b"HTTP/1.1 503 too many connections")
        while beyond.recv(100):
            pass
    assert not answers(show)
    for connection in held:
        connection.close()
    assert wait_for(lambda: answers(show))


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system cuts nobody off")
def test_who_takes_nothing_of_an_answer_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telephones that went out of reach hold all connections, for a quarter of an hour each."""
    monkeypatch.setattr(connections, "UNTAKEN_S", 1.0)
    monkeypatch.setattr(connections, "CONNECTIONS", 1)
    monkeypatch.setattr(handlers, "render_history", lambda entries, form: ("A" * 8_000_000, "text/plain"))
    with Show() as show, socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", show.preview.port))
        stuck.sendall(b"GET /history.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert stuck.recv(15) == b"HTTP/1.1 200 OK"
        assert wait_for(lambda: answers(show), 30)


REQUESTS = """
import http.client
from edge_ocr.live.task import Controls, Task
from edge_ocr.preview import Preview

with Preview("127.0.0.1:0", Controls(Task()), token="secret") as preview:
    for path in ("/?token=secret", "/?token=secret%ff", "/nowhere?token=secret", "/states?token=secret"):
        connection = http.client.HTTPConnection("127.0.0.1", preview.port)
        connection.request("GET", path)
        print(connection.getresponse().status)
"""


def test_nothing_of_a_request_stands_in_the_journal() -> None:
    """Tornado's lines name the address with the token, for everybody who may read the journal."""
    done = subprocess.run([sys.executable, "-c", REQUESTS], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["200", "400", "404", "200"]
    assert done.stderr == ""
