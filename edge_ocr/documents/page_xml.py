"""A page as PAGE XML of 2019-07-15 (https://github.com/PRImA-Research-Lab/PAGE-XML), which OCR-D uses."""

import xml.etree.ElementTree as ET
from datetime import datetime, timezone

from edge_ocr.documents.elements import CREATOR, add, serialise
from edge_ocr.page import Box, Line, Page, Word, around

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def to_page_xml(page: Page) -> str:
    """One PAGE document, which holds one picture; outlines in pixels, confidences 0 to 1."""
    root = ET.Element("PcGts", {
        "xmlns": NAMESPACE,
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation": f"{NAMESPACE} {NAMESPACE}/pagecontent.xsd",
    })  # fmt: skip
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    metadata = add(root, "Metadata")
    for tag, text in (("Creator", CREATOR), ("Created", now), ("LastChange", now)):
        add(metadata, tag, text)
    place = add(root, "Page", imageFilename=page.name, imageWidth=page.width, imageHeight=page.height)
    if page.lines:
        # Degrees clockwise that would make the text upright.
        upright = 180 - (page.turn + 180) % 360
        region = add(place, "TextRegion", id="region", orientation=f"{upright:.1f}")
        _add_outline(region, around([line.box for line in page.lines]))
        for at, line in enumerate(page.lines, 1):
            _add_line(region, line, f"line_{at}")
        _add_text(region, page.text)
    return serialise(root)


def _add_line(region: ET.Element, line: Line, name: str) -> None:
    element = add(region, "TextLine", id=name)
    _add_outline(element, line.box)
    for at, word in enumerate(line.words, 1):
        _add_word(element, word, f"{name}_word_{at}")
    _add_text(element, line.text, line.confidence)


def _add_word(line: ET.Element, word: Word, name: str) -> None:
    element = add(line, "Word", id=name)
    _add_outline(element, word.box)
    for at, glyph in enumerate(word.glyphs, 1):
        part = add(element, "Glyph", id=f"{name}_glyph_{at}")
        _add_outline(part, glyph.box)
        _add_text(part, glyph.text, glyph.confidence, glyph.alternatives)
    _add_text(element, word.text, word.confidence, word.alternatives)


def _add_outline(element: ET.Element, box: Box) -> None:
    left, top, right, bottom = box.left, box.top, box.right - 1, box.bottom - 1
    add(element, "Coords", points=f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}")


def _add_text(
    element: ET.Element, text: str, confidence: float | None = None, others: tuple[tuple[str, float], ...] = ()
) -> None:
    """The text as the first of its alternatives; where there are none, without a number."""
    found = [(text, confidence), *others]
    for index, (reading, sure) in enumerate(found):
        attributes: dict[str, object] = {"index": index} if others else {}
        if sure is not None:
            attributes["conf"] = f"{sure:.4f}"
        add(add(element, "TextEquiv", **attributes), "Unicode", reading)
