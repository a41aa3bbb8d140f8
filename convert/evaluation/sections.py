"""Sections of README.md and docs/figures.md that commands write, each between two comments; other text stays."""

from pathlib import Path

FIGURES = Path("docs/figures.md")
"""The developers' dashboard: targets, the whole comparison, the live loop."""

README = Path("README.md")
"""Shows the comparison in five rows."""


def fill_section(document: Path, name: str, body: str) -> bool:
    """Put `body` between `<!-- NAME -->` and `<!-- /NAME -->`; False where those are not there."""
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    if not document.is_file():
        return False
    before, opened, rest = document.read_text(encoding="utf-8").partition(opening)
    _, closed, after = rest.partition(closing)
    if not (opened and closed):
        return False
    document.write_text(f"{before}{opening}\n\n{body.strip()}\n\n{closing}{after}", encoding="utf-8")
    return True
