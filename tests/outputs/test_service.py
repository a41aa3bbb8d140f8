"""`edge-ocr live` as a service: what a signal, a rotated file and a full disk do to a running process."""

import gzip
import json
import os
import resource
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_ocr.outputs.courier import Courier
from edge_ocr.outputs.program import Program
from edge_ocr.outputs.queue import Queue
from tests.live.test_capture import wait_for
from tests.live.test_loop import COMMAND, live
from tests.places import ROOT


@pytest.fixture
def service(pictures: Path, tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """A process that reads two pictures again and again, and its output file."""
    log = tmp_path / "log.jsonl"
    arguments = [*COMMAND, "--camera", str(pictures), "--loop", "--json", "--output", str(log), "--quiet"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline()
        yield process, log
        process.kill()


def test_sighup_and_a_rotation_lose_nothing(service: tuple["subprocess.Popen[str]", Path]) -> None:
    """logrotate's signal ends the service, or texts go on into the renamed file."""
    process, log = service
    assert process.stdout is not None
    old = log.with_suffix(".jsonl.1")
    log.rename(old)
    process.send_signal(signal.SIGHUP)
    assert wait_for(lambda: log.exists() and log.stat().st_size > 0, 20)
    process.send_signal(signal.SIGTERM)
    rest = process.stdout.read()
    assert process.wait(10) == 0
    kept = (old.read_text() + log.read_text()).splitlines()
    assert kept[1:] == rest.splitlines() and json.loads(kept[0])["text"] == "A1BO"


@pytest.mark.slow
def test_a_disk_that_fills_and_empties_loses_nothing(pictures: Path, tmp_path: Path) -> None:
    """What was given out while the disk was full is missing from the file, or never reaches the other program."""
    log, taken, state = tmp_path / "log.jsonl", tmp_path / "taken", tmp_path / "state"
    taken.mkdir()
    store = f"cat > {taken}/new && mv {taken}/new {taken}/$(date +%s%N)"  # Whole or not at all.
    programs = ["--exec", store, "--state", str(state)]
    command = [*COMMAND, "--camera", str(pictures), "--loop", "--json", "--output", str(log), "--quiet", *programs]
    given: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        out, errors = process.stdout, process.stderr
        assert out is not None and errors is not None
        reader = threading.Thread(target=lambda: given.extend(line.rstrip("\n") for line in out))
        reader.start()
        assert wait_for(lambda: len(given) > 2, 30)
        # A limit on the size of files is a full disk that needs no root: no file of the process can grow.
        before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (log.stat().st_size + 100, before[1]))
        assert any("log.jsonl cannot be written" in line for line in iter(errors.readline, ""))
        count = len(given)
        assert wait_for(lambda: len(given) > count + 5, 60)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)
        count = len(given)
        assert wait_for(lambda: len(given) > count + 2, 60)
        process.send_signal(signal.SIGTERM)
        said = errors.read()
        reader.join(20)
    assert process.returncode == 0 and "output: all is well again" in said
    assert log.read_text().splitlines() == given
    rest = Courier(Queue(state / "exec.db"), Program(store))  # As the next run brings it.
    rest.drain(60, threading.Event())
    rest.close()
    brought = [path.read_text().rstrip("\n") for path in sorted(taken.glob("[0-9]*"))]
    assert list(dict.fromkeys(brought)) == given  # What was being brought at the end comes again.


LOGROTATE = shutil.which("logrotate") or shutil.which("logrotate", path="/usr/sbin")


@pytest.mark.skipif(LOGROTATE is None, reason="there is no logrotate: apt install logrotate")
def test_logrotate_and_the_service_lose_nothing(service: tuple["subprocess.Popen[str]", Path], tmp_path: Path) -> None:
    """The shipped file of logrotate is wrong, or texts are lost when it takes the file away."""
    process, log = service
    assert LOGROTATE is not None and process.stdout is not None
    shipped = (ROOT / "deploy/edge-ocr.logrotate").read_text()
    ours = shipped.replace("/var/lib/edge-ocr/texts.jsonl", str(log)).replace("    su edge-ocr edge-ocr\n", "")
    reload = "systemctl reload edge-ocr.service 2>/dev/null || true"
    assert reload in ours
    (tmp_path / "rotation").write_text(ours.replace(reload, f"kill -HUP {process.pid}"))
    (tmp_path / "rotation").chmod(0o600)
    command = [LOGROTATE, "--force", "--state", str(tmp_path / "state"), str(tmp_path / "rotation")]
    for _ in range(3):
        subprocess.run(command, check=True, capture_output=True)
        assert wait_for(lambda: log.exists() and log.stat().st_size > 0, 20)
    process.send_signal(signal.SIGTERM)
    rest = process.stdout.read().splitlines()
    assert process.wait(10) == 0
    older = [gzip.decompress(log.with_name(f"{log.name}.{n}.gz").read_bytes()).decode() for n in (3, 2)]
    kept = "".join([*older, log.with_name(log.name + ".1").read_text(), log.read_text()]).splitlines()
    assert kept[1:] == rest


def test_keep_needs_a_folder() -> None:
    done = live("--camera", "x", "--keep", "5")
    assert done.returncode == 2 and "--record" in done.stderr
    done = live("--camera", "x", "--record", "y", "--keep", "much")
    assert done.returncode == 2 and "500MB" in done.stderr


@pytest.mark.parametrize("name", ["usb:999999999999999999999", "/dev/video99999999999999999999", "pi:" + "9" * 5000])
def test_a_camera_of_a_huge_number_is_one_sentence(name: str) -> None:
    """A typing error is reported as a bug of the program."""
    done = live("--camera", name)
    assert done.returncode == 14 and "Traceback" not in done.stderr and os.linesep not in done.stderr.strip()
