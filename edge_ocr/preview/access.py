"""Access to the page: its address, its token, and the names and sites under which a browser may ask for it."""

import hashlib
import hmac
import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from edge_ocr.errors import PreviewError

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8080

LEAST_TOKEN = 8
"""Fewest characters of a token: guesses are slowed down, and this many outlast them."""

BASE = re.compile(r"(/[\w.~-]+)*")
"""A path in front of the page's own, without a slash at its end."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use the page, and under which names."""

    token: str | None = None
    """What viewers must know; None lets in everybody who reaches the address."""
    hosts: frozenset[str] = frozenset()
    """Names under which the page may be asked for, besides this machine's own; lower case."""
    embedders: tuple[str, ...] = ()
    """Origins whose pages may show this one in a frame."""
    proxies: tuple[Network, ...] = ()
    """Addresses whose X-Forwarded headers are believed."""
    base: str = ""
    """Path under which a proxy passes the page on, such as "/ocr"."""

    def __post_init__(self) -> None:
        """Raises PreviewError for a token, name, origin or path that cannot be used."""
        if self.token is not None:
            check_token(self.token)
        for name in self.hosts:
            if not re.fullmatch(r"[\w.-]+", name):
                raise PreviewError(
                    f"{name!r} is not a host's name: expected one without a port, such as ocr.example.com"
                )
        for origin in self.embedders:
            if not re.fullmatch(r"https?://[\w.\[\]:-]+", origin):
                raise PreviewError(f"{origin!r} is not an origin: expected one such as https://home.example.com:8123")
        if not BASE.fullmatch(self.base):
            raise PreviewError(f"{self.base!r} is not a path: expected one such as /ocr")

    def may_be_host(self, host: str, bound: str) -> bool:
        """Whether a Host header names this machine: by address, by its own names, or by one that is allowed.

        A foreign page whose name was made to point here (DNS rebinding) has the foreign name in it.
        """
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:  # An unmatched bracket, or characters that no host has.
            return False
        try:
            ipaddress.ip_address(name)
            return True
        except ValueError:
            own = socket.gethostname().lower()
            names = {"localhost", bound.lower(), own, f"{own}.local", f"{own.partition('.')[0]}.local"}
            return name in names | self.hosts

    def is_own_origin(self, origin: str | None, host: str) -> bool:
        """Whether a changing request comes from the page itself; programs send no Origin.

        A proxy may write the Host header anew, and then the browser's origin has the allowed name.
        """
        if origin is None or origin in (f"http://{host}", f"https://{host}"):
            return True
        try:
            return urlsplit(origin).hostname in self.hosts
        except ValueError:
            return False

    def trusts(self, address: str) -> bool:
        """Whether a peer is a proxy whose headers are believed."""
        try:
            peer = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(peer.version == network.version and peer in network for network in self.proxies)


def check_token(token: str) -> None:
    """Raises PreviewError for a token that no address can hold, or that is soon guessed; it is never repeated."""
    if not token.isprintable():
        raise PreviewError("the token is not valid: expected printable characters in one line")
    if len(token) < LEAST_TOKEN:
        raise PreviewError(
            f"the token has {len(token)} characters and would soon be guessed: expected at least {LEAST_TOKEN}, "
            "such as `openssl rand -hex 16` makes"
        )


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


def parse_network(text: str) -> Network:
    """An address, or a network such as 172.30.32.0/24; raises PreviewError for anything else."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise PreviewError(f"{text!r} is not an address or a network: expected one such as 172.30.32.0/24") from error


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def cookie_of(token: str) -> str:
    """The cookie of a browser that knows the token, in hexadecimal digits.

    A token may hold spaces, semicolons and letters beyond ASCII, a cookie may not. It survives a restart, so an
    open page goes on.
    """
    return hashlib.sha256(f"edge-ocr {token}".encode()).hexdigest()


def is_same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal; every wrong one takes the same time."""
    return hmac.compare_digest(given.encode(errors="surrogatepass"), wanted.encode())
