"""`--webhook`: each reading sent to a web address by POST, as JSON."""

import base64
import http.client
import threading
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from typing import IO

from edge_ocr.errors import EdgeOcrError, Undelivered
from edge_ocr.outputs.courier import Receiver, Refused

TIMEOUT_S = 10.0
"""Seconds for the address to answer."""

NEVER = frozenset({400, 406, 410, 413, 414, 415, 422, 431})
"""Answers by which a server refuses this reading for ever. A wrong password or path may be put right meanwhile."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET without the reading."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


class Webhook(Receiver):
    """Sends readings to an address: http or https, with a user and a password in it, if need be."""

    def __init__(self, address: str, token: str | None = None, timeout: float = TIMEOUT_S) -> None:
        """Raises EdgeOcrError if it is no such address.

        Args:
            address: where to send.
            token: sent as a bearer token.
            timeout: seconds to wait for an answer.
        """
        try:
            parts = urllib.parse.urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or parts.scheme not in ("http", "https") or not address.isascii() or " " in address:
            raise EdgeOcrError(f"--webhook {address!r} is no address: expected http://HOST/PATH or https://HOST/PATH")
        place = f"[{host}]" if ":" in host else host
        self._address = parts._replace(netloc=f"{place}:{port}" if port else place, fragment="").geturl()
        self.name = f"{parts.scheme}://{host}"
        """For messages: a path or a query may hold a secret."""
        self._headers = {"Content-Type": "application/json", "User-Agent": "edge-ocr"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        elif parts.username is not None:
            login = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
            self._headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
        self._timeout = timeout
        self._opener = urllib.request.build_opener(_NoRedirect)

    def deliver(self, text: str, stop: threading.Event) -> None:
        """Send one reading; Undelivered or Refused unless the answer is 2xx."""
        request = urllib.request.Request(self._address, text.encode(), self._headers, method="POST")
        try:
            with self._opener.open(request, timeout=self._timeout):
                return
        except urllib.error.HTTPError as error:
            error.close()
            raise self._refusal(error.code) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise Undelivered(
                f"{self.name} does not take a reading ({_words(reason)}): check address and network"
            ) from error

    def _refusal(self, code: int) -> Undelivered:
        if code in NEVER:
            return Refused(f"{self.name} refuses a reading for ever (HTTP {code}): it was left out")
        hint = {401: "check the password or token", 403: "check the password or token", 404: "check the path"}
        moved = "it has moved: name its new address" if 300 <= code < 400 else "is it well?"
        return Undelivered(f"{self.name} does not take a reading (HTTP {code}): {hint.get(code, moved)}")


def _words(reason: object) -> str:
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
