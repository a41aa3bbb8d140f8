"""What lies in a folder: pictures in the order that people expect, and nothing left out without a word."""

from pathlib import Path

import pytest

from edge_ocr.batch.sources import gather
from edge_ocr.errors import ImageNotFound
from edge_ocr.picture.folder import find_images, look_into


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def shown(folder: Path, paths: list[Path]) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in paths]


def test_all_pictures_of_all_folders_are_found(tmp_path: Path) -> None:
    """Pictures from phones, scanners and old programs would be left out without a word, or come in a strange order."""
    fill(
        tmp_path,
        "page10.jpg",
        "page9.PNG",
        "b.jfif",
        "c.avif",
        "d.HEIC",
        "e.pdf",
        "x/y2/1.tif",
        "x/y10/1.jp2",
        "a/1.gif",
    )
    expected = [
        "b.jfif",
        "c.avif",
        "d.HEIC",
        "e.pdf",
        "page9.PNG",
        "page10.jpg",
        "a/1.gif",
        "x/y2/1.tif",
        "x/y10/1.jp2",
    ]
    assert shown(tmp_path, find_images([tmp_path])) == expected


def test_what_is_made_of_a_picture_is_neither_read_nor_reported(tmp_path: Path) -> None:
    """The PDF of a note would be read as another note, and its text be reported as left out."""
    fill(
        tmp_path,
        "note.jpg",
        "note.jpg.pdf",
        "note.jpg.2.page.xml",
        "note.jpg.txt",
        "note.txt",
        "other.pdf",
        ".hidden",
        ".x/1.jpg",
    )
    contents = look_into(tmp_path)
    assert shown(tmp_path, contents.pictures) == ["note.jpg", "other.pdf"]
    assert shown(tmp_path, contents.others) == ["note.txt"]


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    """A folder with a link to itself would be read without end."""
    fill(tmp_path, "in/1.jpg")
    (tmp_path / "in" / "round").symlink_to(tmp_path)
    (tmp_path / "in" / "2.jpg").symlink_to(tmp_path / "in" / "1.jpg")
    (tmp_path / "in" / "3.jpg").symlink_to(tmp_path / "absent.jpg")
    assert shown(tmp_path, find_images([tmp_path])) == ["in/1.jpg", "in/2.jpg"]


def test_the_folder_of_results_is_left_out(tmp_path: Path) -> None:
    """What was made yesterday would be read today."""
    fill(tmp_path, "a.png", "done/a.png.pdf", "done/b.txt")
    assert shown(tmp_path, look_into(tmp_path, tmp_path / "done").pictures) == ["a.png"]
    assert len(look_into(tmp_path, tmp_path).pictures) == 2  # Results beside the pictures.


def test_folder_is_sorted_naturally(tmp_path: Path) -> None:
    """Page 10 would be read before page 2, and texts and hidden files would be taken for pictures."""
    for name in ("page10.png", "page2.JPG", "Page1.png", "notes.txt", "._page1.png", "01.png", "1.png"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    names = [path.name for path in find_images([tmp_path, tmp_path / "notes.txt"])]
    assert names == ["01.png", "1.png", "Page1.png", "page2.JPG", "page10.png", "notes.txt"]


def test_folder_without_pictures(tmp_path: Path) -> None:
    """A mistyped folder would look like one that was read and held nothing."""
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ImageNotFound, match="holds no pictures"):
        find_images([tmp_path])


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (1, "1 file in scans left out, no pictures by their names: 1.doc\n"),
        (7, "7 files in scans left out, no pictures by their names: 1.doc, 2.doc, 3.doc, 4.doc, 5.doc and 2 more\n"),
    ],
)
def test_what_is_left_out_is_counted_and_named(
    others: int, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has scans of a format that we do not know would believe that all were read."""
    monkeypatch.chdir(fill(tmp_path, "scans/a.png", *(f"scans/{at}.doc" for at in range(1, others + 1))))
    failures: list[Exception] = []
    (source,) = gather(["scans"], failures.append)
    assert source.name == "scans/a.png" and source.place == Path("a.png") and not failures
    assert capsys.readouterr().err == f"edge-ocr: {expected}"


def test_a_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    """A wrong folder would pass for one that was read."""
    empty, full = fill(tmp_path / "empty", "a.doc", "b/c.doc"), fill(tmp_path / "full", "1.png")
    failures: list[Exception] = []
    assert gather([str(empty), "", str(full)], failures.append)[0].place == Path("1.png")
    assert [str(error) for error in failures if isinstance(error, ImageNotFound)][1].startswith("an empty file name")
    assert "holds no pictures" in str(failures[0])
