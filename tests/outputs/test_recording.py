"""Recordings: whole pairs, names in the order of time whatever the clock does, and no more than there is room for."""

import errno
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from edge_ocr.outputs import recording as module
from edge_ocr.outputs.recording import Recording, Room
from edge_ocr.page import Box
from tests.live.test_steady import page

PAGE = page("GATE 47", "TRAIN 905")
PICTURE = np.zeros((20, 30), np.uint8)


def test_a_recording_that_cannot_be_stored_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training stumbles over a picture without its reading."""
    recording = Recording(tmp_path / "kept")

    def full(self: Path, *_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        recording.add(PICTURE, PAGE)
    assert recording.trouble is not None and list((tmp_path / "kept").iterdir()) == []
    recording.add(PICTURE, PAGE)
    assert recording.trouble is None
    (reading,) = (tmp_path / "kept").glob("*.json")
    assert json.loads(reading.read_text())["text"] == PAGE.text and reading.with_suffix(".jpg").exists()


def test_a_recording_shows_which_part_was_read(tmp_path: Path) -> None:
    """Fine-tuning seeks the lines in the whole picture, where they are others."""
    recording = Recording(tmp_path)
    recording.add(PICTURE, PAGE)
    recording.add(PICTURE, PAGE, Box(1, 2, 20, 10))
    regions = [json.loads(path.read_text())["region"] for path in sorted(tmp_path.glob("*.json"))]
    assert regions == [None, [1, 2, 20, 10]]


def test_pictures_of_one_millisecond_are_all_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast camera, or a clock that was set back, overwrote the picture before."""
    recording = Recording(tmp_path)
    now = 1_700_000_000_000_000_000
    for clock in (now, now, now - 60_000_000_000):
        monkeypatch.setattr(module.time, "time_ns", lambda clock=clock: clock)
        recording.add(PICTURE, PAGE)
    assert len(list(tmp_path.glob("*.jpg"))) == len(list(tmp_path.glob("*.json"))) == 3


def test_a_disk_that_became_read_only_does_not_end_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a disk refuses to remove a half recording too, and the service ends with a bug."""
    recording = Recording(tmp_path / "kept")

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    recording.add(PICTURE, PAGE)
    assert "Read-only" in str(recording.trouble)


def names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.json"))


def test_a_clock_set_back_hides_no_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Pi without a clock starts in the past: what it records sorts before what was corrected, and is never listed."""
    now = 1_792_897_140
    monkeypatch.setattr(module.time, "time_ns", lambda: now * 10**9)
    Recording(tmp_path).add(PICTURE, PAGE)
    assert names(tmp_path) == [time.strftime("%Y%m%d-%H%M%S-000", time.gmtime(now))]
    monkeypatch.setattr(module.time, "time_ns", lambda: (now - 86_400) * 10**9)
    before = names(tmp_path)
    Recording(tmp_path).add(PICTURE, PAGE)
    assert names(tmp_path)[0] == before[0] and len(names(tmp_path)) == 2


def test_the_newest_recordings_are_kept(tmp_path: Path) -> None:
    """A camera that records for a year fills the disk; or what the user put beside the recordings is removed."""
    (tmp_path / "corrections.txt").write_text("mine")
    (tmp_path / "holiday.jpg").write_text("mine")
    for keep in (3, 2):  # Those of the run before count, too.
        recording = Recording(tmp_path, Room(pictures=keep))
        for _ in range(3):
            before = names(tmp_path)
            recording.add(PICTURE, PAGE)
        assert len(names(tmp_path)) == keep and names(tmp_path)[:-1] == before[1 - keep :]
        assert len(list(tmp_path.glob("2*.jpg"))) == keep
    assert (tmp_path / "corrections.txt").exists() and (tmp_path / "holiday.jpg").exists()


def test_recordings_are_kept_by_their_size(tmp_path: Path) -> None:
    recording = Recording(tmp_path, Room(megabytes=1))
    noise = np.random.default_rng(1).integers(0, 256, (500, 600), np.uint8)
    for _ in range(6):
        recording.add(noise, PAGE)
    assert 500_000 < sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1_000_000
