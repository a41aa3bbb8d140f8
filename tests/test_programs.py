"""The programs of docs/python.md, run as their readers run them: saved under their names, in processes of their own."""

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import pytest

from edge_ocr import load_image
from tests.documented import PAGE, PROGRAMS, texts_of, write_pictures
from tests.places import PAGES, ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two of a few lines."""
    return write_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def texts(pictures: list[Path]) -> list[str]:
    """Of the pictures."""
    found = texts_of(pictures)
    assert all(found)
    return found


def run(place: Path, name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Save a program of the page and run it there; a warning is an error."""
    (place / name).write_text(PROGRAMS[name], encoding="utf-8")
    command = [sys.executable, "-W", "error", name, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=400)


def test_all_programs_of_the_page_are_run_here() -> None:
    """A program of the page could be broken without anybody noticing."""
    source = Path(__file__).read_text(encoding="utf-8")
    assert len(PROGRAMS) == PAGE.read_text(encoding="utf-8").count("```python")
    assert all(f'"{name}"' in source for name in PROGRAMS)


def test_folder_to_csv(tmp_path: Path, pictures: list[Path], texts: list[str]) -> None:
    """Whoever has a folder of photographs would get no table, or one without the pictures after a broken one."""
    (tmp_path / "in" / "below").mkdir(parents=True)
    (tmp_path / "in" / "1.jpg").write_bytes(pictures[0].read_bytes())
    (tmp_path / "in" / "below" / "2.jpg").write_bytes(pictures[1].read_bytes())
    (tmp_path / "in" / "bad.jpg").write_bytes(b"no picture")
    done = run(tmp_path, "folder_to_csv.py", "in", "words.csv")
    assert done.returncode == 0 and "bad.jpg is something else" in done.stderr
    with (tmp_path / "words.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == " ".join(texts).split()


def test_searchable(tmp_path: Path, pictures: list[Path], texts: list[str]) -> None:
    """The PDF would hold no text, or only the first page's."""
    pytest.importorskip("fpdf", reason="a PDF needs it: pip install fpdf2")
    pdfium = pytest.importorskip("pypdfium2", reason="it reads PDFs: pip install pypdfium2")
    done = run(tmp_path, "searchable.py", "book.pdf", *pictures)
    assert (done.returncode, done.stdout) == (0, "")
    with pdfium.PdfDocument(tmp_path / "book.pdf") as book:
        found = [page.get_textpage().get_text_range().split() for page in book]
    assert found == [text.split() for text in texts]


def test_doubtful(tmp_path: Path) -> None:
    """The table would show words that are sure, or none."""
    pytest.importorskip("pandas", reason="the table needs it: pip install pandas")
    cv2.imwrite(str(tmp_path / "note.png"), load_image(PAGES / "blur-and-noise.jpg").image[:250])
    done = run(tmp_path, "doubtful.py", "note.png")
    assert done.returncode == 0, done.stderr
    heading, *rows = done.stdout.splitlines()
    assert heading.split() == ["line", "text", "confidence"] and rows
    sure = [float(row.split()[-1]) for row in rows]
    assert sure == sorted(sure) and all(value < 0.8 for value in sure)


def test_several(tmp_path: Path, pictures: list[Path], texts: list[str]) -> None:
    """A program that shares pictures among processes would hang, or give other texts."""
    done = run(tmp_path, "several.py", *pictures)
    expected = "".join(f"{path}: {text!r}\n" for path, text in zip(pictures, texts, strict=True))
    assert (done.returncode, done.stdout) == (0, expected)


def test_server(tmp_path: Path, pictures: list[Path], texts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads that come at once would fail, get each other's texts, or end the server."""
    testing: Any = pytest.importorskip("fastapi.testclient", reason="the server needs it: pip install fastapi httpx")
    pytest.importorskip("multipart", reason="uploads need it: pip install python-multipart")
    (tmp_path / "server.py").write_text(PROGRAMS["server.py"], encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    import server  # type: ignore[import-not-found]

    from tests.uploads import answers, is_right  # It needs what the server needs.

    with testing.TestClient(server.app) as client:
        given = answers(client.post, pictures, 8)
        bad = client.post("/read", files={"picture": ("note.jpg", b"no picture")})
    assert all(map(is_right, given, texts * 4))
    assert bad.status_code == 422 and "note.jpg is something else" in bad.json()["detail"]


def test_notebook(tmp_path: Path, pictures: list[Path], texts: list[str]) -> None:
    """The notebook would stop at a cell, or show no picture."""
    nbformat = pytest.importorskip("nbformat", reason="it opens notebooks: pip install nbformat")
    nbclient = pytest.importorskip("nbclient", reason="it runs notebooks: pip install nbclient ipykernel")
    pytest.importorskip("matplotlib", reason="the notebook draws with it: pip install matplotlib")
    notebook = nbformat.read(ROOT / "docs" / "overlay.ipynb", as_version=4)
    (tmp_path / "note.jpg").write_bytes(pictures[0].read_bytes())
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    client = nbclient.NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any(output.get("text") == texts[0] + "\n" for output in outputs)
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 2
