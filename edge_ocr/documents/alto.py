"""Pages as ALTO 4.2 (https://www.loc.gov/standards/alto/): lines, words and characters, with what else they may be."""

import xml.etree.ElementTree as ET

from edge_ocr.documents.elements import add, serialise
from edge_ocr.page import Box, Glyph, Line, Page, Word, around
from edge_ocr.version import __version__

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-2.xsd"


def to_alto(*pages: Page) -> str:
    """One ALTO document of all `pages` of a picture file, boxes in pixels, confidences 0 to 1."""
    root = ET.Element("alto", {
        "xmlns": NAMESPACE,
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
        "SCHEMAVERSION": "4.2",
    })  # fmt: skip
    description = add(root, "Description")
    add(description, "MeasurementUnit", "pixel")
    add(add(description, "sourceImageInformation"), "fileName", pages[0].name if pages else "")
    software = add(add(description, "Processing", ID="reading"), "processingSoftware")
    add(software, "softwareName", "edge-ocr")
    add(software, "softwareVersion", __version__)
    layout = add(root, "Layout")
    for number, page in enumerate(pages, 1):
        _add_page(layout, page, number)
    return serialise(root)


def _add_page(layout: ET.Element, page: Page, number: int) -> None:
    element = add(layout, "Page", ID=f"page_{number}", PHYSICAL_IMG_NR=number, WIDTH=page.width, HEIGHT=page.height)
    space = add(element, "PrintSpace", **_place(Box(0, 0, page.width, page.height)))
    if not page.lines:
        return  # A block must have a line.
    box = around([line.box for line in page.lines])
    # Degrees counter-clockwise.
    block = add(space, "TextBlock", ID=f"block_{number}", ROTATION=round(-page.turn, 1) % 360, **_place(box))
    for at, line in enumerate(page.lines, 1):
        _add_line(block, line, f"{number}_{at}")


def _add_line(block: ET.Element, line: Line, name: str) -> None:
    element = add(block, "TextLine", ID=f"line_{name}", **_place(line.box))
    for at, word in enumerate(line.words, 1):
        if at > 1:
            add(element, "SP")
        _add_word(element, word, f"{name}_{at}")


def _add_word(line: ET.Element, word: Word, name: str) -> None:
    confidence = f"{word.confidence:.4f}"
    element = add(line, "String", ID=f"word_{name}", CONTENT=word.text, WC=confidence, **_place(word.box))
    for text, _ in word.alternatives:
        add(element, "ALTERNATIVE", text)
    for at, glyph in enumerate(word.glyphs, 1):
        _add_glyph(element, glyph, f"{name}_{at}")


def _add_glyph(word: ET.Element, glyph: Glyph, name: str) -> None:
    confidence = f"{glyph.confidence:.4f}"
    element = add(word, "Glyph", ID=f"glyph_{name}", CONTENT=glyph.text, GC=confidence, **_place(glyph.box))
    for text, probability in glyph.alternatives:
        add(element, "Variant", CONTENT=text, VC=f"{probability:.4f}")


def _place(box: Box) -> dict[str, int]:
    return {"HPOS": box.left, "VPOS": box.top, "WIDTH": box.width, "HEIGHT": box.height}
