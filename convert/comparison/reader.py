"""A reader that takes part in the comparison, opened in its own process."""

from collections.abc import Callable
from typing import Any, NamedTuple


class OpenReader(NamedTuple):
    """Its description, picture's path -> its input, input -> text."""

    facts: dict[str, Any]
    """"name", "version" and "model_mb"."""
    load: Callable[[str], Any]
    read: Callable[[Any], str]
