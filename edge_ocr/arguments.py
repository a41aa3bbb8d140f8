"""Values on command lines: checked, and refused in one sentence that says what was expected."""

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from edge_ocr.errors import EdgeOcrError, ExitCode

BACKENDS = ("auto", "litert", "tflite-runtime", "tensorflow", "keras")
"""What --backend takes; `edge_ocr.model.interpreter` knows what they are."""

LARGEST_TEXT = 1_000_000
"""Bytes of a file that an option names: what is larger, or never ends, is something else."""


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line in one sentence, without the usage of all options."""

    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"{self.prog}: {message} (`{self.prog} --help` lists the options)\n")


def bounded_float(expected: str, least: float, most: float = math.inf) -> Callable[[str], float]:
    """A `type` for argparse: a number from `least` to `most`; `expected` ends the sentence "expected ..."."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most or math.isinf(value):
            raise argparse.ArgumentTypeError(f"{text!r} is not valid: expected {expected}")
        return value

    return parse


def bounded_int(least: int, most: int) -> Callable[[str], int]:
    """A `type` for argparse: a whole number from `least`, 0 or more, to `most`."""

    def parse(text: str) -> int:
        digits = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
        if not digits or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not valid: expected a whole number from {least} to {most}")
        return int(text)

    return parse


def duration(text: str) -> float:
    """A `type` for argparse: seconds, or 30s, 5m, 1h; a day at most."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([smh]?)", text)
    seconds = float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]] if match else 0.0
    if not 0.1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not valid: expected a time such as 30s, 5m or 1h, up to 24h")
    return seconds


def name_of(what: str) -> Callable[[str], str]:
    """A `type` for argparse: a text that is not empty; a shell gives an empty one for an unset variable."""

    def parse(text: str) -> str:
        if not text.strip():
            raise argparse.ArgumentTypeError(f"{text!r} is not valid: expected the name of {what}")
        return text

    return parse


def read_text(path: Path, expected: str, refusal: type[EdgeOcrError] = EdgeOcrError) -> str:
    """What a small file says that an option names, such as one with a password; else `refusal`, in one sentence."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_TEXT).decode()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise refusal(f"{path} cannot be read ({reason}): expected {expected}") from error


FRAME_RATE = bounded_float("pictures a second from 0.01 to 1000, such as 30", 0.01, 1000)
MINUTES = bounded_float("minutes from 0 to 1440, such as 10", 0, 24 * 60)
SECONDS = bounded_float("seconds from 0.001 to 86400, such as 120", 0.001, 86_400)
CONFIDENCE = bounded_float("a confidence from 0 to 1, such as 0.6", 0, 1)
PERCENT = bounded_float("a percentage from 0 to 100", 0, 100)
POSITIVE = bounded_float("a number above 0", 1e-6)
LEARNING_RATE = bounded_float("a small number above 0, up to 1, such as 0.0003", 1e-9, 1)
positive_int = bounded_int(1, 999_999)
seed_number = bounded_int(0, 2**32 - 1)
"""Seeds that NumPy, TensorFlow and Python all accept."""


def add_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    *,
    help: str,
    description: str,
    epilog: str,
) -> argparse.ArgumentParser:
    """A command with examples below its options; its `usage_error` says what is wrong with them together."""
    command = commands.add_parser(
        name,
        help=help,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(usage_error=command.error)
    return command
