"""The page's server, in its own thread, on Tornado: one package without dependencies, with wheels for every board, in
every Raspberry Pi OS, that has streamed to slow clients for fifteen years."""

import asyncio
import errno
import socket
import threading
from types import TracebackType

from edge_ocr.errors import PreviewError
from edge_ocr.live.capture import Shot
from edge_ocr.live.loop import Sight
from edge_ocr.live.statistics import Statistics
from edge_ocr.live.task import Controls
from edge_ocr.preview.access import Access, is_loopback, parse_address
from edge_ocr.preview.feed import Feed

STARTING_S = 10.0


class Preview:
    """Serves the page while its `with` lasts; `see` and `publish` may be called from other threads and never wait."""

    def __init__(self, address: str, controls: Controls, access: Access | None = None) -> None:
        """`address`: HOST:PORT, "" for loopback and port 8080; port 0 takes a free one. Raises PreviewError."""
        self.host, self.port = parse_address(address)
        self._access = access or Access()
        if not is_loopback(self.host) and self._access.token is None:
            raise PreviewError(
                f"{self.host} lets other machines in: add --token-file FILE, set EDGE_OCR_TOKEN, or leave the host out"
            )
        self._controls, self._feed = controls, Feed()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="preview", daemon=True)
        self._finish: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """The page's address, without the token: it asks for that."""
        host = socket.gethostname() if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}{self._access.base}/"

    @property
    def has_token(self) -> bool:
        """Whether viewers must know a token."""
        return self._access.token is not None

    def see(self, shot: Shot) -> None:
        """Show a new picture, before it is read."""
        self._feed.see(shot)

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

        from edge_ocr.preview.addresses import make_application
        from edge_ocr.preview.connections import Server, silence
        from edge_ocr.preview.guarded import Site
        from edge_ocr.preview.listening import ListeningSocket

        silence()
        self._loop, self._finish = asyncio.get_running_loop(), asyncio.Event()
        sockets = [ListeningSocket(bound) for bound in bind_sockets(self.port, self.host)]
        self.port = sockets[0].getsockname()[1]
        access = self._access
        site = Site(self._feed, self._controls, self.host, access, self._finish)
        server = Server(make_application(site), lambda peer: is_loopback(peer) or access.trusts(peer))
        site.admit = server.admit
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
