"""Ctrl-C at any moment: no traceback, and an end at once, whatever hangs."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.test_capture import wait_for
from tests.places import TINY

INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # A suite in the background was started to ignore it.
class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
from edge_ocr.__main__ import main
sys.meta_path.insert(0, CtrlC())
sys.exit(main())
"""
"""`edge-ocr`, which gets SIGINT when it first imports a module."""


@pytest.mark.parametrize("module", ["numpy", "datetime", "cv2", "edge_ocr.commands.live", "edge_ocr.live.loop"])
def test_ctrl_c_while_modules_are_imported(module: str) -> None:
    """In the first half second the user sees a traceback, or numpy's advice to install it anew."""
    command = [sys.executable, "-c", INTERRUPTED.format(module=module), "live", "--camera", "nothing.mp4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode in (130, -signal.SIGINT) and "Traceback" not in done.stderr


@pytest.fixture
def silent() -> Iterator[str]:
    """The place of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_whatever_hangs(number: int, code: int, silent: str, tmp_path: Path) -> None:
    """The camera, the broker and the address do not answer, and Ctrl-C waits for all of them."""
    command = [sys.executable, "-m", "edge_ocr", "live", "--model", str(TINY), "--state", str(tmp_path)]
    command += ["--camera", f"http://{silent}/stream", "--mqtt", f"mqtt://{silent}", "--webhook", f"http://{silent}"]
    command += ["--preview", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None and "the page is at" in process.stderr.readline()
        assert wait_for((tmp_path / "mqtt.db").exists, 20)
        process.send_signal(number)
        _, said = process.communicate(timeout=10)
    assert process.returncode == code and "Traceback" not in said
