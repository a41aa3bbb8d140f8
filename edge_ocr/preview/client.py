"""Who sent a request, under which name: as its connection says, or as a trusted proxy does."""

from dataclasses import dataclass

from tornado.httputil import HTTPServerRequest

from edge_ocr.preview.access import BASE, Access


@dataclass(frozen=True, slots=True)
class Client:
    """A viewer as the outermost trusted proxy saw it."""

    address: str
    host: str
    """The Host header of the browser's own request."""
    is_secure: bool
    """Whether the browser's own request came over https."""
    prefix: str
    """Path in front of the page's own, which a proxy takes away or `Access.base` names; "" if there is none."""


def client_of(request: HTTPServerRequest, access: Access) -> Client:
    """The client of a request."""
    peer, headers = request.remote_ip or "", request.headers
    if not access.trusts(peer):
        return Client(peer, request.host, request.protocol == "https", access.base)
    # Each proxy adds its peer at the end, so the first from the end that is no proxy of ours is the client.
    chain = [part.strip() for part in headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    address = next((hop for hop in reversed(chain) if not access.trusts(hop)), peer)
    host = headers.get("X-Forwarded-Host", "").split(",")[0].strip() or request.host
    prefix = (headers.get("X-Ingress-Path") or headers.get("X-Forwarded-Prefix") or access.base).rstrip("/")
    return Client(
        address, host, headers.get("X-Forwarded-Proto", request.protocol).split(",")[0].strip() == "https",
        prefix if BASE.fullmatch(prefix) else access.base,
    )  # fmt: skip
