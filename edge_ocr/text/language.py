"""The language: character 4-grams, a vocabulary and letter case, for a search character by character.

All scores are natural logarithms of probabilities. The tables come from package data that
`python -m convert lexicon` makes; a table entry q stands for the probability exp(-q / STEPS).
"""

import io
import lzma
import math
import string
from importlib import resources
from typing import IO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import EdgeOcrError
from edge_ocr.text.neighbours import UNKNOWN, Neighbours
from edge_ocr.text.pattern import Pattern
from edge_ocr.text.vocabulary import STEPS, Vocabulary

BROKEN = (OSError, ValueError, KeyError, EOFError, BadZipFile, lzma.LZMAError)
"""NumPy's errors for a missing, truncated or wrong data file."""

OTHER = 31
"""Symbol of every character that has no other one."""
FOLDED = (" ", *string.ascii_lowercase, string.digits, "'", "-_/", ".,:;!?", '"()+&@#%*=$[]<>{}')
"""The characters of each symbol, letters in small; symbol numbers are positions. The first, the space, also
stands for what lies before the first and after the last character of a line."""
SYMBOLS = len(FOLDED)
"""32, so that three symbols before and one after make an index of 20 bits."""
SYMBOL = {char: number for number, chars in enumerate(FOLDED) for char in {*chars, *chars.upper()}}
"""Symbol number of each character."""
CONTEXT_MASK = SYMBOLS**3 - 1
"""A context is three symbols, 5 bits each, the latest in the low bits."""

SHARES = {".": 0.44, ",": 0.38, "-": 0.7, "_": 0.05, "/": 0.25}
"""Part of a symbol's probability that falls to a character; the others of its symbol share the rest evenly."""

START, LOWER, CAPITAL, CAPITALS, NUMBER, MIXED = range(6)
"""States of letter case inside a word: nothing yet, last a small letter, one capital so far, capitals only,
digits first or last, a capital after a small letter or a small letter after capitals."""

CASE = {
    START: {"lower": 0.64, "upper": 0.36, "digit": 1.0},
    LOWER: {"lower": 0.997, "upper": 0.003, "digit": 0.2},
    CAPITAL: {"lower": 0.45, "upper": 0.55, "digit": 0.5},
    CAPITALS: {"lower": 0.02, "upper": 0.98, "digit": 0.5},
    NUMBER: {"lower": 0.4, "upper": 0.6, "digit": 1.0},
    MIXED: {"lower": 0.85, "upper": 0.15, "digit": 0.2},
}
"""Probability of each case, given the state and that a letter follows. Counted, then rounded, on the spellings of
Debian's wamerican weighted by wordfreq, as if every fifth word were in capitals throughout and 13 % of the others the
first of a sentence; changes of case inside a word (counted 0.0001 to 0.04, as in McDonald) are kept likelier, since
people write what no dictionary lists. For digits, a factor on top of the 4-grams' probability, which sees no more than
three characters back; chosen by hand."""

NEXT_STATE = {
    START: {"lower": LOWER, "upper": CAPITAL},
    LOWER: {"lower": LOWER, "upper": MIXED},
    CAPITAL: {"lower": LOWER, "upper": CAPITALS},
    CAPITALS: {"lower": MIXED, "upper": CAPITALS},
    NUMBER: {"lower": LOWER, "upper": CAPITALS},
    MIXED: {"lower": MIXED, "upper": MIXED},
}
"""State after a letter of each case; after a digit it is NUMBER, after an apostrophe what it was, else START."""


class Language:
    """Scores of characters after what stands before them, of whole words and of letter case.

    A search keeps two small integers for each of its texts, a context (from `start`, through `advance`) and a state of
    case (from START, through `next_case`). Scores of the language "none" are all 0.0, and it knows no word.
    """

    start = 0
    """Context at the beginning of a line: three spaces."""

    def __init__(
        self,
        name: str,
        table: bytes,
        vocabulary: Vocabulary,
        neighbours: Neighbours = UNKNOWN,
        case_weight: float = 1.0,
    ) -> None:
        """`table`: SYMBOLS**4 quantised log probabilities of a symbol after three others, latest last. `case_weight`:
        factor on all scores of single characters that are not in `table`."""
        self.name = name
        self.vocabulary = vocabulary
        self.neighbours = neighbours
        self._table = table
        self._score = tuple(-step / STEPS for step in range(256))
        self._character = {char: (symbol, case_weight * _share(char)) for char, symbol in SYMBOL.items()}
        self._unknown = (OTHER, case_weight * _share(""))
        self._case = {
            char: tuple(_case_step(state, char, case_weight) for state in range(len(CASE))) for char in SYMBOL
        }

    @classmethod
    def load(cls, name: str = "english") -> "Language":
        """The language called `name`: "english", or "none" for one that prefers nothing.

        Raises EdgeOcrError for another name, and if the package's data file is missing or broken.
        """
        if name == "none":
            return cls(name, bytes(SYMBOLS**4), Vocabulary(b"", b""), case_weight=0.0)
        if name != "english":
            raise EdgeOcrError(f"There is no language {name!r}; choose 'english' or 'none'")
        try:
            with (resources.files("edge_ocr") / "data" / f"{name}.npz.xz").open("rb") as file:
                return cls(name, *read_tables(file), Neighbours.load(name))
        except BROKEN as error:
            raise EdgeOcrError(f"The data of language {name!r} cannot be read ({error}); reinstall edge-ocr") from error

    def under(self, pattern: Pattern | None) -> "Language":
        """The language of texts that match a pattern: none, if it leaves no room for words."""
        return Language.load("none") if pattern and pattern.is_code else self

    def __repr__(self) -> str:
        return f"Language({self.name!r})"

    def fold(self, char: str) -> int:
        """The symbol of `char`, 0 to SYMBOLS - 1."""
        return SYMBOL.get(char, OTHER)

    def advance(self, context: int, char: str) -> int:
        """The context after `char` was added to `context`."""
        return context << 5 & CONTEXT_MASK | SYMBOL.get(char, OTHER)

    def char_score(self, context: int, char: str) -> float:
        """Log probability of the character `char` after `context`, whatever its case."""
        symbol, share = self._character.get(char, self._unknown)
        return self._score[self._table[context << 5 | symbol]] + share

    def row(self, context: int) -> NDArray[np.float32]:
        """Log probability of each symbol after `context`, float32 of shape (SYMBOLS,).

        A symbol's characters share it: `char_score` is smaller for a digit than its `row` by log 10.
        """
        steps = np.frombuffer(self._table, np.uint8, SYMBOLS, context * SYMBOLS)
        return steps.astype(np.float32) / np.float32(-STEPS)

    def next_case(self, state: int, char: str) -> tuple[int, float]:
        """State of case after `char`, and the log probability of its case; 0.0 unless it is a letter or a digit."""
        steps = self._case.get(char)
        return (START, 0.0) if steps is None else steps[state]


def read_tables(file: IO[bytes]) -> tuple[bytes, Vocabulary]:
    """The 4-gram table and the vocabulary of a file that `convert.data.lexicon` wrote; else raises one of BROKEN."""
    with np.load(io.BytesIO(lzma.decompress(file.read())), allow_pickle=False) as arrays:
        # uint8 arithmetic wraps around, as it did when the remainder was taken
        table = (arrays["trigrams"] + arrays["backoff"][..., np.newaxis] + arrays["remainder"]).tobytes()
        vocabulary = Vocabulary(arrays["words"].tobytes(), arrays["commonness"].tobytes())
    if len(table) != SYMBOLS**4:
        raise ValueError("its table has the wrong size")
    return table, vocabulary


def _share(char: str) -> float:
    """Log of the part that `char` has in its symbol; letters have all of it, since case has a score of its own."""
    chars = FOLDED[SYMBOL.get(char, OTHER)]
    if char in SHARES:
        return math.log(SHARES[char])
    named = [SHARES[other] for other in chars if other in SHARES]
    return math.log((1 - sum(named)) / (len(chars) - len(named)))


def _case_step(state: int, char: str, weight: float) -> tuple[int, float]:
    """What `Language.next_case` answers for a character that has a symbol."""
    if char == "'":
        return state, 0.0
    if char.isdigit():
        return NUMBER, weight * math.log(CASE[state]["digit"])
    if not char.isalpha():
        return START, 0.0
    case = "upper" if char.isupper() else "lower"
    return NEXT_STATE[state][case], weight * math.log(CASE[state][case])
