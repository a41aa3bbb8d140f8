"""Cards from stored figures."""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("keras", reason="the cards describe the networks of convert.training")

from convert.evaluation.cards import write_cards
from edge_ocr.errors import BadData
from tests.places import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Copies of both bundles without their cards, and an empty dashboard."""
    for name in ("characters", "lines"):
        shutil.copytree(ROOT / "models" / name, tmp_path / name, ignore=shutil.ignore_patterns("README.md", "*.png"))
    (tmp_path / "figures.md").write_text("<!-- figures -->\n<!-- /figures -->\n")
    return tmp_path / "characters", tmp_path / "lines", tmp_path / "figures.md"


def test_cards_come_from_the_figures_measured_last(folders: tuple[Path, Path, Path]) -> None:
    """A changed sentence of a card costs hours of measuring."""
    characters, lines, dashboard = folders
    write_cards(*folders)
    assert "| photographs: capitals, own charset |" in (characters / "README.md").read_text()
    assert "| unipen-7 words |" in (lines / "README.md").read_text()
    assert "EMNIST test" in dashboard.read_text()


def test_figures_of_another_version_are_refused(folders: tuple[Path, Path, Path]) -> None:
    """The command ends in a TypeError, or in a card without figures."""
    (folders[0] / "report" / "figures.json").write_text('{"characters": [{"name": "x"}], "pages": {}}')
    with pytest.raises(BadData, match="run `python -m convert evaluate`"):
        write_cards(*folders)
