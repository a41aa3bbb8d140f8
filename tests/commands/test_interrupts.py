"""Ctrl-C at any moment: no traceback, and an end at once, whatever hangs."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.live.test_capture import wait_for
from tests.places import TINY
from tests.signals import interrupt, slow_pages

SCRIPT = Path(__file__).parents[2] / "bin/edge-ocr"

INTERRUPTING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # A suite in the background was started to ignore it.
def interrupt(event, facts):
    if event == "import" and facts[0] == {module!r}:
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(interrupt)
"""
"""A sitecustomize.py, which Python runs at its start: Ctrl-C comes when a module is looked for."""


def interrupted(folder: Path, customization: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `edge-ocr` did, in a Python that was customized so."""
    (folder / "sitecustomize.py").write_text(customization)
    paths = {"PYTHONPATH": f"{folder}:{SCRIPT.parents[1]}"}
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | paths)


MOMENTS = ("edge_ocr", "edge_ocr.errors", "edge_ocr.__main__", "argparse", "numpy", "datetime", "cv2")
LATER = ("edge_ocr.commands.outlet", "edge_ocr.live.loop")


@pytest.mark.parametrize("module", [*MOMENTS, *LATER])
def test_ctrl_c_while_modules_are_imported(module: str, tmp_path: Path) -> None:
    """In the first half second the user sees a traceback, or numpy's advice to install it anew."""
    done = interrupted(tmp_path, INTERRUPTING.format(module=module), "live", "--camera", "nothing.mp4")
    assert done.returncode in (130, -signal.SIGINT) and "Traceback" not in done.stderr


def test_who_ignores_ctrl_c_goes_on(tmp_path: Path) -> None:
    """What `nohup` or a script in the background started ends with the terminal's Ctrl-C."""
    ignoring = INTERRUPTING.format(module="argparse").replace("default_int_handler", "SIG_IGN")
    done = interrupted(tmp_path, ignoring, "--version")
    assert done.returncode == 0 and done.stdout.startswith("edge-ocr")


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


@pytest.mark.slow
def test_commands_that_read_slow_pages_are_interrupted(tmp_path: Path) -> None:
    """Ctrl-C would print a traceback, leave processes behind, or wait for a page: see `make check-signals`."""
    slow_pages(tmp_path)
    with ThreadPoolExecutor() as threads:
        cases = [threads.submit(interrupt, name, signal.SIGINT, 2.0, tmp_path) for name in ("read --jobs", "watch")]
        assert [case.result()[1] for case in cases] == ["", ""]
