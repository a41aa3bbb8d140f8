"""Pages as hOCR 1.2 (http://kba.cloud/hocr-spec/1.2/): HTML with a box and a confidence for each word."""

import xml.etree.ElementTree as ET

from edge_ocr.documents.elements import CREATOR, add, serialise
from edge_ocr.page import Box, Line, Page

DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)


def to_hocr(*pages: Page) -> str:
    """One hOCR document of all `pages`, boxes in pixels of their pictures, confidences in percent."""
    root = ET.Element("html", {"xmlns": "http://www.w3.org/1999/xhtml", "xml:lang": "en", "lang": "en"})
    head = add(root, "head")
    add(head, "title", pages[0].name if pages else "")
    add(head, "meta", **{"http-equiv": "Content-Type", "content": "text/html;charset=utf-8"})
    add(head, "meta", name="ocr-system", content=CREATOR)
    add(head, "meta", name="ocr-capabilities", content="ocr_page ocr_line ocrx_word ocrp_wconf")
    body = add(root, "body")
    for number, page in enumerate(pages):
        _add_page(body, page, number)
    return serialise(root, DOCTYPE)


def _add_page(body: ET.Element, page: Page, number: int) -> None:
    # A semicolon or a quote would end the property, whatever stands around it.
    image = page.name.replace("%", "%25").replace(";", "%3B").replace('"', "%22")
    title = f'image "{image}"; bbox 0 0 {page.width} {page.height}; ppageno {number}'
    name = f"{number + 1}"
    block = add(body, "div", **{"class": "ocr_page", "id": f"page_{name}", "title": title})
    for at, line in enumerate(page.lines, 1):
        _add_line(add(block, "p"), line, f"{name}_{at}", round(-page.turn) % 360)


def _add_line(parent: ET.Element, line: Line, name: str, angle: int) -> None:
    """`angle`: degrees counter-clockwise by which the text is turned."""
    title = _bbox(line.box) + (f"; textangle {angle}" if angle else "")
    element = add(parent, "span", **{"class": "ocr_line", "id": f"line_{name}", "title": title})
    for at, word in enumerate(line.words, 1):
        sure = [round(100 * glyph.confidence) for glyph in word.glyphs]
        title = f"{_bbox(word.box)}; x_wconf {round(100 * word.confidence)}; x_confs {' '.join(map(str, sure))}"
        add(element, "span", word.text, **{"class": "ocrx_word", "id": f"word_{name}_{at}", "title": title})


def _bbox(box: Box) -> str:
    return f"bbox {box.left} {box.top} {box.right} {box.bottom}"
