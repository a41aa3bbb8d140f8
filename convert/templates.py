"""Documents from Jinja2 templates that lie beside the modules which fill them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from convert.spread import Spread


def percent(part: float) -> str:
    """0.9731 as "97.31 %"."""
    return f"{100 * part:.2f} %"


def spread(figure: dict[str, float], digits: int) -> str:
    """A stored `convert.spread.Spread` as "8.3 (8.1 to 8.6)"."""
    return Spread(**figure).text(digits)


def table(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; all columns but the first are right-aligned."""
    lines = [titles, ("---", *("---:" for _ in titles[1:])), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def fill(template: Path, **facts: Any) -> str:
    """The text of a template with these facts in it; those of a template for HTML are escaped.

    Where parts of Markdown are left out, no more than one empty line remains.

    Raises:
        jinja2.UndefinedError: the template asks for a fact that is not there.
    """
    environment = Environment(
        loader=FileSystemLoader(template.parent), undefined=StrictUndefined, autoescape=select_autoescape(["html"]),
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"percent": percent, "spread": spread}
    text = environment.get_template(template.name).render(**facts)
    return re.sub(r"\n{3,}", "\n\n", text) if template.suffix == ".md" else text
