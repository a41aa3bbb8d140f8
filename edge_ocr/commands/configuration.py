r"""`--config`: a file with options, as the service has it. What stands there arrives as written, backslashes too.

systemd, which could split such options itself, takes a backslash for a mark of its own: \d would arrive as d.
"""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_ocr.arguments import read_text
from edge_ocr.errors import EdgeOcrError


class FromFile(argparse.Action):
    """Takes options from a file, as if they stood here on the command line."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        path = Path(str(values))
        words = read_configuration(path)
        if any(word.split("=")[0] == option_string for word in words):
            raise EdgeOcrError(f"{path} names a file of options itself: write its options here")
        parser.parse_args(words, namespace)


def read_configuration(path: Path) -> list[str]:
    """The options of a file with lines CAMERA=SOURCE and OPTIONS=..., as words of a command line.

    Quotes keep words with spaces together. Other lines NAME=VALUE are left to systemd, as environment variables.

    Raises:
        EdgeOcrError: the file cannot be read, or a line is something else.
    """
    words: list[str] = []
    for number, line in enumerate(read_text(path, "lines such as CAMERA=pi").splitlines(), 1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or line.lstrip()[0] in "#;":
            continue
        if not (equals and name.isidentifier()):
            raise EdgeOcrError(f"{path}, line {number}: expected NAME=VALUE or a comment with #")
        if name in ("CAMERA", "OPTIONS"):
            parts = _split(value, f"{path}, line {number}")
            if name == "CAMERA" and len(parts) != 1:
                raise EdgeOcrError(f"{path}, line {number}: expected one camera; put a name with spaces in quotes")
            words += ["--camera", *parts] if name == "CAMERA" else parts
    return words


def _split(value: str, place: str) -> list[str]:
    lexer = shlex.shlex(value, posix=True)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    try:
        return list(lexer)
    except ValueError as error:
        raise EdgeOcrError(f"{place}: a quote is not closed") from error
