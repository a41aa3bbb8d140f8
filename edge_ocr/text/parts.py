"""Parts of a line: what of a reading matches a pattern that a part may match, as words with their boxes."""

from edge_ocr.page import Line, Word

Spans = list[tuple[int, int]]
"""Start and end of parts of a text, from left to right."""


def take_parts(line: Line, spans: Spans) -> Line:
    """The words of the line's parts at these places of its text; one that is cut has no alternatives any more."""
    words: list[Word] = []
    at = 0
    for word in line.words:
        for start, end in spans:
            glyphs = word.glyphs[max(0, start - at) : max(0, end - at)]
            if glyphs:
                words.append(word if len(glyphs) == len(word.glyphs) else Word(glyphs))
        at += len(word.glyphs) + 1
    return Line(tuple(words))


def in_parts(line: Line, spans: Spans) -> list[bool]:
    """Whether each glyph of the line is in one of the parts."""
    found: list[bool] = []
    at = 0
    for word in line.words:
        places = range(at, at + len(word.glyphs))
        found += [any(start <= place < end for start, end in spans) for place in places]
        at += len(word.glyphs) + 1
    return found
