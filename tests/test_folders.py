"""Places that results go to: what cannot be written is one sentence, before the work."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edge_ocr.errors import BadData, CannotWrite
from edge_ocr.folders import check_file, check_folder, make_folder, writing


def test_a_check_leaves_nothing_behind(tmp_path: Path) -> None:
    """A run that fails would leave empty folders, which look like results."""
    assert check_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert check_file(tmp_path / "a" / "c.json") == tmp_path / "a" / "c.json"
    assert list(tmp_path.iterdir()) == []
    assert make_folder(tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("check", [check_folder, make_folder, lambda path: check_file(path / "x.json")])
def test_a_file_in_the_way_is_reported(check: Callable[[Path], Path], tmp_path: Path) -> None:
    """Minutes of work would end in a traceback."""
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(CannotWrite, match=r"cannot be written \(.*name another place"):
            check(place)
    with pytest.raises(CannotWrite, match="is a folder: expected a file"):
        check_file(tmp_path)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has a folder that nobody may write to")
def test_a_folder_that_nobody_may_write_to_is_reported() -> None:
    """As root, or on a read-only disk, permissions alone do not show it."""
    with pytest.raises(CannotWrite, match="/proc"):
        check_folder(Path("/proc/out"))


def test_other_errors_keep_their_kind(tmp_path: Path) -> None:
    """Missing data is reported as a full disk."""
    with pytest.raises(BadData), writing(tmp_path):
        raise BadData("no truth")
    with pytest.raises(CannotWrite, match="No space left"), writing(tmp_path):
        raise OSError(28, "No space left on device")
