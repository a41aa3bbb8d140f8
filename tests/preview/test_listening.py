"""A process without descriptors: no flood of messages, and nobody who waits for ever."""

import os
import resource
import socket

import pytest

from edge_ocr.errors import ExitCode
from edge_ocr.output import explain
from edge_ocr.preview.listening import ListeningSocket


def test_without_descriptors_a_connection_is_closed() -> None:
    """The event loop spins, and fills the journal with a traceback for each turn."""
    bound = socket.create_server(("127.0.0.1", 0))
    place = bound.getsockname()
    listening = ListeningSocket(bound)
    clients = [socket.socket() for _ in range(2)]
    next_one = os.dup(0)
    os.close(next_one)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        for client in clients:
            client.settimeout(20)
            resource.setrlimit(resource.RLIMIT_NOFILE, (next_one, before[1]))
            client.connect(place)
            with pytest.raises(BlockingIOError):
                listening.accept()
            assert client.recv(1) == b""
            with pytest.raises(BlockingIOError):  # Nobody is left.
                listening.accept()
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        with socket.create_connection(place) as late:
            accepted = listening.accept()[0]
            assert accepted.getpeername() == late.getsockname()
            accepted.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for client in (*clients, listening):
            client.close()


def test_too_few_descriptors_are_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """A low limit is reported as a bug of the program."""
    assert explain(OSError(24, "Too many open files")) == ExitCode.FAILED
    assert "ulimit -n" in capsys.readouterr().err
