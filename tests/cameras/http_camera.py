"""A camera on this machine's own network: snapshots, MJPEG, and what goes wrong with them; one path a behaviour."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import cv2
import numpy as np

USER, PASSWORD = "admin", "s3cret"


def jpeg(level: int = 128, size: tuple[int, int] = (64, 48)) -> bytes:
    picture = np.full((size[1], size[0], 3), level, np.uint8)
    return bytes(cv2.imencode(".jpg", picture)[1])


class CameraServer(ThreadingHTTPServer):
    """Answers /snapshot.jpg, /stream (fps, n, bd, sep, length, end), /auth, /html, /none, /broken, /text, /loop."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.picture = jpeg()
        self.requests: list[str] = []

    def url(self, path: str, credentials: str = "") -> str:
        return f"http://{credentials}127.0.0.1:{self.server_address[1]}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: CameraServer

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.requests.append(parts.path)
        options = dict(parse_qsl(parts.query))
        try:
            {"/snapshot.jpg": self._snapshot, "/stream": self._stream, "/auth": self._auth, "/html": self._html}.get(
                parts.path, self._other
            )(options)
        except (BrokenPipeError, ConnectionResetError):
            return

    def _answer(self, status: int, kind: str = "", body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _snapshot(self, options: dict[str, str]) -> None:
        self._answer(200, options.get("kind", "image/jpeg"), self.server.picture)

    def _auth(self, _: dict[str, str]) -> None:
        right = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != right:
            self._answer(401, WWW_Authenticate='Basic realm="camera"')
        else:
            self._snapshot({})

    def _html(self, _: dict[str, str]) -> None:
        self._answer(200, "text/html; charset=utf-8", b"<html>log in</html>")

    def _other(self, _: dict[str, str]) -> None:
        self._answer({"/broken": 500, "/forbidden": 403}.get(urlsplit(self.path).path, 404))

    def _stream(self, options: dict[str, str]) -> None:
        boundary = options.get("bd", "frame")
        kind = f"multipart/x-mixed-replace; boundary={boundary}"
        self._answer(200, kind if options.get("ct", "1") == "1" else "")
        separator = options.get("sep", boundary)
        for _ in range(int(options.get("n", 10**9))):
            data = self.server.picture
            length = f"Content-Length: {len(data)}\r\n" if options.get("length", "1") == "1" else ""
            head = f"--{separator}\r\nContent-Type: image/jpeg\r\n{length}\r\n"
            self.wfile.write(head.encode() + data + b"\r\n")
            self.wfile.flush()
            time.sleep(1 / float(options.get("fps", 50)))
        if options.get("end", "1") == "1":
            self.wfile.write(f"--{separator}--\r\n".encode())


@contextmanager
def serving() -> Iterator[CameraServer]:
    """The camera, until the block ends."""
    with CameraServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(5)
