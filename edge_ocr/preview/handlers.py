"""The page's addresses, on Tornado: page, login, pictures with their boxes, history, task."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from importlib import resources
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from edge_ocr.live.capture import Shot
from edge_ocr.preview.feed import describe, to_json
from edge_ocr.preview.film import Drawing
from edge_ocr.preview.guarded import Guarded, TokenRefused
from edge_ocr.preview.history import render_history
from edge_ocr.preview.requests import WrongTask, change_task, describe_task

PICTURES_S = 1 / 30
"""Seconds between two pictures to a viewer, if the camera has as many."""

STATES_S = 0.2
"""Seconds between two states to a viewer."""

STALLED_S = 10.0
"""Seconds after which a viewer that takes nothing is disconnected."""

VIEWERS = 8
"""Most streams of each kind at once; more are refused."""

PAGE = resources.files("edge_ocr.preview") / "page"

TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


class File(Guarded):
    """The page and its parts. Without the token, a page that asks for it."""

    PUBLIC = frozenset({"page.css", "icon.svg"})
    """What the page that asks for the token needs."""

    def prepare(self) -> None:
        self.is_public = self.path_args[0] in self.PUBLIC
        super().prepare()

    def get(self, name: str) -> None:
        if self.get_query_argument("token", None) is not None:
            self.remember_token()
            self.redirect("./", status=303)  # An address with a token would stay in the browser's history.
            return
        self.give(name or "page.html")

    head = get

    def give(self, name: str) -> None:
        """Answer with a part of the page."""
        part = PAGE / name
        if not part.is_file():
            raise HTTPError(404)
        self.set_header("Content-Type", f"{TYPES[name.rpartition('.')[2]]}; charset=utf-8")
        self.finish(part.read_bytes())

    def write_error(self, status_code: int, **more: Any) -> None:
        refusal = more.get("exc_info", (None, None))[1]
        if isinstance(refusal, TokenRefused) and self.path_args[0] in ("", "login"):
            sentence = "" if status_code == 401 else f"That did not work: {refusal.reason}."
            self.explain(refusal)
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish((PAGE / "login.html").read_text().replace("{sentence}", sentence))
        else:
            super().write_error(status_code, **more)


class Login(File):
    """Takes the token from the page that asks for it."""

    is_public = True

    def prepare(self) -> None:
        Guarded.prepare(self)

    def post(self, _: str) -> None:
        if not self.is_right(self.get_body_argument("token", "", strip=False)):
            raise TokenRefused(403, reason="wrong token")
        self.remember_token()
        self.redirect("./", status=303)


class Stream(Guarded):
    """Streams to a few viewers at once."""

    KIND = ""
    TYPE = ""

    async def get(self) -> None:
        streams = self.site.streams
        if streams[self.KIND] >= VIEWERS:
            raise HTTPError(503, reason="too many viewers")
        self.head()
        streams[self.KIND] += 1
        self.site.feed.viewers += 1
        try:
            async for piece in self.pieces():
                self.write(piece)
                # While this waits for a slow viewer, it skips newer pictures.
                await asyncio.wait_for(self.flush(), STALLED_S)
        except (StreamClosedError, asyncio.TimeoutError):
            self.request.connection.stream.close()  # type: ignore[union-attr]
        finally:
            self.site.feed.viewers -= 1
            streams[self.KIND] -= 1

    def head(self) -> None:
        self.set_header("Content-Type", self.TYPE)
        self.set_header("X-Accel-Buffering", "no")  # nginx would keep pictures until it has many.

    def pieces(self) -> AsyncIterator[bytes]:
        raise NotImplementedError

    async def jpeg(self, shot: Shot) -> bytes:
        """A picture, encoded while other viewers are served."""
        return await asyncio.get_running_loop().run_in_executor(None, self.site.feed.jpeg, shot)


class Pictures(Stream):
    """JPEGs, each replacing the one before, for other programs."""

    KIND, TYPE = "pictures", "multipart/x-mixed-replace; boundary=frame"

    async def pieces(self) -> AsyncIterator[bytes]:
        sent = 0
        while not self.site.finish.is_set():
            drawing = self.site.feed.drawing()
            if drawing is not None and drawing.shot.number != sent:
                sent, data = drawing.shot.number, await self.jpeg(drawing.shot)
                yield b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data) + data + b"\r\n"
            await asyncio.sleep(PICTURES_S)


class Frames(Stream):
    """Messages for the page: each a picture with its own boxes, or a new state, or both.

    A message is the length of its JSON and of its JPEG, which may be 0, as 32-bit numbers, the higher bytes first;
    then the JSON, then the JPEG.
    """

    KIND, TYPE = "frames", "application/octet-stream"

    async def pieces(self) -> AsyncIterator[bytes]:
        sent: Drawing | None = None
        stated = -STATES_S
        while not self.site.finish.is_set():
            message: dict[str, Any] = {}
            jpeg = b""
            drawing = self.site.feed.drawing()
            if drawing is not None and not drawing.is_like(sent):
                message["picture"] = describe(drawing)
                if sent is None or drawing.shot.number != sent.shot.number:
                    jpeg = await self.jpeg(drawing.shot)
            if time.monotonic() - stated >= STATES_S:
                stated = time.monotonic()
                task = self.site.controls.task
                message["state"] = self.site.feed.state(paused=task.paused) | {"task": describe_task(task)}
            if message:
                sent = drawing
                head = to_json(message).encode()
                yield struct.pack(">II", len(head), len(jpeg)) + head + jpeg
            await asyncio.sleep(PICTURES_S)


class HistoryFile(Guarded):
    """The history as a file."""

    def get(self, form: str) -> None:
        content, kind = render_history(self.site.feed.history(), form)
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.set_header("Content-Disposition", f'attachment; filename="history.{form}"')
        self.finish(content)

    head = get


class Thumbnail(Guarded):
    """The small picture of a text in the history."""

    def get(self, number: str) -> None:
        data = self.site.feed.thumbnail(int(number))
        if not data:
            raise HTTPError(404)
        self.set_header("Content-Type", "image/jpeg")
        self.set_header("Cache-Control", "private, max-age=3600")
        self.finish(data)

    head = get


class TaskOfAll(Guarded):
    """What is read, for all viewers."""

    def get(self) -> None:
        self.finish(describe_task(self.site.controls.task))

    head = get

    def post(self) -> None:
        try:
            change_task(self.site.controls, self.request.body)
        except WrongTask as error:
            self.set_status(400)
            self.finish({"field": error.field, "sentence": str(error)})
            return
        self.finish("{}")
