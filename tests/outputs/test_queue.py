"""What waits for other programs: nothing is lost, doubled or out of order, whatever the disk does."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr import CannotWrite
from edge_ocr.outputs import queue as module
from edge_ocr.outputs.queue import Queue


def drained(queue: Queue) -> list[str]:
    """All that waits, taken as a receiver takes it."""
    texts = []
    while message := queue.first(0):
        texts.append(message.text)
        queue.remove(message)
    return texts


def test_what_waits_outlasts_a_restart(tmp_path: Path) -> None:
    """A power cut takes what was given out but not delivered."""
    before = Queue(tmp_path / "q.db")
    for text in "ABC":
        before.add(text)
    first = before.first(0)
    assert first is not None and first.text == "A"
    before.remove(first)
    after = Queue(tmp_path / "q.db")  # The one before is not closed: it was killed.
    after.add("D")
    assert drained(after) == ["B", "C", "D"] and len(after) == 0


class Disk:
    """A queue's disk, which can be full: SQLite then refuses with its own error."""

    def __init__(self, queue: Queue) -> None:
        self._database = queue._database

    def fill(self) -> None:
        self._database.execute("PRAGMA query_only = ON")

    def make_room(self) -> None:
        self._database.execute("PRAGMA query_only = OFF")


@given(st.lists(st.sampled_from(["add", "take", "fill", "room", "restart"]), max_size=40))
def test_nothing_is_lost_doubled_or_out_of_order(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    """A reading overtakes an older one, comes twice, or vanishes between memory and disk."""
    path = tmp_path_factory.mktemp("queue") / "q.db"
    queue = Queue(path)
    disk = Disk(queue)
    added: list[str] = []
    taken: list[str] = []
    for step in steps:
        if step == "add":
            added.append(str(len(added)))
            queue.add(added[-1])
        elif step == "take" and (message := queue.first(0)):
            taken.append(message.text)
            queue.remove(message)
        elif step in ("fill", "room"):
            disk.fill() if step == "fill" else disk.make_room()
        elif step == "restart":
            disk.make_room()
            queue.close()
            queue = Queue(path)
            disk = Disk(queue)
        assert len(queue) == len(added) - len(taken)
    disk.make_room()
    assert taken + drained(queue) == added
    queue.close()


def test_a_full_disk_is_reported_until_there_is_room(tmp_path: Path) -> None:
    """The real error of a full database: PRAGMA max_page_count makes SQLite refuse as a full disk does."""
    queue = Queue(tmp_path / "q.db")
    pages = queue._database.execute("PRAGMA page_count").fetchone()[0]
    queue._database.execute(f"PRAGMA max_page_count = {pages}")
    texts = [f"{number} " + "x" * 3000 for number in range(5)]
    for text in texts:
        queue.add(text)
    assert "full" in str(queue.trouble) and "wait in memory" in str(queue.trouble)
    queue._database.execute("PRAGMA max_page_count = 1000")
    assert drained(queue) == texts and queue.trouble is None


@pytest.mark.parametrize(("limit", "most", "left"), [("MOST", 3, "GHI"), ("MOST_BYTES", 4, "FGHI")])
def test_what_waits_is_bounded(
    limit: str, most: int, left: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receiver that is gone for ever fills the disk; or nobody hears that readings were dropped."""
    monkeypatch.setattr(module, limit, most)
    queue = Queue(tmp_path / "q.db")
    for text in "ABCDEFGHI":
        queue.add(text)
    assert f"the {9 - len(left)} oldest were dropped" in str(queue.trouble)
    assert "".join(drained(queue)) == left and queue.trouble is None


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    """After a power cut the service ends at each start, for ever."""
    (tmp_path / "q.db").write_bytes(b"no database" * 1000)
    queue = Queue(tmp_path / "q.db")
    queue.add("A")
    assert drained(queue) == ["A"] and (tmp_path / "q.damaged").exists()


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="--state"):
        Queue(tmp_path / "nowhere" / "q.db")
    assert sqlite3.sqlite_version_info >= (3, 35), "RETURNING needs it"
