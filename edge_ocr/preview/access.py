"""Access to the page: addresses, tokens, and the headers by which a browser shows where a request comes from."""

import hashlib
import hmac
import ipaddress
import re
import socket
from urllib.parse import urlsplit

from edge_ocr.errors import PreviewError

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8080


def parse_address(text: str) -> tuple[str, int]:
    """ "HOST:PORT", "HOST", ":PORT" or "PORT" -> host and port; raises PreviewError for anything else."""
    match = re.fullmatch(r"(?:(\[[0-9a-fA-F:.]+\]|[^:\[\]]*?):)?(\d+)|(\[[0-9a-fA-F:.]+\]|[^:\[\]]*)", text.strip())
    if match is None:
        raise PreviewError(f"{text!r} is not an address: expected HOST:PORT, such as 127.0.0.1:8080")
    host = (match[1] or match[3] or DEFAULT_HOST).strip("[]")
    port = int(match[2] or DEFAULT_PORT)
    if port > 65535:
        raise PreviewError(f"{port} is not a port: expected 0 to 65535")
    return host, port


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def may_be_host(header: str, bound: str) -> bool:
    """Whether a Host header names this machine, by address or by its own names.

    A foreign page whose name was made to point here (DNS rebinding) has the foreign name in it.
    """
    try:
        host = urlsplit(f"//{header}").hostname or ""
    except ValueError:  # An unmatched bracket, or characters that no host has.
        return False
    try:
        ipaddress.ip_address(host)
        return True
    except ValueError:
        name = socket.gethostname().lower()
        return host in {"localhost", bound.lower(), name, f"{name}.local", f"{name.partition('.')[0]}.local"}


def same_origin(origin: str | None, host: str) -> bool:
    """Whether a changing request comes from the page itself; programs send no Origin."""
    return origin is None or origin in (f"http://{host}", f"https://{host}")


def may_be_token(token: str) -> bool:
    """Whether a token survives in an address; an empty one would let everybody in."""
    return bool(token) and token.isprintable()


def cookie_of(token: str) -> str:
    """The cookie of a browser that knows the token, in hexadecimal digits.

    A token may hold spaces, semicolons and letters beyond ASCII, a cookie may not. It survives a restart, so an
    open page goes on.
    """
    return hashlib.sha256(f"edge-ocr {token}".encode()).hexdigest()


def knows_token(given: str | None, cookie: str | None, token: str | None) -> bool:
    """Whether a viewer gave the token, or the cookie for it; true if no token is required.

    Every wrong token takes the same time. If there is a token, the cookie does not count.
    """
    if token is None:
        return True
    shown, wanted = (cookie or "", cookie_of(token)) if given is None else (given, token)
    return hmac.compare_digest(shown.encode(), wanted.encode())
