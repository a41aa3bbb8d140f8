"""Under a charset, what one shape may also be keeps its place in the text, unless its word says that it is a letter."""

import math

import numpy as np
import pytest

from edge_ocr.page import Box, Glyph, Line, Word
from edge_ocr.text.twins import are_believed, with_twins

LABELS = ("", "0", "1", "7", "I", "l", "Oo")
FEW = (0.12, 1e-4, 2e-4, 5e-4, 0.6, 0.27, 1e-4)


def test_the_shape_stays_when_the_charset_takes_its_letter() -> None:
    """A 1 that is one stroke falls out of a number, or becomes a 7: the network says I, and next to it nothing or 7."""
    digits = [not label or label.isdigit() for label in LABELS]
    given = np.exp(with_twins(np.log(np.array([FEW], np.float32)), LABELS, digits)[0])
    assert given[LABELS.index("1")] == pytest.approx(0.87, abs=0.01)
    assert given[LABELS.index("I")] == given[LABELS.index("l")] == 0
    assert given[LABELS.index("7")] == pytest.approx(5e-4) and given[0] == pytest.approx(0.12)
    assert given.sum() == pytest.approx(sum(FEW), abs=1e-4)


@pytest.mark.parametrize("taken", ["", "017IlOo", "7"])
def test_without_a_twin_to_give_or_to_take_nothing_changes(taken: str) -> None:
    """A reading without a charset changes, or one whose charset has neither of two twins."""
    logs = np.log(np.array([FEW], np.float32))
    assert with_twins(logs, LABELS, [not label or label[0] in taken for label in LABELS]) is logs


def test_a_word_of_letters_is_no_number() -> None:
    """Beside the number that is asked for, ROOM becomes 8001 and is given out with it."""
    box = Box(0, 0, 9, 9)
    line = Line(tuple(Word(tuple(Glyph(char, box, 1.0) for char in text)) for text in ("8001", "11")))
    shown = np.log([0.001, 0.9, 0.9, 0.01, 0.9, 0.9])
    assert are_believed(line, shown, np.full(6, math.log(0.95))).tolist() == [False] * 4 + [True] * 2
