"""Why an RTSP camera refuses: OpenCV says only that it could not open the stream."""

import re
import socket
import ssl
from contextlib import ExitStack, suppress

from edge_ocr.cameras.address import take_apart

PATIENCE_S = 2.0
"""Longest wait for the answer: the camera has just answered FFmpeg, or it will not at all."""

PORTS = {"rtsp": 554, "rtsps": 322}

STATUS = re.compile(rb"RTSP/\d\.\d (\d{3})")

MISSING = "has no stream at this address: check what follows the host's name"

LOGIN = "asks for a user and a password: write rtsp://USER:PASSWORD@HOST/..., or put that into a file (--camera @FILE)"

REFUSED = "refuses the user or the password: check both"


def refusal(url: str) -> str | None:
    """What a camera that could not be opened says to a DESCRIBE (RFC 2326) without credentials.

    Returns:
        The end of a sentence that begins with the camera's name; None if it says nothing of that kind.
    """
    with suppress(ValueError, OSError):
        address = take_apart(url)
        scheme, _, rest = address.url.partition("://")
        if scheme not in PORTS:
            return None
        status = _describe(scheme, rest.partition("/")[0], address.url)
        if status in (401, 403):
            return LOGIN if address.user is None else REFUSED
        if status in (404, 410, 454):
            return MISSING
    return None


def _describe(scheme: str, host: str, url: str) -> int | None:
    """The status of the answer."""
    name, _, port = host.rpartition(":") if re.search(r":\d+$", host) else (host, "", "")
    with ExitStack() as stack:
        place = (name.strip("[]"), int(port or PORTS[scheme]))
        channel: socket.socket = stack.enter_context(socket.create_connection(place, PATIENCE_S))
        if scheme == "rtsps":
            context = ssl.create_default_context()
            # Nothing secret is sent, and a camera's certificate is mostly its own.
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            channel = stack.enter_context(context.wrap_socket(channel, server_hostname=name))
        channel.sendall(f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n".encode())
        match = STATUS.match(channel.recv(1024))
        return int(match[1]) if match else None
