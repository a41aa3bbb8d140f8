"""Documents from templates: what stands in them, and what does not."""

from pathlib import Path

import pytest

pytest.importorskip("jinja2")

from jinja2 import UndefinedError

from convert.templates import fill, percent, spread, table


def template(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_a_missing_fact_is_an_error(tmp_path: Path) -> None:
    """A card would show a gap where a figure belongs."""
    with pytest.raises(UndefinedError, match="figures"):
        fill(template(tmp_path, "card.md", "{{ figures }}"))


def test_html_is_escaped_and_markdown_is_not(tmp_path: Path) -> None:
    """A board's name would run as a script, or a card show `&lt;`."""
    assert fill(template(tmp_path, "page.html", "{{ x }}\n\n\n"), x="<b>") == "&lt;b&gt;\n\n\n"
    assert fill(template(tmp_path, "card.md", "{{ x }}\n\n\n\ny\n"), x="<b>") == "<b>\n\ny\n"


def test_figures_have_their_usual_form(tmp_path: Path) -> None:
    """The same figure would look different from one table to the next."""
    figure = {"median": 8.34, "low": 8.1, "high": 8.55}
    text = "{{ part | percent }}, {{ figure | spread(1) }}"
    assert fill(template(tmp_path, "card.md", text), part=0.97314, figure=figure) == "97.31 %, 8.3 (8.1 to 8.6)"
    assert percent(1) == "100.00 %" and spread(figure, 0) == "8 (8 to 9)"
    assert table(("", "ms"), [("a", "1")]) == "|  | ms |\n| --- | ---: |\n| a | 1 |\n"
