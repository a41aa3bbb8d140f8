"""Outputs: whole entries, nothing lost when the disk is full, and a sentence about it."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from edge_ocr import CannotWrite
from edge_ocr.live import sinks as module
from edge_ocr.live.sinks import OutputFile, Recording, entry
from edge_ocr.live.watchdog import Watchdog
from edge_ocr.page import Box
from tests.live.test_steady import page

PAGE = page("GATE 47", "TRAIN 905")


class FullDisk:
    """A file on a disk that takes `room` bytes more."""

    def __init__(self, file: object, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: bytes) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = self.file.write(data[: self.room])  # type: ignore[attr-defined]
        self.room -= taken
        return int(taken)

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)


def test_an_entry_is_one_line_with_time_text_and_boxes() -> None:
    found = json.loads(entry(PAGE, when=12.5))
    assert found["time"] == 12.5 and found["text"] == "GATE 47\nTRAIN 905"
    assert len(found["lines"]) == 2 and "\n" not in entry(PAGE)
    assert json.loads(entry(page()))["confidence"] is None


@pytest.mark.parametrize("room", [0, 7, 25])
def test_a_full_disk_loses_nothing(tmp_path: Path, room: int) -> None:
    """Texts read while the disk was full are lost, or half an entry breaks the file for those who read it."""
    output = OutputFile(tmp_path / "log.jsonl", as_json=True)
    output.add(PAGE)
    output._file = FullDisk(output._file, room)  # type: ignore[assignment]
    output.add(page("A"))
    output.add(page("B"))
    assert output.trouble is not None and "2 texts wait" in str(output.trouble)
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 1
    output._file.room = 10**6  # type: ignore[attr-defined]
    output.add(page("C"))
    assert output.trouble is None
    texts = [json.loads(line)["text"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert texts == ["GATE 47\nTRAIN 905", "A", "B", "C"]
    output.close()


def test_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full for a week fills the memory too."""
    monkeypatch.setattr(module, "KEPT", 3)
    output = OutputFile(tmp_path / "log.txt", as_json=False)
    output._file = FullDisk(output._file, 0)  # type: ignore[assignment]
    for number in range(9):
        output.add(page(f"A{number}"))
    output._file.room = 10**6  # type: ignore[attr-defined]
    output.close()
    assert (tmp_path / "log.txt").read_text() == "A6\n\nA7\n\nA8\n\n"


def test_an_entry_is_on_the_disk_at_once(tmp_path: Path) -> None:
    """kill -9 loses what was read."""
    output = OutputFile(tmp_path / "log.txt", as_json=False)
    output.add(PAGE)
    assert (tmp_path / "log.txt").read_text() == "GATE 47\nTRAIN 905\n\n"
    output.close()


def test_a_file_that_cannot_be_opened_is_reported_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="choose another"):
        OutputFile(tmp_path, as_json=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="choose another"):
        Recording(tmp_path / "file" / "folder")


def test_a_recording_that_cannot_be_stored_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training stumbles over a picture without its reading."""
    recording = Recording(tmp_path / "kept")

    def full(self: Path, *_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        recording.add(np.zeros((20, 30), np.uint8), PAGE)
    assert recording.trouble is not None and list((tmp_path / "kept").iterdir()) == []
    recording.add(np.zeros((20, 30), np.uint8), PAGE)
    assert recording.trouble is None
    (reading,) = (tmp_path / "kept").glob("*.json")
    assert json.loads(reading.read_text())["text"] == PAGE.text and reading.with_suffix(".jpg").exists()


def test_a_recording_shows_which_part_was_read(tmp_path: Path) -> None:
    """Fine-tuning seeks the lines in the whole picture, where they are others."""
    recording = Recording(tmp_path)
    recording.add(np.zeros((20, 30), np.uint8), PAGE)
    recording.add(np.zeros((20, 30), np.uint8), PAGE, Box(1, 2, 20, 10))
    regions = [json.loads(path.read_text())["region"] for path in sorted(tmp_path.glob("*.json"))]
    assert regions == [None, [1, 2, 20, 10]]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_device_is_reported_as_such() -> None:
    """Half an entry cannot be removed there, and the message names an invalid argument."""
    output = OutputFile(Path("/dev/full"), as_json=False)
    output.add(PAGE)
    assert "No space left" in str(output.trouble)
    output.close()


def test_pictures_of_one_millisecond_are_all_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast camera, or a clock that was set back, overwrote the picture before."""
    recording = Recording(tmp_path)
    now = 1_700_000_000_000_000_000
    for clock in (now, now, now - 60_000_000_000):
        monkeypatch.setattr(module.time, "time_ns", lambda clock=clock: clock)
        recording.add(np.zeros((20, 30), np.uint8), PAGE)
    assert len(list(tmp_path.glob("*.jpg"))) == len(list(tmp_path.glob("*.json"))) == 3


def test_systemd_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service is killed by its watchdog although it works."""
    import socket

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
