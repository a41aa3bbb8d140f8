"""`edge-ocr watch`: each picture that arrives in a folder is read once it is whole."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_ocr.batch.arrivals import Arrivals, watching
from edge_ocr.commands import main as cli
from edge_ocr.errors import EdgeOcrError, ExitCode
from tests.places import ROOT

RUN = """
import sys
from edge_ocr.commands import main as cli
from edge_ocr.commands import read as read_command, watch as watch_command
from tests.batch.readers import FakeReader
if __name__ == "__main__":
    read_command.Reader = watch_command.Reader = FakeReader
    sys.exit(cli.main())
"""


def paint(path: Path, value: int) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    cv2.imwrite(str(path), np.full((40, 60), value, np.uint8))
    return path


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Any]:
    """Starts the command in a process of its own; it is watching once this returns."""
    pytest.importorskip("watchdog", reason="watchdog watches folders: pip install watchdog")
    script = tmp_path / "run.py"
    script.write_text(RUN)
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(script), "watch", *arguments],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        running.append(process)
        assert process.stderr is not None and process.stderr.readline().startswith("edge-ocr: watching")
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_each_picture_is_read_as_it_arrives(watch: Any, tmp_path: Path) -> None:
    """A scan would wait for ever, be read before it is whole, or be read twice."""
    inbox = tmp_path / "inbox"
    paint(inbox / "1.png", 11)
    process = watch("inbox")
    assert process.stdout.readline() == "11\n"
    whole = paint(tmp_path / "2.png", 22).read_bytes()
    with (inbox / "2.png").open("wb") as slow:
        slow.write(whole[:50])
        slow.flush()
        shutil.move(paint(tmp_path / "moved.png", 33), inbox / "moved.png")
        slow.write(whole[50:])
    found = sorted(process.stdout.readline() for _ in range(4))
    assert found == ["\n", "\n", "22\n", "33\n"]
    paint(inbox / "new" / "below.png", 44)
    assert [process.stdout.readline() for _ in range(2)] == ["\n", "44\n"]
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.slow
def test_a_watch_goes_on_where_it_was(watch: Any, tmp_path: Path) -> None:
    """After a restart all would be read again, or documents would be read as pictures, without end."""
    inbox, texts = tmp_path / "inbox", tmp_path / "inbox" / "done"
    paint(inbox / "1.png", 11)
    paint(inbox / "2.png", 22)
    (inbox / "3.jpg").write_bytes(b"broken")
    assert not subprocess.run(
        [sys.executable, str(tmp_path / "run.py"), "read", "inbox/1.png", "--format", "json", "--output", "inbox/done"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, timeout=60,
    ).returncode  # fmt: skip
    before = (texts / "1.png.jsonl").stat().st_mtime_ns
    process = watch("inbox", "--format", "json", "--output", "inbox/done", "--jobs", "2")
    assert "3.jpg" in process.stderr.readline()  # It comes last.
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "edge-ocr: interrupted\n")
    assert sorted(path.name for path in texts.iterdir()) == ["1.png.jsonl", "2.png.jsonl"]
    assert (texts / "1.png.jsonl").stat().st_mtime_ns == before


def test_a_picture_that_changes_is_waited_for_and_read_again(tmp_path: Path) -> None:
    """Half a picture would be read; or a scan that replaces another one would not."""
    arrivals = Arrivals(tmp_path, lambda source: False)
    path = paint(tmp_path / "a.png", 1)
    assert arrivals.look() == [] and arrivals.is_settling
    with path.open("ab") as file:
        file.write(b"more")
    assert arrivals.look() == [] and arrivals.is_settling
    assert [source.path for source in arrivals.look()] == [path] and not arrivals.is_settling
    assert arrivals.look() == []
    os.utime(path, (1, 1))
    assert arrivals.look() == [] and [source.path for source in arrivals.look()] == [path]
    path.unlink()
    assert arrivals.look() == [] and not arrivals.is_settling


def test_a_change_below_the_folder_wakes(tmp_path: Path) -> None:
    """What a phone puts into a new folder would be found half a minute later."""
    pytest.importorskip("watchdog", reason="watchdog watches folders: pip install watchdog")
    (tmp_path / "below").mkdir()
    threads = threading.active_count()
    with watching(tmp_path) as woken:
        assert not woken.is_set()
        paint(tmp_path / "below" / "a.png", 1)
        assert woken.wait(30)
    assert threading.active_count() == threads


def test_a_missing_watchdog_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever installed the light runtime would see a traceback instead of what to install."""
    monkeypatch.setitem(sys.modules, "watchdog.events", None)
    with pytest.raises(EdgeOcrError, match=r"pip install 'edge-ocr\[watch\]'"), watching(tmp_path):
        pass


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["absent"], ExitCode.IMAGE_NOT_FOUND, "is not a folder"),
        ([".", "--format", "pdf"], ExitCode.USAGE, "--beside or --output"),
        ([], ExitCode.USAGE, "FOLDER"),
    ],
)
def test_wrong_watches_are_refused(
    arguments: list[str], code: int, expected: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The command would wait for ever for what cannot come."""
    assert cli.main(["watch", *arguments]) == code
    err = capsys.readouterr().err
    assert expected in err and len(err.splitlines()) == 1
