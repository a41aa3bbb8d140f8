"""Sections of the README that commands write."""

from pathlib import Path

from convert.evaluation.readme import fill_section
from tests.places import ROOT


def test_only_the_section_changes(tmp_path: Path) -> None:
    """Measuring would destroy what people wrote around it, or another command's section."""
    readme = tmp_path / "README.md"
    readme.write_text("above\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b -->\n<!-- /b -->\nbelow\n")
    assert fill_section(readme, "b", "new\n\n") and fill_section(readme, "b", "newer")
    assert readme.read_text() == (
        "above\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b -->\n\nnewer\n\n<!-- /b -->\nbelow\n"
    )


def test_without_comments_nothing_is_written(tmp_path: Path) -> None:
    """A README that lost its comments would lose the rest of its text too."""
    readme = tmp_path / "README.md"
    assert not fill_section(readme, "a", "new") and not readme.exists()
    for text in ("", "<!-- a --> and no end", "<!-- /a --> before <!-- a -->"):
        readme.write_text(text)
        assert not fill_section(readme, "a", "new") and readme.read_text() == text


def test_our_readme_has_its_sections() -> None:
    """`evaluate` and `compare` would measure for nothing."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(text.count(f"<!-- {end}{name} -->") == 1 for name in ("figures", "compare") for end in ("", "/"))
