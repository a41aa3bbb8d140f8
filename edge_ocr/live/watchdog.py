"""Notifies systemd that the service is ready, alive and stopping: sd_notify(3) in a few lines."""

import os
import socket
import time

LEAST_S = 1.0
"""Seconds between two signs of life."""


class Watchdog:
    """Does nothing without systemd."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._told = 0.0

    def ready(self) -> None:
        self._send("READY=1")

    def alive(self, status: str = "") -> None:
        """A sign of life, at most once a second."""
        if self._address and time.monotonic() - self._told >= LEAST_S:
            self._told = time.monotonic()
            self._send(f"WATCHDOG=1\nSTATUS={status}" if status else "WATCHDOG=1")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.sendto(message.encode(), address)
        except OSError:
            return  # A missing supervisor is no reason to stop reading.
