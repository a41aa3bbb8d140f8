"""Addresses of cameras in a network: their credentials, and how they are shown without them."""

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

SCHEME = re.compile(r"(https?|rtsps?|rtmps?|udp|tcp)://", re.IGNORECASE)
"""How the address of a stream or a picture begins."""

HOST = re.compile(r"(\[[^]]*\]|[^:]*)(:\d*)?")
"""A host with or without a port, without credentials."""

SECRET = re.compile(r"([?&;][^=&;]*(?:pas|pwd|token|secret|key|auth|sig)[^=&;]*=)[^&;#]*", re.IGNORECASE)
"""A query's field whose value is nobody's business."""


class Address(NamedTuple):
    """A camera's address, taken apart."""

    url: str
    """Without credentials."""
    user: str | None
    password: str


def normal(source: str) -> str:
    """The address with its scheme in small letters, as FFmpeg wants it."""
    match = SCHEME.match(source)
    return match[0].lower() + source[match.end() :] if match else source


def take_apart(source: str) -> Address:
    """An address and its credentials. Raises ValueError for what is no address, such as http://[::1."""
    parts = urlsplit(source)
    _ = parts.port  # Raises where it is no number.
    user = None if parts.username is None else unquote(parts.username)
    host = parts.netloc.rpartition("@")[2]
    bare = urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))
    return Address(bare, user, unquote(parts.password or ""))


def shown(source: str) -> str:
    """An address, or what was meant for one, without its password and the values of secret fields."""
    match = re.match(r"[^/?#]*:/+", source)  # One slash may be missing.
    scheme, rest = (match[0], source[match.end() :]) if match else ("", source)
    host, slash, path = rest.partition("/")
    if "@" not in host and not HOST.fullmatch(host):  # A slash in the password, which should be %2F.
        host, slash, path = rest, "", ""
    credentials, at, host = host.rpartition("@")
    user, colon, _ = credentials.partition(":")
    return scheme + SECRET.sub(r"\1***", user + (":***" if colon else "") + at + host + slash + path)
