"""A file of labels -> what each output of somebody's model may stand for."""

import unicodedata
from collections import Counter
from pathlib import Path

from convert.quantization.converter_process import CannotConvert

UNKNOWN = "[UNK]"
"""Keras's StringLookup calls its class for unknown characters so."""

REPLACEMENT = "\ufffd"
"""Unicode's character for what is unknown."""


def read_labels(path: Path) -> tuple[str, ...]:
    """One label a line: the characters that an output may stand for; an empty line is "not a character" (or blank).

    Raises:
        CannotConvert: there is no such file, or a label or a character stands twice.
    """
    try:
        labels = tuple(path.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise CannotConvert(f"{path} cannot be read ({error}): expected UTF-8 text, one label a line") from error
    labels = tuple(_characters(label.removesuffix("\r")) for label in labels)
    twice = [label for label, count in Counter(labels).items() if count > 1]
    if twice:
        lines = [str(number) for number, label in enumerate(labels, 1) if label == twice[0]]
        raise CannotConvert(f"{path}: the label {twice[0]!r} stands on lines {', '.join(lines)}: each may stand once")
    character, count = Counter("".join(labels)).most_common(1)[0] if any(labels) else ("", 0)
    if count > 1:
        among = " and ".join(repr(label) for label in labels if character in label)
        raise CannotConvert(
            f"{path}: the character {character!r} stands in the labels {among}: a label is the characters that "
            "an output may be ('Oo' is O or o), not a name, and each character belongs to one output"
        )
    return labels


def _characters(label: str) -> str:
    """A label in composed characters: an accent is no character of its own."""
    return REPLACEMENT if label == UNKNOWN else unicodedata.normalize("NFC", label)


def with_blank(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Labels whose blank stands last, or is left out, with the blank first, as the runtime has it."""
    return ("", *(label for label in labels if label))
