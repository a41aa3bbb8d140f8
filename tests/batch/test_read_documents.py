"""`edge-ocr read --format`: documents on stdout, beside pictures and in folders; what is there is not read again."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_ocr.batch import places
from edge_ocr.commands import main as cli
from edge_ocr.commands import read as read_command
from edge_ocr.errors import ExitCode
from edge_ocr.picture.header import page_places
from tests.batch.readers import FakeReader

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> type[FakeReader]:
    fake = type("Fake", (FakeReader,), {"seen": []})
    monkeypatch.setattr(read_command, "Reader", fake)
    return fake


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pictures, of the brightness that their names say; we stand above it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scans").mkdir()
    for value in (10, 20):
        cv2.imwrite(f"scans/{value}.png", np.full((40, 60), value, np.uint8))
    return Path("scans")


def files(folder: str | Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


def test_csv_has_one_heading(folder: Path, capsys: Capture) -> None:
    """A spreadsheet would show a heading between the pictures."""
    assert cli.main(["read", "scans", "--format", "csv"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split(",")[:4] for row in rows[1:]] == [
        ["scans/10.png", "1", "1", "10"],
        ["scans/20.png", "1", "1", "20"],
    ]
    assert rows[0].startswith("picture,line,word,text,confidence")


def test_json_is_a_format(folder: Path, capsys: Capture) -> None:
    """--json and --format json would differ."""
    cli.main(["read", "scans", "--json"])
    cli.main(["read", "scans", "--format", "json"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == lines[2:] and json.loads(lines[0])["text"] == "10"


@pytest.mark.parametrize(
    ("format", "start"), [("hocr", "<?xml"), ("alto", "<?xml"), ("page", "<?xml"), ("pdf", "%PDF")]
)
def test_a_document_of_one_picture_goes_to_stdout(
    format: str, start: str, folder: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """`edge-ocr read note.jpg --format pdf > note.pdf` would make no PDF."""
    if format == "pdf":
        pytest.importorskip("fpdf", reason="a PDF needs it: pip install fpdf2")
    assert cli.main(["read", "scans/10.png", "--format", format]) == 0
    assert capsysbinary.readouterr().out.startswith(start.encode())


def test_a_document_of_several_pictures_needs_a_place(folder: Path, capsys: Capture) -> None:
    """Two documents in one file would be none."""
    assert cli.main(["read", "scans", "--format", "alto"]) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert out == "" and "--beside or --output FOLDER" in err and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("format", "ending"),
    [("text", "txt"), ("json", "jsonl"), ("csv", "csv"), ("hocr", "hocr"), ("alto", "alto.xml"), ("page", "page.xml")],
)
def test_documents_lie_beside_their_pictures(format: str, ending: str, folder: Path, capsys: Capture) -> None:
    """The documents of note.jpg and note.png would overwrite each other, or a picture."""
    cv2.imwrite("scans/10.jpg", np.full((40, 60), 30, np.uint8))
    assert cli.main(["read", "scans", "--format", format, "--beside"]) == 0
    assert capsys.readouterr().out == ""
    names = ["10.jpg", "10.png", "20.png"]
    assert files("scans") == sorted([*names, *(f"{name}.{ending}" for name in names)])
    assert "30" in Path(f"scans/10.jpg.{ending}").read_text() and "10" in Path(f"scans/10.png.{ending}").read_text()


def test_what_is_there_is_skipped(folder: Path, reader: type[FakeReader], capsys: Capture) -> None:
    """A run that was stopped would begin anew, or skip a picture that has changed since."""
    command = ["read", "scans", "--output", "texts"]
    assert cli.main(command) == 0 and reader.seen == ["scans/10.png", "scans/20.png"]
    Path("texts/20.png.txt").unlink()
    capsys.readouterr()
    assert cli.main(command) == 0 and reader.seen[2:] == ["scans/20.png"]
    assert "1 of 2 pictures" in capsys.readouterr().err
    assert cli.main(command) == 0 and len(reader.seen) == 3
    newer = Path("texts/10.png.txt").stat().st_mtime + 1
    os.utime("scans/10.png", (newer, newer))
    assert cli.main(command) == 0 and reader.seen[3:] == ["scans/10.png"]
    assert cli.main([*command, "--again"]) == 0 and len(reader.seen) == 6
    assert files("texts") == ["10.png.txt", "20.png.txt"]


def test_a_picture_without_writing_is_done_too(folder: Path, reader: type[FakeReader]) -> None:
    """Each run would read all the blank pages again."""
    cv2.imwrite("scans/255.png", np.full((40, 60), 255, np.uint8))
    for _ in range(2):
        assert cli.main(["read", "scans/255.png", "--output", "texts"]) == 0
    assert reader.seen == ["scans/255.png"] and Path("texts/255.png.txt").read_bytes() == b""


def test_nothing_is_left_of_a_document_that_cannot_be_finished(
    folder: Path, reader: type[FakeReader], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """The next run would take half a document for a whole one."""

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(places.os, "fsync", fail)
        assert cli.main(["read", "scans", "--output", "texts"]) == ExitCode.CANNOT_WRITE
    err = capsys.readouterr().err
    assert files("texts") == [] and "No space left" in err and len(err.splitlines()) == 2
    assert cli.main(["read", "scans", "--output", "texts"]) == 0 and len(files("texts")) == 2


def test_a_bad_picture_has_no_document(folder: Path, capsys: Capture) -> None:
    """It would pass for read, and its error would come only once."""
    Path("scans/15.png").write_bytes(b"no picture")
    for _ in range(2):
        assert cli.main(["read", "scans", "--output", "texts"]) == ExitCode.BAD_IMAGE
        assert "15.png is something else" in capsys.readouterr().err
    assert files("texts") == ["10.png.txt", "20.png.txt"]


def test_two_pictures_do_not_share_a_document(folder: Path, capsys: Capture, tmp_path: Path) -> None:
    """One of them would be lost."""
    (tmp_path / "more").mkdir()
    cv2.imwrite("more/10.png", np.full((40, 60), 30, np.uint8))
    assert cli.main(["read", "scans", "more", "--output", "texts"]) == ExitCode.CANNOT_WRITE
    err = capsys.readouterr().err
    assert "scans/10.png and more/10.png" in err and not Path("texts").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-", "--beside"], "--output FOLDER"),
        (["scans", "--output", "scans/10.png"], "scans/10.png"),
        (["scans", "--again"], "--again needs"),
        (["scans", "--output", ""], "name of a folder"),
        (["scans", "--output", "texts", "--beside"], "not allowed with"),
        (["scans", "--format", "docx"], "invalid choice"),
    ],
)
def test_wrong_places_are_refused_before_reading(
    arguments: list[str], expected: str, folder: Path, reader: type[FakeReader], capsys: Capture
) -> None:
    """The pictures would be read for nothing."""
    assert cli.main(["read", *arguments]) in (ExitCode.CANNOT_WRITE, ExitCode.USAGE)
    err = capsys.readouterr().err
    assert expected in err and len(err.splitlines()) == 1 and reader.seen == []


@pytest.fixture
def scan(folder: Path) -> Path:
    """A TIFF of three pages, of brightness 30, 40 and 50."""
    pages = [np.full((40, 60), value, np.uint8) for value in (30, 40, 50)]
    cv2.imwritemulti("scans/scan.tif", pages, [cv2.IMWRITE_TIFF_COMPRESSION, 1])
    return Path("scans/scan.tif")


def test_all_pages_of_a_file_make_its_document(scan: Path, capsys: Capture) -> None:
    """The text of a scan would end after its first page, or each page replace the one before."""
    assert cli.main(["read", str(scan)]) == 0
    assert capsys.readouterr().out == "30\n\n40\n\n50\n"
    for format in ("text", "alto", "page"):
        assert cli.main(["read", str(scan), "--format", format, "--output", "out"]) == 0
    assert files("out") == [
        f"scan.tif{end}" for end in (".2.page.xml", ".3.page.xml", ".alto.xml", ".page.xml", ".txt")
    ]
    assert Path("out/scan.tif.txt").read_text() == "30\n\n40\n\n50\n"
    assert Path("out/scan.tif.alto.xml").read_text().count("<Page ") == 3
    assert "scan.tif#page=2" in Path("out/scan.tif.2.page.xml").read_text()


def test_all_pages_of_a_file_are_drawn(scan: Path) -> None:
    """--annotate would show the last page of a scan only."""
    assert cli.main(["read", str(scan), "--annotate", "seen.png"]) == 0
    assert sorted(path.name for path in Path().glob("seen*")) == ["seen.2.png", "seen.3.png", "seen.png"]


def test_pages_before_a_broken_one_are_given_out(scan: Path, capsys: Capture) -> None:
    """A night's scan with one bad page would give nothing at all; or a part of it would pass for the whole."""
    content = bytearray(scan.read_bytes())
    last = page_places(bytes(content))[1][2]
    content[last : last + 2] = b"\0\0"  # A page without any tag.
    scan.write_bytes(content)
    assert cli.main(["read", str(scan)]) == ExitCode.BAD_IMAGE
    out, err = capsys.readouterr()
    assert out == "30\n\n40\n" and "scan.tif#page=3" in err
    assert cli.main(["read", str(scan), "--output", "out"]) == ExitCode.BAD_IMAGE
    assert files("out") == []
