"""The output file: whole entries, nothing lost when the disk is full, and a sentence about it."""

import errno
import json
import os
from pathlib import Path

import pytest

from edge_ocr import CannotWrite
from edge_ocr.outputs import backlog
from edge_ocr.outputs.entry import entry
from edge_ocr.outputs.file import OutputFile
from edge_ocr.outputs.recording import Recording
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


@pytest.mark.parametrize(("limit", "most"), [("MOST", 3), ("MOST_BYTES", 14)])
def test_what_waits_is_bounded(limit: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full for a week fills the memory too."""
    monkeypatch.setattr(backlog, limit, most)
    output = OutputFile(tmp_path / "log.txt", as_json=False)
    output._file = FullDisk(output._file, 0)  # type: ignore[assignment]
    for number in range(9):
        output.add(page(f"A{number}"))
    assert " texts wait (6 were dropped)" in str(output.trouble)
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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_device_is_reported_as_such() -> None:
    """Half an entry cannot be removed there, and the message names an invalid argument."""
    output = OutputFile(Path("/dev/full"), as_json=False)
    output.add(PAGE)
    assert "No space left" in str(output.trouble)
    output.close()


@pytest.mark.parametrize(("left", "kept"), [
    (b'{"time": 1.0, "text": "A"}\n{"time": 2.0, "te', b'{"time": 1.0, "text": "A"}\n'),
    (b'{"time": 1.0, "text": "A"}', b'{"time": 1.0, "text": "A"}\n'),
    (b'{"time": 1.0, "text": "A"}\n\0\0\0', b'{"time": 1.0, "text": "A"}\n'),
    (b"notes of my own", b"notes of my own\n"),
    (b"", b""),
])  # fmt: skip
def test_a_torn_last_line_is_mended(left: bytes, kept: bytes, tmp_path: Path) -> None:
    """After a power cut the next text stands behind half a line, and both are lost to those who read the file."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(left)
    output = OutputFile(path, as_json=True)
    output.add(page("B"), when=3)
    output.close()
    assert path.read_bytes() == kept + (entry(page("B"), 3) + "\n").encode()


def test_a_rotated_file_is_followed(tmp_path: Path) -> None:
    """Texts go on into the renamed file, which logrotate compresses, and after a removal into nothing."""
    path, old = tmp_path / "log.txt", tmp_path / "log.txt.1"
    output = OutputFile(path, as_json=False)
    output.add(page("A"))
    path.rename(old)
    output.flush()
    assert path.read_text() == ""
    output.add(page("B"))
    path.unlink()
    output.add(page("C"))
    output.close()
    assert (old.read_text(), path.read_text()) == ("A\n\n", "C\n\n")


def test_texts_wait_for_a_folder_that_is_away(tmp_path: Path) -> None:
    """A disk that is unplugged for a moment ends the program, or takes a text with it."""
    path, away = tmp_path / "disk" / "log.txt", tmp_path / "away"
    path.parent.mkdir()
    output = OutputFile(path, as_json=False)
    path.parent.rename(away)
    output.add(page("A"))
    assert "1 texts wait" in str(output.trouble)
    away.rename(path.parent)
    output.close()
    assert path.read_text() == "A\n\n" and output.trouble is None
