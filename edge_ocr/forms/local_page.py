"""A page for the browser of this machine, by Python's own server: whoever marks fields or corrects answers needs no
more, and it ends with the work."""

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any, Protocol

from edge_ocr.errors import EdgeOcrError, PreviewError

HOST = "127.0.0.1"
"""Nobody else reaches it."""

LARGEST_REQUEST = 1_000_000
"""Bytes; a form of a thousand fields has a fifth of it."""

TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "json": "application/json",
    "jpg": "image/jpeg",
}

POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Site(Protocol):
    """What a page shows and takes."""

    page: str
    """Name of its HTML file in this package."""

    def get(self, name: str) -> bytes | None:
        """The content of `name`, such as form.json; None if there is none."""

    def post(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what is asked under `name`; raises EdgeOcrError, whose sentence the page shows, or KeyError."""


class LocalPage:
    """`with LocalPage(site, port) as page: page.finished.wait()` - served until the end of the block."""

    def __init__(self, site: Site, port: int = 0) -> None:
        """Port 0 takes a free one. Raises PreviewError if the port is taken."""
        self.finished = threading.Event()
        """Set when the page's reader says that the work is done."""
        try:
            self._server = ThreadingHTTPServer((HOST, port), partial(_Handler, site, self.finished))
        except OSError as error:
            raise PreviewError(
                f"{HOST}:{port} cannot be listened on ({error.strerror}): choose another port"
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="page", daemon=True)

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://{HOST}:{self._server.server_address[1]}/"

    def __enter__(self) -> "LocalPage":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One request. Python's server makes one for each, with what comes after our own arguments."""

    def __init__(self, site: Site, finished: threading.Event, *connection: Any) -> None:
        self._site, self._finished = site, finished
        super().__init__(*connection)

    def do_GET(self) -> None:
        if self._is_foreign():
            return
        name = self.path.partition("?")[0].strip("/") or self._site.page
        content = _file(name) or self._site.get(name)
        if content is None:
            self._answer(404, b"404 nothing is here\n", "text/plain")
        else:
            self._answer(200, content, TYPES.get(name.rpartition(".")[2], "application/octet-stream"))

    def do_POST(self) -> None:
        if self._is_foreign():
            return
        try:
            given = json.loads(self.rfile.read(self._length()))
            if self.path == "/end":
                self._finished.set()
            answer = {} if self.path == "/end" else dict(self._site.post(self.path.strip("/"), given))
            self._answer(200, json.dumps(answer).encode(), TYPES["json"])
        except EdgeOcrError as error:
            self._answer(400, str(error).encode(), "text/plain")
        except (ValueError, KeyError, TypeError):
            self._answer(400, b"the request was not understood: load the page again", "text/plain")

    def _length(self) -> int:
        length = int(self.headers.get("Content-Length", "0"))
        if not 0 < length <= LARGEST_REQUEST:
            raise ValueError("too long")
        return length

    def _is_foreign(self) -> bool:
        """Refuse what another site's page asks for: it has a Host or an Origin of its own."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        own = {f"{name}:{self.server.server_address[1]}" for name in (HOST, "localhost")}  # type: ignore[index]
        is_foreign = host not in own or origin not in (None, f"http://{host}")
        if is_foreign:
            self._answer(403, b"403 open the address that edge-ocr printed\n", "text/plain")
        return is_foreign

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        with suppress(OSError):  # The browser has gone.
            self.send_response(status)
            self.send_header("Content-Type", kind + ("" if kind.startswith("image") else "; charset=utf-8"))
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are nobody's news."""


def _file(name: str) -> bytes | None:
    """A file of a page; None if it is none."""
    if "/" in name or name.rpartition(".")[2] not in ("html", "js", "css"):
        return None
    path = resources.files("edge_ocr.forms") / name
    return path.read_bytes() if path.is_file() else None
