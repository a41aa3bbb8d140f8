"""The page's server, in its own thread, on Tornado: one package without dependencies, with wheels for every board, in
every Raspberry Pi OS, that has streamed to slow clients for fifteen years."""

import asyncio
import errno
import threading
from types import TracebackType
from urllib.parse import quote

from edge_ocr.errors import PreviewError
from edge_ocr.live.loop import Sight
from edge_ocr.live.statistics import Statistics
from edge_ocr.live.task import Controls
from edge_ocr.preview.access import is_loopback, may_be_token, parse_address
from edge_ocr.preview.feed import Feed

STARTING_S = 10.0


class Preview:
    """Serves the page while its `with` lasts; `publish` may be called from another thread and never waits."""

    def __init__(self, address: str, controls: Controls, token: str | None = None) -> None:
        """`address`: HOST:PORT, "" for loopback and port 8080; port 0 takes a free one. Raises PreviewError."""
        self.host, self.port = parse_address(address)
        if not is_loopback(self.host) and not token:
            raise PreviewError(f"{self.host} lets other machines in: add --token SECRET, or leave the host out")
        if token is not None and not may_be_token(token):
            raise PreviewError(
                "the token is not valid: expected one or more printable characters, as in --token SECRET"
            )
        self._token, self._controls, self._feed = token, controls, Feed()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="preview", daemon=True)
        self._finish: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """The page's address, with the token."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/" + (f"?token={quote(self._token, safe='')}" if self._token else "")

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
        except BaseException as error:  # The thread that waits for the start reports it.
            self._failure = error
        self._started.set()

    async def _serve(self) -> None:
        from tornado.netutil import bind_sockets

        from edge_ocr.preview.connections import Server, silence
        from edge_ocr.preview.handlers import Site, make_application

        silence()
        self._loop, self._finish = asyncio.get_running_loop(), asyncio.Event()
        sockets = bind_sockets(self.port, self.host)
        self.port = sockets[0].getsockname()[1]
        server = Server(make_application(Site(self._feed, self._controls, self.host, self._token, self._finish)))
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
            # An unknown host, or one of another machine, is wrong on every port.
            other = "port" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "address"
            return PreviewError(f"{self.host}:{self.port} cannot be listened on ({reason}): choose another {other}")
        why = error or f"no answer within {STARTING_S:.0f} s"
        return PreviewError(f"the page's server did not start ({why}): choose another address")
