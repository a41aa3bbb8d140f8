"""Signs of life for systemd."""

import socket
from pathlib import Path

import pytest

from edge_ocr.live.watchdog import Watchdog


def test_systemd_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service is killed by its watchdog although it works."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        watchdog = Watchdog()
        watchdog.ready()
        watchdog.alive("12 frames/s")
        watchdog.alive()
        watchdog.stopping()
        messages = [listener.recv(200).decode() for _ in range(3)]
    assert messages == ["READY=1", "WATCHDOG=1\nSTATUS=12 frames/s", "STOPPING=1"]


def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert Watchdog().ready() is None
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/notify")
    assert Watchdog().alive() is None
