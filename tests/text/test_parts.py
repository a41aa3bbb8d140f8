"""Parts of lines: words, boxes and places are those of the part, whatever it cuts through."""

import pytest

from edge_ocr.page import Box, Glyph, Line, Word
from edge_ocr.text.parts import in_parts, take_parts


def line(text: str) -> Line:
    """One glyph a character, ten pixels wide."""
    at = 0
    words = []
    for word in text.split(" "):
        boxes = [Box(10 * (at + k), 0, 10 * (at + k) + 10, 20) for k in range(len(word))]
        glyphs = tuple(Glyph(char, box, 0.9) for char, box in zip(word, boxes, strict=True))
        words.append(Word(glyphs, (("other", 0.1),)))
        at += len(word) + 1
    return Line(tuple(words))


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ([(7, 17)], ["KX-40917-B"]),
        ([(10, 15)], ["40917"]),
        ([(0, 17)], ["Serial", "KX-40917-B"]),
        ([(5, 9)], ["l", "KX"]),
        ([(7, 9), (10, 15), (16, 17)], ["KX", "40917", "B"]),
        ([], []),
    ],
)
def test_parts_are_words_with_their_boxes(spans: list[tuple[int, int]], words: list[str]) -> None:
    """A number stands in the answer with its neighbours, or its box is that of the line."""
    whole = line("Serial KX-40917-B")
    found = take_parts(whole, spans)
    assert [word.text for word in found.words] == words
    for (start, end), word in zip(spans, found.words, strict=False):
        if len(words) == len(spans):
            assert (word.box.left, word.box.right) == (10 * start, 10 * end)
    assert sum(in_parts(whole, spans)) == sum(len(word) for word in words)
    assert all(bool(word.alternatives) is (word.text in whole.text.split(" ")) for word in found.words)
