"""Who gets into the page, how many, and for how long; and that nothing of it stands in the journal."""

import gc
import http.client
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

pytest.importorskip("tornado", reason="the page's library is an extra: pip install 'edge-ocr[preview]'")

from edge_ocr import PreviewError
from edge_ocr.commands.main import make_parser
from edge_ocr.live.task import Controls, Task
from edge_ocr.preview import Preview, connections, handlers
from edge_ocr.preview.access import Access, cookie_of, is_same, parse_network
from edge_ocr.preview.connections import CONNECTIONS, FROM_ONE
from edge_ocr.preview.guarded import COOKIE
from edge_ocr.preview.guesses import FREE, LONGEST_WAIT_S, REMEMBERED, Guesses
from edge_ocr.preview.options import access_of
from tests.live.test_capture import wait_for
from tests.preview_show import Show

SECRET = "long secret"


def answer(
    show: Show, path: str, method: str = "GET", body: str | None = None, **headers: str
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", show.preview.port, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    got = connection.getresponse()
    got.body = got.read(100_000)  # type: ignore[attr-defined]
    connection.close()
    return got


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


@pytest.mark.parametrize(("site", "mode", "status"), [
    ("same-origin", "no-cors", 200), ("none", "navigate", 200), ("cross-site", "navigate", 200),
    ("cross-site", "no-cors", 403), ("cross-site", "cors", 403), ("same-site", "no-cors", 403),
])  # fmt: skip
def test_another_site_cannot_show_the_picture(show: Show, site: str, mode: str, status: int) -> None:
    """Any page that the viewer opens sees what the camera sees, through the viewer's cookie."""
    got = answer(show, "/snapshot.jpg", Sec_Fetch_Site=site, Sec_Fetch_Mode=mode)
    assert got.status == status
    assert got.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_proxy_with_a_name_of_its_own_is_let_in_when_it_is_allowed() -> None:
    """The page says 421 under ocr.example.com, and nothing can be changed there."""
    with Show(hosts=frozenset({"ocr.example.com"}), embedders=("https://home.example.com",), base="/ocr") as show:
        for host in ("ocr.example.com", "OCR.example.com:443"):
            assert show.ask("/", Host=host)[0] == 200
        # Some proxies keep the browser's Host header, others write their own.
        for headers in ({"Host": "ocr.example.com"}, {}):
            origin = {"Origin": "https://ocr.example.com"}
            assert show.ask("/task", "POST", '{"paused": true}', **headers, **origin)[0] == 200
        assert show.ask("/", Host="other.example.com")[0] == 421
        policy = answer(show, "/").headers["Content-Security-Policy"]
        assert "frame-ancestors 'self' https://home.example.com;" in policy
        assert show.ask("/ocr/page.css")[0] == show.ask("/page.css")[0] == 200
        assert answer(show, "/ocr").headers["Location"] == "/ocr/"


def test_only_a_trusted_proxy_says_who_asks() -> None:
    """A stranger passes for another address, or for another name, by a header."""
    forged = {"X_Forwarded_Host": "evil.example", "X_Forwarded_For": "192.0.2.1"}
    with Show() as show:
        assert answer(show, "/", **forged).status == 200, "the header counts though nobody trusts the proxy"
    with Show(proxies=(parse_network("127.0.0.0/8"),), hosts=frozenset({"ocr.example.com"})) as show:
        assert answer(show, "/", **forged).status == 421
        assert answer(show, "/", X_Forwarded_Host="ocr.example.com").status == 200


def test_behind_https_the_cookie_is_for_https_and_for_the_path_of_the_proxy() -> None:
    """The cookie goes to other programs of the same host, or over a line that others can read."""
    with Show(token=SECRET, proxies=(parse_network("127.0.0.1"),), embedders=("https://home.example",)) as show:
        headers = {"X_Forwarded_Proto": "https", "X_Ingress_Path": "/api/hassio_ingress/x-Y_1"}
        cookie = answer(show, f"/?token={quote(SECRET)}", **headers).headers["Set-Cookie"]
        assert "Secure" in cookie and "Path=/api/hassio_ingress/x-Y_1/" in cookie and "SameSite=None" in cookie
        headers = {"X_Forwarded_Prefix": "/a b;Domain=evil"}
        cookie = answer(show, f"/?token={quote(SECRET)}", **headers).headers["Set-Cookie"]
        assert "Path=/;" in cookie and "SameSite=Strict" in cookie and "evil" not in cookie


@pytest.mark.parametrize("wrong", [
    {"hosts": frozenset({"a b"})}, {"hosts": frozenset({"https://a"})}, {"embedders": ("home.example",)},
    {"embedders": ("https://a; script-src *",)}, {"base": "ocr"}, {"base": "/o r"}, {"base": "/../x;"},
])  # fmt: skip
def test_names_that_would_change_a_header_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(PreviewError, match="expected one"):
        Access(**wrong)  # type: ignore[arg-type]


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(PreviewError, match="or a network"):
        parse_network("proxy.local")


def test_without_the_token_nobody_gets_in() -> None:
    with Show(token=SECRET) as show:
        assert wait_for(lambda: show.sights > 0, 20)
        paths = (
            "/pictures",
            "/frames",
            "/history.json",
            "/page.js",
            "/snapshot.jpg",
            "/api/reading",
            "/metrics",
            "/task",
        )
        for path in ("/", *paths):
            assert show.ask(path)[0] == 401
            assert show.ask(path, Cookie=f"{COOKIE}={SECRET}")[0] == 401
        assert show.ask("/task", "POST", "{}")[0] == 401
        assert show.ask("/", Cookie=f"{COOKIE}={cookie_of(SECRET)}")[0] == 200
        assert is_same(SECRET, SECRET) and not is_same("", SECRET) and not is_same("é", SECRET)


def test_who_has_no_token_is_asked_for_it() -> None:
    """The page says 401 and nothing else; or the token stays in the address bar."""
    with Show(token=SECRET) as show:
        asked = answer(show, "/")
        assert asked.status == 401 and b'<form method="post" action="login">' in asked.body
        assert show.ask("/page.css")[0] == 200, "the page that asks looks broken"
        kind = {"Content_Type": "application/x-www-form-urlencoded"}
        wrong = answer(show, "/login", "POST", urlencode({"token": "guess"}), **kind)
        assert wrong.status == 403 and b"wrong token" in wrong.body and "Set-Cookie" not in wrong.headers
        right = answer(show, "/login", "POST", urlencode({"token": SECRET}), **kind)
        assert (right.status, right.headers["Location"]) == (303, "./")
        cookie = right.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and SECRET not in cookie
        assert show.ask("/history.json", Cookie=cookie.partition(";")[0])[0] == 200
        evil = answer(show, "/login", "POST", urlencode({"token": SECRET}), Origin="http://evil.example", **kind)
        assert evil.status == 403 and "Set-Cookie" not in evil.headers


@pytest.mark.parametrize(
    "token", ["abcdef+b", "abcdef#b", "ü ä&xyzä", " a b c d e ", '%41"abcde', "\N{GRINNING FACE}" * 8]
)
def test_any_token_opens_an_address_that_holds_it_and_does_not_stay_there(token: str) -> None:
    """Who has the right token is refused, or it stays in the browser's history."""
    with Preview("127.0.0.1:0", Controls(Task()), Access(token)) as preview:
        connection = http.client.HTTPConnection("127.0.0.1", preview.port, timeout=10)
        connection.request("GET", f"/?token={quote(token, safe='')}")
        got = connection.getresponse()
        assert (got.status, got.headers["Location"]) == (303, "./") and not got.read()
        cookie = got.headers["Set-Cookie"].partition(";")[0]
        assert quote(token, safe="") not in cookie
        connection.request("GET", "/history.json", headers={"Cookie": cookie})
        assert connection.getresponse().status == 200
        connection.close()


@pytest.mark.parametrize(("token", "why"), [
    ("", "0 characters"), ("short", "5 characters"), ("a\nbcdefgh", "printable"), ("\udcffabcdefgh", "printable"),
])  # fmt: skip
def test_a_token_that_is_soon_guessed_is_refused_and_never_repeated(token: str, why: str) -> None:
    """An empty one, of a variable that was not set, lets everybody in."""
    with pytest.raises(PreviewError, match=why) as refusal:
        Access(token)
    assert not token or token not in str(refusal.value)


def test_guesses_are_slowed_down() -> None:
    """A program tries all short tokens in an afternoon."""
    with Show(token=SECRET) as show:
        statuses = [show.ask(f"/?token=guess{number}")[0] for number in range(FREE + 3)]
        assert statuses == [403] * FREE + [429] * 3
        late = answer(show, "/", Authorization=f"Bearer {SECRET}")
        assert late.status == 429 and int(late.headers["Retry-After"]) >= 1
        assert show.ask("/", Cookie=f"{COOKIE}={cookie_of(SECRET)}")[0] == 200, "who was in before is shut out"


def test_waits_grow_and_end() -> None:
    now = [0.0]
    guesses = Guesses(lambda: now[0])
    waits = []
    for _ in range(FREE + 12):
        guesses.wrong("192.0.2.1")
        waits.append(guesses.wait("192.0.2.1"))
    assert waits[: FREE - 1] == [0.0] * (FREE - 1) and waits[FREE - 1 :] == sorted(waits[FREE - 1 :])
    assert waits[-1] == LONGEST_WAIT_S and guesses.wait("192.0.2.2") == 0.0
    now[0] += LONGEST_WAIT_S
    assert guesses.wait("192.0.2.1") == 0.0
    guesses.right("192.0.2.1")
    guesses.wrong("192.0.2.1")
    assert guesses.wait("192.0.2.1") == 0.0


def test_a_network_of_addresses_counts_as_one_and_all_are_bounded() -> None:
    """One customer has 2^64 addresses to guess from; or the list of them takes all memory."""
    guesses = Guesses(lambda: 0.0)
    for number in range(FREE + 1):
        guesses.wrong(f"2001:db8::{number:x}")
    assert guesses.wait("2001:db8::ffff") > 0
    for number in range(REMEMBERED):
        guesses.wrong(f"10.0.{number // 250}.{number % 250}")
    assert guesses.wait("2001:db8::ffff") == 0


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
        Preview(f"{host}:8080", Controls(Task()), Access(SECRET)).__enter__()
    gc.collect()


def test_other_machines_need_a_token() -> None:
    """The camera is shown to everybody in the network."""
    with pytest.raises(PreviewError, match="--token-file"):
        Preview("0.0.0.0:0", Controls(Task()))


def options(*more: str) -> Access:
    return access_of(make_parser().parse_args(["live", "--preview", *more]))


def test_the_token_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in the list of processes, for every user of the machine."""
    path = tmp_path / "token"
    path.write_text(f"{SECRET}\n")
    monkeypatch.setenv("EDGE_OCR_TOKEN", "from the environment")
    assert options("--token-file", str(path)).token == SECRET
    assert options().token == "from the environment"
    assert options("--token", "on the line").token == "on the line"
    monkeypatch.delenv("EDGE_OCR_TOKEN")
    assert options().token is None
    path.write_bytes(b"\xff\xfe")
    for wrong in (path, tmp_path / "missing", tmp_path):
        with pytest.raises(PreviewError, match="expected a file with the token"):
            options("--token-file", str(wrong))


def test_the_other_options_of_the_page() -> None:
    access = options(
        "--allow-host", "OCR.example.com", "--allow-host", "b", "--trust-proxy", "172.30.32.2", "--base-path", "/ocr/",
        "--allow-embed", "http://home.local:8123/",
    )  # fmt: skip
    assert access.hosts == {"ocr.example.com", "b"} and access.embedders == ("http://home.local:8123",)
    assert access.base == "/ocr" and access.trusts("172.30.32.2") and not access.trusts("172.30.32.3")


def test_the_address_that_is_told_holds_no_token() -> None:
    """It stands in the journal, for everybody who may read that."""
    preview = Preview("0.0.0.0:8080", Controls(Task()), Access(SECRET, base="/ocr"))
    assert preview.url == f"http://{socket.gethostname()}:8080/ocr/" and preview.has_token


def test_large_bodies_and_too_many_viewers_are_turned_away(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """One client takes all the memory, or all the connections."""
    with suppress(ConnectionError, http.client.HTTPException):  # It may hang up before all of it was sent.
        assert show.ask("/task", "POST", "a" * 100_000)[0] in (400, 413)
    monkeypatch.setattr(handlers, "VIEWERS", 2)
    sockets = [socket.create_connection(("127.0.0.1", show.preview.port)) for _ in range(2)]
    for one in sockets:
        one.sendall(b"GET /frames HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in one.recv(100)
    assert show.ask("/frames")[0] == 503
    for one in sockets:
        one.close()
    assert wait_for(lambda: show.ask("/api/reading")[0] == 200 and answer(show, "/frames", "HEAD").status == 200)


def answers(show: Show, **headers: str) -> bool:
    with suppress(ConnectionError, http.client.HTTPException):
        return show.ask("/", **headers)[0] == 200
    return False


def begin(show: Show, request: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", show.preview.port), timeout=10)
    connection.sendall(request)
    return connection


UNFINISHED = b"POST /task HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
FOLLOWING = b"GET /frames HTTP/1.1\r\nHost: localhost\r\nCookie: %s=%s\r\n\r\n"


@pytest.mark.parametrize(("limit", "sent"), [
    ("BODY_S", UNFINISHED), ("IDLE_S", b"GET / HTTP/1.1\r\n"), ("IDLE_S", b""), ("STRANGER_S", b""),
    ("STRANGER_S", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"),
])  # fmt: skip
def test_a_request_that_is_never_finished_is_dropped(monkeypatch: pytest.MonkeyPatch, limit: str, sent: bytes) -> None:
    """Whoever opens connections and leaves them shuts everybody else out."""
    monkeypatch.setattr(connections, limit, 0.5)
    with Show() as show, begin(show, sent) as connection:
        assert connection.recv(100) == b""


def test_strangers_do_not_lock_the_household_out() -> None:
    """Forty-eight sockets without a token, and nobody sees the page any more."""
    known = {"Cookie": f"{COOKIE}={cookie_of(SECRET)}"}
    with Show(token=SECRET) as show:
        follower = begin(show, FOLLOWING % (COOKIE.encode(), cookie_of(SECRET).encode()))
        assert b"200" in follower.recv(100)
        strangers = [begin(show, b"") for _ in range(CONNECTIONS + 10)]
        for _ in range(5):
            assert answers(show, **known)
        assert follower.recv(100), "who watched before was thrown out"
        # The oldest ones were closed for the newest.
        assert strangers[0].recv(10) == b""
        for one in (follower, *strangers):
            one.close()


def test_no_more_connections_than_can_be_borne(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of viewers take the board's memory and its files."""
    monkeypatch.setattr(connections, "CONNECTIONS", 3)
    held = [begin(show, FOLLOWING % (b"", b"")) for _ in range(3)]
    assert all(b"200" in connection.recv(100) for connection in held)
    with begin(show, b"") as beyond:
        assert beyond.recv(100).startswith(b"HTTP/1.1 503 too many connections")
        while beyond.recv(100):
            pass
    assert not answers(show)
    for connection in held:
        connection.close()
    assert wait_for(lambda: answers(show))


def test_one_address_cannot_take_all_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """One telephone with a broken program shuts the others out. Here, 127.0.0.1 counts as far away."""
    monkeypatch.setattr("edge_ocr.preview.server.is_loopback", lambda host: host == "127.0.0.1:0")
    monkeypatch.setattr(connections, "FROM_ONE", 4)
    with Show(token=SECRET) as show:
        held = [begin(show, FOLLOWING % (COOKIE.encode(), cookie_of(SECRET).encode())) for _ in range(4)]
        assert all(b"200" in connection.recv(100) for connection in held)
        with begin(show, b"") as beyond:
            assert beyond.recv(100).startswith(b"HTTP/1.1 503")
        for connection in held:
            connection.close()
    assert FROM_ONE < CONNECTIONS


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
from edge_ocr.preview.access import Access
from edge_ocr.preview.feed import Feed

Feed.history = lambda self: 1 / 0
with Preview("127.0.0.1:0", Controls(Task()), Access("long secret")) as preview:
    print(preview.url)
    right = "token=long%20secret"
    for path in (f"/?{right}", "/?token=secret%ff", "/nowhere?token=secret", f"/history.txt?{right}"):
        connection = http.client.HTTPConnection("127.0.0.1", preview.port)
        connection.request("GET", path)
        print(connection.getresponse().status)
"""


@pytest.mark.parametrize("debug", ["", "1"])
def test_nothing_of_a_request_stands_in_the_journal(debug: str) -> None:
    """Tornado's lines name the address with the token, for everybody who may read the journal."""
    command = [sys.executable, "-c", REQUESTS]
    environment = {"EDGE_OCR_DEBUG": debug, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment)
    assert done.stdout.split()[1:] == ["303", "400", "404", "500"]
    assert "secret" not in done.stdout + done.stderr
    assert bool(done.stderr) == bool(debug), "who looks for the error finds nothing"
