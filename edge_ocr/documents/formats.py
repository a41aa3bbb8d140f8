"""The formats that pages are written in, by the names that `--format` takes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edge_ocr.documents.alto import to_alto
from edge_ocr.documents.hocr import to_hocr
from edge_ocr.documents.page_xml import to_page_xml
from edge_ocr.documents.pdf import to_pdf
from edge_ocr.documents.table import to_csv
from edge_ocr.page import Frame, Page

Read = Iterable[tuple[Page, Frame]]
"""The pages of one file beside their pictures, one after another: only the PDF keeps the pictures, as JPEG."""


@dataclass(frozen=True, slots=True)
class Format:
    """How pages become files, or a stream."""

    ending: str
    """Of its files, after the picture's whole name: note.jpg and note.png never meet, and no picture is overwritten."""
    render: Callable[[Read], list[bytes]]
    """The pages of one file as documents: one, or for PAGE one a page."""
    flow: Callable[[Page, bool], str] | None = None
    """For formats that may go to stdout page after page: a page's part, and whether it is the first; "" for none."""


def _text(page: Page, first: bool) -> str:
    return page.text if first or not page.text else "\n" + page.text


def _csv(page: Page, first: bool) -> str:
    return to_csv(page, heading=first).removesuffix("\n")


def flowing(ending: str, flow: Callable[[Page, bool], str]) -> Format:
    """A format whose files hold what stdout would get."""

    def render(read: Read) -> list[bytes]:
        parts: list[str] = []
        for page, _ in read:
            part = flow(page, not parts)
            parts += [part + "\n"] if part else []
        return ["".join(parts).encode("utf-8", "backslashreplace")]

    return Format(ending, render, flow)


def _pages(read: Read) -> list[Page]:
    return [page for page, _ in read]


FORMATS = {
    "text": flowing(".txt", _text),
    "json": flowing(".jsonl", lambda page, _: page.to_json()),
    "csv": flowing(".csv", _csv),
    "hocr": Format(".hocr", lambda read: [to_hocr(*_pages(read)).encode()]),
    "alto": Format(".alto.xml", lambda read: [to_alto(*_pages(read)).encode()]),
    "page": Format(".page.xml", lambda read: [to_page_xml(page).encode() for page in _pages(read)]),
    "pdf": Format(".pdf", lambda read: [to_pdf(read)]),
}

WITH_REJECTED = flowing(".jsonl", lambda page, _: page.to_json(rejected=True))
"""JSON that lists the lines left out, too."""


def endings(ending: str, count: int) -> list[str]:
    """Of the files for `count` documents of one picture file: .page.xml, .2.page.xml, .3.page.xml, ..."""
    return [ending if at == 1 else f".{at}{ending}" for at in range(1, count + 1)]
