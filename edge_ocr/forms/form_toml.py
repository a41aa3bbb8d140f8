"""A form as TOML that people like to read: Python reads TOML, but does not write it."""

import json
from collections.abc import Mapping
from typing import Any

KEYS = ("name", "kind", "box", "cells", "charset", "pattern")
"""Of a field, in the order in which they are written."""


def to_toml(table: Mapping[str, Any]) -> str:
    """The text of a form's file.

    Args:
        table: that `form_file.form_of` accepts.
    """
    lines = [f"picture = {_text(table['picture'])}"]
    if "size" in table:
        lines.append(f"size = {_numbers(table['size'])}")
    for field in table["field"]:
        lines += ["", "[[field]]", *(f"{key} = {_value(field[key])}" for key in KEYS if key in field)]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    return _numbers(value) if isinstance(value, list) else str(value)


def _text(text: str) -> str:
    """In single quotes, which keep the backslashes of patterns, where that is possible."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _numbers(values: list[float]) -> str:
    """To a ten thousandth of a millimetre, or of the form: less than a pixel."""
    return "[" + ", ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in values) + "]"
