"""The long run of the live loop: what it counts, and that a failing command is reported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rapidfuzz", reason="the convert extra is not installed")

from convert.comparison import soak
from convert.synthesis.film import FILMS
from edge_ocr.errors import EdgeOcrError

SCENES = len(FILMS)


@given(st.lists(st.integers(1, 3), min_size=1, max_size=30))
def test_every_scene_of_every_round_counts_however_often_it_is_reported(repeats: list[int]) -> None:
    """A text that was corrected, and so given out twice, counts as a missing scene."""
    scenes = [number % SCENES for number, times in enumerate(repeats) for _ in range(times)]
    assert soak.count_missing(scenes, len(repeats) // SCENES) == 0


@given(st.integers(2, 6), st.data())
def test_a_scene_that_is_passed_over_is_missing(rounds: int, data: st.DataObject) -> None:
    """A lost text goes unseen."""
    scenes = list(range(SCENES)) * rounds
    del scenes[data.draw(st.integers(0, len(scenes) - 1))]
    assert soak.count_missing(scenes, rounds) == 1


def test_nothing_reported_misses_all() -> None:
    """A loop that reads nothing passes."""
    assert soak.count_missing([], 3) == 3 * SCENES


def test_a_reading_with_errors_belongs_to_its_scene() -> None:
    """One wrong letter makes a text one of another scene."""
    readings = ["\n".join(film.lines).replace("0", "O") for film in FILMS]
    assert [soak.scene_of(text) for text in readings] == [*range(SCENES)]


def test_memory_is_that_of_the_process() -> None:
    """The watcher's own memory is weighed, or another unit."""
    if not Path("/proc/self/status").exists():
        pytest.skip("this system has no /proc")
    mine = soak.resident_mb(os.getpid())
    ready = "print('ready', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", ready], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()  # Before, it is still a copy of this process, or nothing yet.
        its = soak.resident_mb(child.pid)
        child.communicate(b"\n")
    assert mine is not None and its is not None and 1 < its < mine


@pytest.mark.slow
def test_a_command_that_ends_by_itself_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash after a second is taken for half an hour without a leak."""
    monkeypatch.setattr(soak, "make_film", lambda path: 1)
    with pytest.raises(EdgeOcrError, match=r"ended with \d+"):
        soak.soak(1.0, tmp_path)
