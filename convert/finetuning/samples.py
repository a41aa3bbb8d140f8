"""Your own handwriting in pieces with their texts, cut from pictures as the reader cuts them; tables of texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convert.data.arrays import BadDataset
from convert.evaluation.character_sets import lone_character
from convert.finetuning.seen import see_upright
from convert.synthesis.line_sources import LONGEST
from convert.synthesis.random_text import CHARSET
from edge_ocr.ink.resolution import find_legible_ink
from edge_ocr.layout.layout import TextLine, find_layout
from edge_ocr.page import Frame, Gray

MAIN_LINE = 0.7
"""Least part of a picture's ink in its one line; a dot or a tail may have been taken for another."""

NO_WRITING = "no writing was found in the picture"
SEVERAL_LINES = "the picture shows several lines where one was expected"


@dataclass(frozen=True, slots=True)
class Sample:
    """One line, word or character of the hand."""

    name: str
    """Its picture, and the line's number if the picture has several: for messages."""
    text: str
    ink: Gray
    """(height, width) uint8, only this text's ink, for `cut_strip` and `cut_tile`."""
    line: TextLine | None = None
    """The line as the layout found it; None for a lone character, or if it found none."""
    space: float = 0.0
    """The layout's gap, in capital heights, from which two pieces more likely belong to different words."""


def cut_sample(frame: Frame, text: str, name: str) -> Sample | str:
    """A picture of one text as a sample, or why it shows none.

    The ink is that of the layout's one line, or all ink if the layout finds none; for a text of one character, the ink
    of the picture's main character.
    """
    if len(text) == 1:  # Nothing but the character is in its picture.
        own = lone_character(find_legible_ink(frame)[0])
        return Sample(name, text, own) if own.any() else NO_WRITING
    view = see_upright(frame)
    layout = find_layout(view.ink, view.parts)
    if not layout.lines:
        return Sample(name, text, view.ink.strength) if view.ink.mask.any() else NO_WRITING
    weights = np.array([float(line.ink.sum()) for line in layout.lines])
    if weights.max() < MAIN_LINE * weights.sum():
        return SEVERAL_LINES
    line = layout.lines[int(weights.argmax())]
    return Sample(name, text, line.ink, line, layout.space)


def why_unusable(text: str) -> str:
    """Why nothing can be learned from a text; "" if something can."""
    unknown = sorted(set(text) - set(CHARSET))
    if unknown:
        return f"the models do not know the character {' '.join(unknown)}"
    return f"the text has more than {LONGEST} characters" if len(text) > LONGEST else ""


def tidy(text: str) -> str:
    """The text without spaces around it, and with single ones inside."""
    return " ".join(text.split())


def read_table(path: Path, columns: int, example: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of a text file with a tab between columns, each with its line number; empty lines and `# ...` are skipped.

    The last column is tidied and may be empty; the third may be missing. BadDataset if another one is.
    """
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t", columns - 1)
        if len(cells) < 2 or not all(cell.strip() for cell in cells[: columns - 1]):
            raise BadDataset(f"{path}, line {number}: expected `{example}` with tabs between, found {line!r}.")
        cells += [""] * (columns - len(cells))
        yield number, [*(cell.strip() for cell in cells[:-1]), tidy(cells[-1])]


def read_text(path: Path) -> str:
    """A whole text file; BadDataset if it is not one."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadDataset(f"{path} cannot be read as UTF-8 text ({error}): save it again as UTF-8.") from error
