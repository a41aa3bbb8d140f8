"""The page's connections: how many at once, and how long each may keep the server waiting."""

import logging
import os
import socket
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.web import Application

CONNECTIONS = 48
"""Most connections at once, of all kinds: a browser opens up to six, and there are eight viewers."""

LARGEST_HEAD, LARGEST_BODY = 16_384, 4096
"""Most bytes of a request."""

IDLE_S = 30.0
"""Longest wait for a request on a connection, in seconds."""

BODY_S = 10.0
"""Longest wait for a request's body, in seconds."""

UNTAKEN_S = 20.0
"""Seconds after which the system closes a connection that takes nothing, such as a phone out of reach."""

REFUSAL = (
    b"HTTP/1.1 503 too many connections\r\nContent-Type: text/plain\r\nContent-Length: 25\r\nConnection: close\r\n\r\n"
    b"503 too many connections\n"
)


class Server(HTTPServer):
    """An HTTP server that strangers cannot fill: connections beyond CONNECTIONS are refused and closed."""

    def initialize(self, application: Application) -> None:  # type: ignore[override]
        self._open = 0
        super().initialize(
            application,
            max_header_size=LARGEST_HEAD,
            max_body_size=LARGEST_BODY,
            idle_connection_timeout=IDLE_S,
            body_timeout=BODY_S,
        )

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        if self._open >= CONNECTIONS:
            stream.write(REFUSAL)
            stream.close()
            return
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # On Linux alone.
            stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(1000 * UNTAKEN_S))
        self._open += 1
        super().handle_stream(stream, address)

    def on_close(self, server_conn: object) -> None:
        self._open -= 1
        super().on_close(server_conn)


def silence() -> None:
    """Keep Tornado's log lines, which name addresses with their tokens, off stderr; EDGE_OCR_DEBUG=1 shows them."""
    if os.environ.get("EDGE_OCR_DEBUG"):
        return
    logger = logging.getLogger("tornado")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
