"""The page's server, in a thread of its own, on Tornado: one package without dependencies, with wheels for every board
and in every Raspberry Pi OS, that has streamed to slow clients for fifteen years."""

import asyncio
import csv
import io
import json
import threading
from importlib import resources
from types import TracebackType
from typing import Any

from edge_ocr.errors import PreviewError
from edge_ocr.live import Controls, Sight, Statistics
from edge_ocr.page import Box
from edge_ocr.preview.access import is_loopback, is_token, may_be_host, parse_address, same_origin
from edge_ocr.preview.feed import Feed

PICTURES_S = 1 / 15
"""Seconds between two pictures to a viewer."""

STATES_S = 0.2
"""Seconds between two states to a viewer."""

STALLED_S = 10.0
"""Seconds after which a viewer that takes nothing is cut off."""

VIEWERS = 8
"""Streams of each kind at once; more are turned away."""

LARGEST_BODY = 4096
"""Bytes of a request."""

LONGEST_TEXT = 200
"""Characters of a charset or pattern."""

STARTING_S = 10.0

COOKIE = "edge_ocr_token"

TYPES = {"page.html": "text/html", "page.js": "text/javascript", "page.css": "text/css"}

POLICY = "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Preview:
    """Serves the page while its `with` lasts; `publish` may be called from another thread and never waits."""

    def __init__(self, address: str, controls: Controls, token: str | None = None) -> None:
        """`address`: HOST:PORT, "" for loopback and port 8080; port 0 takes a free one. Raises PreviewError."""
        self.host, self.port = parse_address(address)
        if not is_loopback(self.host) and not token:
            raise PreviewError(f"{self.host} lets other machines in: add --token SECRET, or leave the host out")
        self._token, self._controls, self._feed = token, controls, Feed()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="preview", daemon=True)
        self._finish: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/" + (f"?token={self._token}" if self._token else "")

    def publish(self, sight: Sight, statistics: Statistics) -> None:
        """Show a new sight."""
        self._feed.put(sight, statistics)

    def __enter__(self) -> "Preview":
        self._thread.start()
        if not self._started.wait(STARTING_S) or self._failure is not None:
            raise self._explained()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._finish is not None:
            self._loop.call_soon_threadsafe(self._finish.set)
        self._thread.join(2.0)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # Told by the thread that waits for the start.
            self._failure = error
        self._started.set()

    async def _serve(self) -> None:
        from tornado.httpserver import HTTPServer
        from tornado.netutil import bind_sockets

        self._loop, self._finish = asyncio.get_running_loop(), asyncio.Event()
        sockets = bind_sockets(self.port, self.host)
        self.port = sockets[0].getsockname()[1]
        server = HTTPServer(
            make_application(self._feed, self._controls, self.host, self._token, self._finish),
            max_body_size=LARGEST_BODY,
            max_header_size=16_384,
            idle_connection_timeout=60.0,
        )
        server.add_sockets(sockets)
        self._started.set()
        await self._finish.wait()
        server.stop()
        await server.close_all_connections()

    def _explained(self) -> PreviewError:
        error = self._failure
        if isinstance(error, ImportError):
            return PreviewError("the page needs Tornado: run `pip install 'edge-ocr[preview]'`")
        if isinstance(error, OSError):
            reason = error.strerror or error
            return PreviewError(f"{self.host}:{self.port} cannot be listened on ({reason}): choose another port")
        return PreviewError(f"the page's server did not start ({error}): choose another address")


def make_application(feed: Feed, controls: Controls, host: str, token: str | None, finish: asyncio.Event) -> Any:
    """The Tornado application: page, picture stream, state events, task, history."""
    from tornado.iostream import StreamClosedError
    from tornado.web import Application, HTTPError, RequestHandler

    streams = {"pictures": 0, "states": 0}

    class Guarded(RequestHandler):
        """Lets in who knows the token, under this machine's name."""

        def prepare(self) -> None:
            if not may_be_host(self.request.host, host):
                raise HTTPError(421, reason="unknown host")
            given = self.get_query_argument("token", None) or self.get_cookie(COOKIE)
            if not is_token(given, token):
                raise HTTPError(403, reason="wrong token")
            if self.request.method != "GET" and not same_origin(self.request.headers.get("Origin"), self.request.host):
                raise HTTPError(403, reason="other origin")

        def set_default_headers(self) -> None:
            self.set_header("Cache-Control", "no-store")
            self.set_header("Content-Security-Policy", POLICY)
            self.set_header("X-Content-Type-Options", "nosniff")
            self.set_header("Referrer-Policy", "no-referrer")
            self.clear_header("Server")

        def write_error(self, status_code: int, **_: Any) -> None:
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(f"{status_code} {self._reason}\n")

        async def send(self, kind: str, pieces: Any) -> None:
            """Stream what `pieces` gives until the viewer leaves, stalls, or the server ends."""
            if streams[kind] >= VIEWERS:
                raise HTTPError(503, reason="too many viewers")
            streams[kind] += 1
            try:
                async for piece in pieces:
                    self.write(piece)
                    # While this waits for a slow viewer, newer pictures pass it by.
                    await asyncio.wait_for(self.flush(), STALLED_S)
            except (StreamClosedError, asyncio.TimeoutError):
                self.request.connection.stream.close()  # type: ignore[union-attr]
            finally:
                streams[kind] -= 1

    class File(Guarded):
        def get(self, name: str) -> None:
            if token is not None and self.get_query_argument("token", None):
                self.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
            name = name or "page.html"
            self.set_header("Content-Type", f"{TYPES[name]}; charset=utf-8")
            self.finish((resources.files("edge_ocr.preview") / name).read_bytes())

    class Pictures(Guarded):
        async def get(self) -> None:
            self.set_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            await self.send("pictures", self._pictures())

        async def _pictures(self) -> Any:
            sent = 0
            while not finish.is_set():
                if feed.number > sent:
                    sent, data = await asyncio.get_running_loop().run_in_executor(None, feed.picture)
                    yield b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data)
                    yield data + b"\r\n"
                await asyncio.sleep(PICTURES_S)

    class States(Guarded):
        async def get(self) -> None:
            self.set_header("Content-Type", "text/event-stream")
            await self.send("states", self._states())

        async def _states(self) -> Any:
            while not finish.is_set():
                yield f"data: {feed.state({'task': describe_task(controls)})}\n\n"
                await asyncio.sleep(STATES_S)

    class History(Guarded):
        def get(self, form: str) -> None:
            content, kind = render_history(feed.history(), form)
            self.set_header("Content-Type", f"{kind}; charset=utf-8")
            self.set_header("Content-Disposition", f'attachment; filename="history.{form}"')
            self.finish(content)

    class TaskHandler(Guarded):
        def post(self) -> None:
            try:
                controls.change(**parse_task(self.request.body))
            except ValueError as error:
                raise HTTPError(400, reason=str(error)) from error
            self.finish("{}")

    return Application(
        [
            (r"/(|page\.js|page\.css)", File),
            (r"/pictures", Pictures),
            (r"/states", States),
            (r"/history\.(txt|csv|json)", History),
            (r"/task", TaskHandler),
        ],
        log_function=lambda handler: None,
    )


def describe_task(controls: Controls) -> dict[str, Any]:
    """The task as the page shows it."""
    task = controls.task
    region = task.region
    return {
        "charset": task.charset or "",
        "pattern": task.pattern or "",
        "paused": task.paused,
        "region": [region.left, region.top, region.right, region.bottom] if region else None,
    }


def parse_task(body: bytes) -> dict[str, Any]:
    """Changes of the task that a viewer asks for, checked; ValueError says in a few words what is wrong."""
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("expected JSON") from error
    if not isinstance(wanted, dict) or not wanted.keys() <= {"charset", "pattern", "paused", "region"}:
        raise ValueError("expected charset, pattern, paused or region")
    changes: dict[str, Any] = {}
    for name in wanted.keys() & {"charset", "pattern"}:
        text = wanted[name]
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            raise ValueError(f"{name} must be a text of at most {LONGEST_TEXT} characters")
        changes[name] = text or None
    if "paused" in wanted:
        if not isinstance(wanted["paused"], bool):
            raise ValueError("paused must be true or false")
        changes["paused"] = wanted["paused"]
    if "region" in wanted:
        changes["region"] = _parse_region(wanted["region"])
    return changes


def _parse_region(region: object) -> Box | None:
    if region is None:
        return None
    if not isinstance(region, list) or len(region) != 4 or not all(type(edge) is int for edge in region):
        raise ValueError("region must be four whole numbers")
    left, top, right, bottom = region
    if not (0 <= left < right <= 100_000 and 0 <= top < bottom <= 100_000):
        raise ValueError("region must be left, top, right, bottom")
    return Box(left, top, right, bottom)


def render_history(entries: list[dict[str, Any]], form: str) -> tuple[str, str]:
    """The history as "txt", "csv" or "json", and its content type."""
    if form == "json":
        return json.dumps(entries, ensure_ascii=False, indent=1), "application/json"
    if form == "txt":
        return "\n\n".join(entry["text"] for entry in entries) + "\n", "text/plain"
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["time", "text", "confidence"])
    # A spreadsheet takes a cell that begins with one of these for a formula.
    guarded = [("'" + e["text"] if e["text"][:1] in "=+-@" else e["text"], e) for e in entries]
    writer.writerows([entry["time"], text, entry["confidence"]] for text, entry in guarded)
    return table.getvalue(), "text/csv"
