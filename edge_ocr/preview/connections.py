"""The page's connections: how many at once, from whom, and how long each may keep the server waiting."""

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream
from tornado.web import Application

CONNECTIONS = 48
"""Most connections at once, of all kinds: a browser opens up to six, and there are eight viewers."""

FROM_ONE = 16
"""Most connections from one address, which is not this machine's and no trusted proxy's."""

LARGEST_HEAD, LARGEST_BODY = 16_384, 32_768
"""Most bytes of a request."""

STRANGER_S = 10.0
"""Seconds after which a connection is closed over which nobody has shown the token yet."""

IDLE_S = 30.0
"""Longest wait for a request on a connection, in seconds."""

BODY_S = 10.0
"""Longest wait for a request's body, in seconds."""

UNTAKEN_S = 20.0
"""Seconds after which the system closes a connection that takes nothing, such as a phone out of reach."""

UNSENT_BYTES = 128 * 1024
"""Of what was sent, most that the system keeps for a slow viewer: more would be a picture of seconds ago."""

REFUSAL = (
    b"HTTP/1.1 503 too many connections\r\nContent-Type: text/plain\r\nContent-Length: 25\r\nConnection: close\r\n\r\n"
    b"503 too many connections\n"
)


@dataclass(slots=True)
class Connection:
    """One that is open."""

    stream: IOStream
    address: str
    is_admitted: bool = False
    """Whether a request on it showed the token."""


class Server(HTTPServer):
    """An HTTP server that strangers cannot fill: where there is no more room, they are the first to go."""

    def initialize(self, application: Application, is_proxy: Callable[[str], bool]) -> None:  # type: ignore[override]
        """`is_proxy`: whether many people come from an address, such as this machine's or a trusted proxy's."""
        self._open: dict[int, Connection] = {}  # By stream, in the order in which they came.
        self._is_proxy = is_proxy
        super().initialize(
            application,
            max_header_size=LARGEST_HEAD,
            max_body_size=LARGEST_BODY,
            idle_connection_timeout=IDLE_S,
            body_timeout=BODY_S,
        )

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        if not self._makes_room(str(address[0])):
            stream.write(REFUSAL)
            stream.close()
            return
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # On Linux alone.
            stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(1000 * UNTAKEN_S))
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNSENT_BYTES)
        connection = self._open[id(stream)] = Connection(stream, str(address[0]))
        IOLoop.current().call_later(STRANGER_S, self._drop_stranger, connection)
        super().handle_stream(stream, address)

    def on_close(self, server_conn: object) -> None:
        self._open.pop(id(server_conn.stream), None)  # type: ignore[attr-defined]
        super().on_close(server_conn)

    def admit(self, stream: IOStream) -> None:
        """Somebody who may see the page asked over this connection."""
        if (connection := self._open.get(id(stream))) is not None:
            connection.is_admitted = True

    def _makes_room(self, address: str) -> bool:
        """Whether there is room for one more from an address, if need be in the place of the oldest stranger."""
        own = [connection for connection in self._open.values() if connection.address == address]
        if len(own) >= FROM_ONE and not self._is_proxy(address):
            return self._drop_one(own)
        return len(self._open) < CONNECTIONS or self._drop_one(list(self._open.values()))

    def _drop_one(self, connections: list[Connection]) -> bool:
        stranger = next((connection for connection in connections if not connection.is_admitted), None)
        if stranger is None:
            return False
        self._open.pop(id(stranger.stream))
        stranger.stream.close()
        return True

    def _drop_stranger(self, connection: Connection) -> None:
        if not connection.is_admitted and not connection.stream.closed():
            connection.stream.close()


def silence() -> None:
    """Keep Tornado's log lines, which name addresses with their tokens, off stderr; EDGE_OCR_DEBUG=1 shows them."""
    if os.environ.get("EDGE_OCR_DEBUG"):
        return
    logger = logging.getLogger("tornado")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
