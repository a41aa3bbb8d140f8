"""Pages as a table, a word a row: CSV, or a pandas DataFrame."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from edge_ocr.errors import EdgeOcrError
from edge_ocr.page import Page
from edge_ocr.spreadsheet import to_rows

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS = ("picture", "line", "word", "text", "confidence", "left", "top", "right", "bottom")
"""Lines and words are counted from 1; the box is in pixels of the picture, right and bottom just outside."""


def to_csv(*pages: Page, heading: bool = True) -> str:
    """The words of all pages as CSV (RFC 4180, but with bare newlines), under a row of `COLUMNS` if `heading`.

    A text that a spreadsheet would take for a formula has an apostrophe in front.
    """
    return (to_rows([COLUMNS]) if heading else "") + to_rows(_rows(pages))


def to_pandas(*pages: Page) -> "DataFrame":
    """The words of all pages as a pandas DataFrame with `COLUMNS`.

    Raises:
        EdgeOcrError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise EdgeOcrError("a table needs pandas, which is not installed: pip install 'edge-ocr[pandas]'") from error
    return pandas.DataFrame.from_records(list(_rows(pages)), columns=list(COLUMNS))


def _rows(pages: tuple[Page, ...]) -> Iterator[tuple[Any, ...]]:
    for page in pages:
        for at, line in enumerate(page.lines, 1):
            for number, word in enumerate(line.words, 1):
                yield (page.name, at, number, word.text, round(word.confidence, 4), *word.box.edges)
