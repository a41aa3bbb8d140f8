"""Readings moved by some pixels: from a region to the whole picture, or to a line's current place."""

from dataclasses import replace

from edge_ocr.page import Box, Glyph, Line, Page, Word


def moved_glyph(glyph: Glyph, right: int, down: int) -> Glyph:
    """The character with its box shifted."""
    box = glyph.box
    return replace(glyph, box=Box(box.left + right, box.top + down, box.right + right, box.bottom + down))


def moved_line(line: Line, right: int, down: int) -> Line:
    """The line with its boxes shifted."""

    def moved(word: Word) -> Word:
        return replace(word, glyphs=tuple(moved_glyph(glyph, right, down) for glyph in word.glyphs))

    return Line(tuple(map(moved, line.words)))


def moved_page(page: Page, right: int, down: int, width: int, height: int) -> Page:
    """The page with its boxes shifted, on a picture of another size."""
    if not right and not down and (page.width, page.height) == (width, height):
        return page
    lines, rejected = (tuple(moved_line(line, right, down) for line in some) for some in (page.lines, page.rejected))
    return replace(page, lines=lines, rejected=rejected, width=width, height=height)
