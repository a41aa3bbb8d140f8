"""The page's addresses, on Tornado: page, picture stream, state events, history, task."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import Application, HTTPError, RequestHandler

from edge_ocr.live.task import Controls
from edge_ocr.preview.access import cookie_of, knows_token, may_be_host, same_origin
from edge_ocr.preview.feed import Feed
from edge_ocr.preview.requests import WrongTask, change_task, describe_task, parse_task, render_history

PICTURES_S = 1 / 15
"""Seconds between two pictures to a viewer."""

STATES_S = 0.2
"""Seconds between two states to a viewer."""

STALLED_S = 10.0
"""Seconds after which a viewer that takes nothing is disconnected."""

VIEWERS = 8
"""Most streams of each kind at once; more are refused."""

COOKIE = "edge_ocr_token"

TYPES = {"page.html": "text/html", "page.js": "text/javascript", "page.css": "text/css"}

POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@dataclass(slots=True)
class Site:
    """The state shared by all handlers."""

    feed: Feed
    controls: Controls
    host: str
    """The host that the server is bound to."""
    token: str | None
    finish: asyncio.Event
    """Set to end the server."""
    streams: Counter[str] = field(default_factory=Counter)
    """Open streams of each kind."""


class Guarded(RequestHandler):
    """Admits viewers who know the token and use this machine's name."""

    def initialize(self, site: Site) -> None:
        self.site = site

    def prepare(self) -> None:
        request, site = self.request, self.site
        if not may_be_host(request.host, site.host):
            raise HTTPError(421, reason="unknown host")
        if not knows_token(self.given_token(), self.get_cookie(COOKIE), site.token):
            raise HTTPError(403, reason="wrong token")
        if request.method != "GET" and not same_origin(request.headers.get("Origin"), request.host):
            raise HTTPError(403, reason="other origin")

    def given_token(self) -> str | None:
        """The one in the address."""
        return self.get_query_argument("token", None, strip=False)

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.clear_header("Server")

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")


class File(Guarded):
    """The page and its parts."""

    def get(self, name: str) -> None:
        if self.site.token is not None and self.given_token() is not None:
            self.set_cookie(COOKIE, cookie_of(self.site.token), httponly=True, samesite="Strict")
        name = name or "page.html"
        self.set_header("Content-Type", f"{TYPES[name]}; charset=utf-8")
        self.finish((resources.files("edge_ocr.preview") / name).read_bytes())


class Stream(Guarded):
    """Streams to a few viewers at once."""

    KIND = ""
    TYPE = ""

    async def get(self) -> None:
        streams = self.site.streams
        if streams[self.KIND] >= VIEWERS:
            raise HTTPError(503, reason="too many viewers")
        self.set_header("Content-Type", self.TYPE)
        streams[self.KIND] += 1
        try:
            async for piece in self.pieces():
                self.write(piece)
                # While this waits for a slow viewer, it skips newer pictures.
                await asyncio.wait_for(self.flush(), STALLED_S)
        except (StreamClosedError, asyncio.TimeoutError):
            self.request.connection.stream.close()  # type: ignore[union-attr]
        finally:
            streams[self.KIND] -= 1

    def pieces(self) -> AsyncIterator[str | bytes]:
        raise NotImplementedError


class Pictures(Stream):
    """JPEGs, each replacing the one before."""

    KIND, TYPE = "pictures", "multipart/x-mixed-replace; boundary=frame"

    async def pieces(self) -> AsyncIterator[str | bytes]:
        sent = 0
        while not self.site.finish.is_set():
            if self.site.feed.number > sent:
                sent, data = await asyncio.get_running_loop().run_in_executor(None, self.site.feed.picture)
                head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data)
                yield head + data + b"\r\n"
            await asyncio.sleep(PICTURES_S)


class States(Stream):
    """Server-sent events, each the whole state."""

    KIND, TYPE = "states", "text/event-stream"

    async def pieces(self) -> AsyncIterator[str | bytes]:
        while not self.site.finish.is_set():
            yield f"data: {self.site.feed.state({'task': describe_task(self.site.controls)})}\n\n"
            await asyncio.sleep(STATES_S)


class History(Guarded):
    """The history as a file."""

    def get(self, form: str) -> None:
        content, kind = render_history(self.site.feed.history(), form)
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.set_header("Content-Disposition", f'attachment; filename="history.{form}"')
        self.finish(content)


class SetTask(Guarded):
    """Sets what to read."""

    def post(self) -> None:
        try:
            change_task(self.site.controls, parse_task(self.request.body))
        except WrongTask as error:
            self.set_status(400)
            self.finish({"field": error.field, "sentence": str(error)})
            return
        self.finish("{}")


def make_application(site: Site) -> Application:
    """The application that serves `site`."""
    addresses = {
        r"/(|page\.js|page\.css)": File,
        r"/pictures": Pictures,
        r"/states": States,
        r"/history\.(txt|csv|json)": History,
        r"/task": SetTask,
    }
    rules = [(address, handler, {"site": site}) for address, handler in addresses.items()]
    return Application(rules, log_function=lambda handler: None)
