"""TOML files that people write, read or refused in one sentence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge_ocr.errors import EdgeOcrError


def read_toml(path: Path, refusal: type[EdgeOcrError], expected: str) -> Mapping[str, Any]:
    """What a TOML file says.

    Args:
        path: of the file.
        refusal: class of the errors.
        expected: what should stand there, for the sentence about a file that is no TOML.

    Raises:
        EdgeOcrError: of the class `refusal`; it cannot be read, or Python is older than 3.11.
    """
    try:
        import tomllib
    except ImportError as error:
        raise refusal(f"{path} needs Python 3.11 or newer: this one has no tomllib") from error
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise refusal(f"{path} cannot be read ({error.strerror}): choose another file") from error
    except ValueError as error:  # UnicodeDecodeError and tomllib.TOMLDecodeError.
        raise refusal(f"{path} is not TOML ({error}): expected {expected}") from error
