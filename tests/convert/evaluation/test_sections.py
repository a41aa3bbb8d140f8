"""Sections of README.md and docs/figures.md that commands write."""

from pathlib import Path

from convert.evaluation.sections import FIGURES, README, fill_section
from tests.places import ROOT


def test_only_the_section_changes(tmp_path: Path) -> None:
    """Measuring destroys what people wrote around it, or another command's section."""
    document = tmp_path / "README.md"
    document.write_text("above\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b -->\n<!-- /b -->\nbelow\n")
    assert fill_section(document, "b", "new\n\n") and fill_section(document, "b", "newer")
    assert document.read_text() == (
        "above\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b -->\n\nnewer\n\n<!-- /b -->\nbelow\n"
    )


def test_without_comments_nothing_is_written(tmp_path: Path) -> None:
    """A document that lost its comments loses the rest of its text too."""
    document = tmp_path / "README.md"
    assert not fill_section(document, "a", "new") and not document.exists()
    for text in ("", "<!-- a --> and no end", "<!-- /a --> before <!-- a -->"):
        document.write_text(text)
        assert not fill_section(document, "a", "new") and document.read_text() == text


def test_our_documents_have_their_sections() -> None:
    """`evaluate`, `compare`, `measure-live` and `soak` measure for nothing."""
    for document, names in ((README, ["compare"]), (FIGURES, ["figures", "compare", "live", "soak"])):
        text = (ROOT / document).read_text(encoding="utf-8")
        assert all(text.count(f"<!-- {end}{name} -->") == 1 for name in names for end in ("", "/"))
