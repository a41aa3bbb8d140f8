"""`edge-ocr read --form` as its users run it: as a process, over a folder."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_ocr.errors import ExitCode
from edge_ocr.forms.form_file import load_form
from edge_ocr.forms.form_reader import FormReader
from edge_ocr.picture.load import load_image
from tests.forms.conftest import Shoebox
from tests.forms.made import MEMBERSHIP, METERS

pytestmark = pytest.mark.slow


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge_ocr", *map(str, arguments), "--max-seconds", "600"]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def test_a_folder_becomes_a_csv(few: Shoebox) -> None:
    """A shoebox of photographed forms makes no spreadsheet; a picture of something else ends the run."""
    folder = few.folder / "mixed"
    folder.mkdir()
    copies = [copy for copy in few.copies if copy.form is METERS]
    for number, copy in enumerate(copies):
        (folder / f"{number}.jpg").write_bytes(copy.photo.read_bytes())
    other = next(copy for copy in few.copies if copy.form is MEMBERSHIP)
    (folder / "other.jpg").write_bytes(other.photo.read_bytes())
    done = run("read", "--form", few.path(METERS), folder, "--format", "csv", "--jobs", 2)
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [Path(row["picture"]).name for row in rows] == ["0.jpg", "1.jpg", "2.jpg"]
    for row, copy in zip(rows, copies, strict=True):
        assert row["moved"] == ("yes" if copy.truth["moved"] else "no")
        assert row["customer"] == copy.truth["customer"] or "customer" in row["doubtful"]
    assert done.returncode == ExitCode.FORM_NOT_FOUND
    assert "other.jpg does not show the form of" in done.stderr and "Traceback" not in done.stderr


def test_a_form_is_looked_for_no_longer_than_a_picture_may_take(few: Shoebox) -> None:
    """On a slow board `--max-seconds` does not count for forms, or what it left out looks like empty fields."""
    copy = next(copy for copy in few.copies if copy.form is METERS)
    reader = FormReader.load(load_form(few.path(METERS)), max_seconds=0.001)
    filled = reader.read(load_image(copy.photo))
    assert filled.partial and {answer.doubt for answer in filled.answers} == {"time was over"}
    assert len(filled.doubtful) == len(METERS.entries)


def test_json_has_everything_and_the_table_marks_what_is_doubtful(few: Shoebox, tmp_path: Path) -> None:
    """A program would not learn where an answer stands and how sure it is; a person would not see what to check."""
    copy = next(copy for copy in few.copies if copy.form is METERS)
    form, photo = few.path(METERS), copy.photo
    drawn = tmp_path / "seen.png"
    done = run("read", "--form", form, photo, "--json", "--annotate", drawn)
    fields = json.loads(done.stdout)["fields"]
    assert list(fields) == [entry.name for entry in METERS.entries] and drawn.is_file()
    assert fields["moved"]["value"] is copy.truth["moved"]
    left, top, right, bottom = fields["power"]["box"]
    assert 0 <= left < right and 0 <= top < bottom and 0 <= fields["power"]["confidence"] <= 1
    table = run("read", "--form", form, photo, "--sure", 1)
    heading, row = table.stdout.splitlines()
    assert heading.split()[:2] == ["picture", "customer"] and f"{fields['power']['value']}?" in row
    assert "answers are doubtful" in table.stderr


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (["--form", "nowhere.toml"], "nowhere.toml cannot be read", ExitCode.BAD_FORM),
        (["--form", "FORM", "--charset", "0-9"], "--charset does not go with --form", ExitCode.USAGE),
        (["--form", "FORM", "--output", "x"], "--output does not go with --form", ExitCode.USAGE),
        (["--form", "FORM", "--format", "pdf"], "choose one of text, csv, json", ExitCode.USAGE),
        (["--sure", "0.5"], "--sure is about forms", ExitCode.USAGE),
        (["--form", "FORM"], "white.png does not show the form", ExitCode.FORM_NOT_FOUND),
        (["--form", "BAD"], "field 'power'", ExitCode.BAD_FORM),
    ],
)
def test_what_is_wrong_is_one_sentence(
    arguments: list[str], says: str, code: int, few: Shoebox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A wrong command line or form would be a traceback, or be read as something else."""
    from edge_ocr.commands.main import main

    white = tmp_path / "white.png"
    cv2.imwrite(str(white), np.full((400, 300), 255, np.uint8))
    bad = few.folder / "bad.toml"
    bad.write_text(few.path(METERS).read_text().replace('kind = "digits"', 'kind = "digits"\npattern = "[0-9"', 1))
    names = {"FORM": str(few.path(METERS)), "BAD": str(bad)}
    assert main(["read", str(white), *(names.get(name, name) for name in arguments)]) == code
    out, err = capsys.readouterr()
    assert says in err and len(err.splitlines()) == 1 and out == ""
