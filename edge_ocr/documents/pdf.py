"""Pages as a searchable PDF: each picture, and over each word its text, invisible, to be found and copied."""

import io
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2

from edge_ocr.documents.elements import CREATOR
from edge_ocr.errors import EdgeOcrError
from edge_ocr.page import Box, Frame, Page

if TYPE_CHECKING:
    from fpdf import FPDF

POINTS = 72 / 300
"""Of a pixel: photographs do not know their scale, and at 300 dots an inch a phone's picture is about a sheet."""

LONGEST = 14_000.0
"""Points: the longest side that viewers show."""

QUALITY = 92
"""Of the pictures' JPEG, 0 to 100: writing shows no difference."""

EM = 1000
ADVANCE, ASCENT = EM // 2, EM * 4 // 5
"""Of each character of the invisible font, in its units: half as wide as high, on a baseline a fifth above its foot."""

FONT = "invisible"


def to_pdf(read: Iterable[tuple[Page, Frame]]) -> bytes:
    """A PDF with a page for each picture and its text.

    Args:
        read: pages beside the frames that they were read in.

    Raises:
        EdgeOcrError: fpdf2 is not installed.
    """
    try:
        from fpdf import FPDF
    except ImportError as error:
        raise EdgeOcrError("a PDF needs fpdf2, which is not installed: pip install 'edge-ocr[pdf]'") from error
    read = list(read)
    pdf = FPDF(unit="pt")
    pdf.set_creator(CREATOR)
    pdf.set_margin(0)
    pdf.set_auto_page_break(False)
    with tempfile.TemporaryDirectory() as folder:
        font = Path(folder, "font.ttf")
        _make_font({char for page, _ in read for char in page.text}, font)
        pdf.add_font(FONT, fname=font)
        for page, frame in read:
            _add_page(pdf, page, frame)
        return bytes(pdf.output())


def _add_page(pdf: "FPDF", page: Page, frame: Frame) -> None:
    from fpdf.enums import TextMode

    scale = min(POINTS, LONGEST / max(page.width, page.height))
    width, height = page.width * scale, page.height * scale
    pdf.add_page(format=(width, height))
    _, picture = cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    pdf.image(io.BytesIO(picture.tobytes()), 0, 0, width, height)
    with pdf.local_context(text_mode=TextMode.INVISIBLE):
        for line in page.lines:
            for word in line.words:
                _add_word(pdf, word.text, word.box, page.turn, scale)


def _add_word(pdf: "FPDF", text: str, box: Box, turn: float, scale: float) -> None:
    """The word along its box: as it is, or on its side or upside down where the page's text is."""
    quarters = round(turn / 90) % 4
    along, across = (box.height, box.width) if quarters % 2 else (box.width, box.height)
    size = across * scale
    pdf.set_font(FONT, size=size)
    pdf.set_stretching(100 * along * scale / (len(text) * size * ADVANCE / EM))
    # Where the word's upper left corner is once the page is upright.
    x, y = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)][quarters]
    with pdf.rotation(-90 * quarters, x * scale, y * scale):
        pdf.text(x * scale, y * scale + size * ASCENT / EM, text)


def _make_font(characters: set[str], path: Path) -> None:
    """A font of empty shapes for these characters, as Tesseract's PDFs have: any script, and widths that are known."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    names = {ord(char): f"u{ord(char):05X}" for char in sorted(characters | {" "})}
    glyphs = [".notdef", *names.values()]
    font: Any = FontBuilder(EM, isTTF=True)
    font.setupGlyphOrder(glyphs)
    font.setupCharacterMap(names)
    font.setupGlyf({name: Glyph() for name in glyphs})
    font.setupHorizontalMetrics({name: (ADVANCE, 0) for name in glyphs})
    font.setupHorizontalHeader(ascent=ASCENT, descent=ASCENT - EM)
    font.setupOS2(sTypoAscender=ASCENT, sTypoDescender=ASCENT - EM, usWinAscent=ASCENT, usWinDescent=EM - ASCENT)
    font.setupNameTable({"familyName": FONT, "styleName": "Regular"})
    font.setupPost()
    font.save(path)
