"""Sections of the README that commands write, between two comments; other text stays as it is."""

from pathlib import Path


def fill_section(readme: Path, name: str, body: str) -> bool:
    """Put `body` between `<!-- NAME -->` and `<!-- /NAME -->`; False where those are not there."""
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    if not readme.is_file():
        return False
    before, opened, rest = readme.read_text(encoding="utf-8").partition(opening)
    _, closed, after = rest.partition(closing)
    if not (opened and closed):
        return False
    readme.write_text(f"{before}{opening}\n\n{body.strip()}\n\n{closing}{after}", encoding="utf-8")
    return True
