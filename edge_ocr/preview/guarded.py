"""What all addresses of the page share: who is let in, and what an answer may be used for."""

import base64
import logging
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tornado.web import HTTPError, RequestHandler

from edge_ocr.live.task import Controls
from edge_ocr.preview.access import Access, cookie_of, is_same
from edge_ocr.preview.client import Client, client_of
from edge_ocr.preview.feed import Feed
from edge_ocr.preview.guesses import Guesses

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from tornado.iostream import IOStream

COOKIE = "edge_ocr_token"

SAFE = ("GET", "HEAD")
"""Methods that change nothing."""


@dataclass(slots=True)
class Site:
    """The state shared by all handlers."""

    feed: Feed
    controls: Controls
    host: str
    """The host that the server is bound to."""
    access: Access
    finish: "asyncio.Event"
    """Set to end the server."""
    admit: "Callable[[IOStream], None]" = lambda stream: None
    """Notes that somebody who may see the page asked over a connection."""
    streams: Counter[str] = field(default_factory=Counter)
    """Open streams of each kind."""
    guesses: Guesses = field(default_factory=Guesses)


class TokenRefused(HTTPError):
    """The token is missing or wrong, or was guessed at too often: then there are `wait` seconds to wait."""

    def __init__(self, status: int, *, reason: str, wait: float = 0.0) -> None:
        super().__init__(status, reason=reason)
        self.wait = wait


class Guarded(RequestHandler):
    """Admits viewers who know the token, use a known name and come from the page itself or from no page."""

    is_public = False
    """Whether the token is not needed."""

    client: Client

    def initialize(self, site: Site) -> None:
        self.site = site

    def prepare(self) -> None:
        self.client = client_of(self.request, self.site.access)
        if not self.site.access.may_be_host(self.client.host, self.site.host):
            raise HTTPError(421, reason="unknown host: use the machine's address, or start edge-ocr with --allow-host")
        self._refuse_other_sites()
        if not self.is_public:
            self._check_token()
            self.site.admit(self.request.connection.stream)  # type: ignore[union-attr]

    def _refuse_other_sites(self) -> None:
        headers, method = self.request.headers, self.request.method
        # Browsers name the page that asks; a link or a frame elsewhere may lead here, but nothing may load from here.
        is_foreign = headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
        if is_foreign and not (method in SAFE and headers.get("Sec-Fetch-Mode") == "navigate"):
            raise HTTPError(403, reason="other site")
        if method not in SAFE and not self.site.access.is_own_origin(headers.get("Origin"), self.client.host):
            raise HTTPError(403, reason="other origin")

    def _check_token(self) -> None:
        wanted = self.site.access.token
        if wanted is None:
            return
        given = self.given_token()
        if given is None:
            if not is_same(self.get_cookie(COOKIE) or "", cookie_of(wanted)):
                raise TokenRefused(401, reason="the token is missing")
        elif not self.is_right(given):
            raise TokenRefused(403, reason="wrong token")

    def is_right(self, given: str) -> bool:
        """Whether somebody gave the right token. Raises TokenRefused for who guessed too often."""
        guesses, address = self.site.guesses, self.client.address
        if wait := guesses.wait(address):
            raise TokenRefused(429, reason=f"too many wrong tokens: wait {wait:.0f} s", wait=wait)
        if self.site.access.token is not None and not is_same(given, self.site.access.token):
            guesses.wrong(address)
            return False
        guesses.right(address)
        return True

    def given_token(self) -> str | None:
        """The one in the Authorization header, as Bearer or as the password of Basic, or in the address."""
        kind, _, value = self.request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return value.strip().encode("latin-1").decode(errors="replace")
        if kind.lower() == "basic":
            try:
                return base64.b64decode(value).decode(errors="replace").partition(":")[2]
            except ValueError:
                return ""
        return self.get_query_argument("token", None, strip=False)

    def remember_token(self) -> None:
        """Let the browser in from now on, without a token in its address."""
        token, client = self.site.access.token, self.client
        if token is None:
            return
        # A frame on another site gets a cookie only over https.
        is_framed = bool(self.site.access.embedders) and client.is_secure
        self.set_cookie(
            COOKIE, cookie_of(token), path=f"{client.prefix}/", httponly=True, secure=client.is_secure,
            samesite="None" if is_framed else "Strict",
        )  # fmt: skip

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", self.settings["policy"])
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")  # With none at all, forms would name no origin.
        self.clear_header("Server")

    def explain(self, refusal: object) -> None:
        """Say in headers what would help."""
        if isinstance(refusal, TokenRefused) and refusal.status_code == 401:
            self.set_header("WWW-Authenticate", "Bearer")
        elif isinstance(refusal, TokenRefused) and refusal.wait:
            self.set_header("Retry-After", str(math.ceil(refusal.wait)))

    def write_error(self, status_code: int, **more: Any) -> None:
        self.explain(more.get("exc_info", (None, None))[1])
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """Without the address, in which a token may stand."""
        if not isinstance(error, HTTPError):
            path = self.request.path
            logging.getLogger("tornado.application").error("%s failed", path, exc_info=(kind, error, trace))
