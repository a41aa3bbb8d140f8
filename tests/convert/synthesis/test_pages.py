"""The committed sample pages: they belong to their truth, and can be made again."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.data.arrays import DATA_VARIABLE, DataNotFound, data_folder
from convert.synthesis import pages
from edge_ocr.errors import EdgeOcrError
from tests.convert.synthesis.test_handwriting import HAND, built_in_font
from tests.places import PAGES, ROOT

DEMO = ROOT / "edge_ocr" / "samples"


def test_writing_beyond_the_page_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when text that was cut off would be committed with its whole truth."""
    monkeypatch.setattr(pages, "open_font", lambda folder, hand: built_in_font())
    sheet = pages.Sheet("x.jpg", "M" * 30, HAND, pages.DEMO.conditions, size=(600, 400))
    with pytest.raises(ValueError, match="needs"):
        pages.write_page(sheet, Path(), np.random.default_rng(0))


def test_each_page_has_a_font_of_its_own_that_training_leaves_alone() -> None:
    """Fails when a page is written in a font that the model may have seen, which would flatter it."""
    assert sorted(sheet.hand.font for sheet in pages.SHEETS) == sorted(pages.HELD_OUT_FONTS)
    assert pages.DEMO.hand.font in pages.HELD_OUT_FONTS


def test_the_pages_hold_every_capital_and_digit() -> None:
    """Fails when some character is never measured."""
    written = "".join(sheet.text for sheet in pages.SHEETS)
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") <= set(written)
    assert set(written) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \n.,-/:")
    assert all(60 <= len(sheet.text) <= 140 and 5 <= len(sheet.text.splitlines()) <= 8 for sheet in pages.SHEETS)


@pytest.mark.parametrize(("folder", "sheets"), [(PAGES, pages.SHEETS), (DEMO, (pages.DEMO,))])
def test_committed_pictures_belong_to_their_truth(folder: Path, sheets: tuple[pages.Sheet, ...]) -> None:
    """Fails when pictures and truth.json were not made together, or grew too large to commit."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert truth == {sheet.name: sheet.text for sheet in sheets}
    for sheet in sheets:
        picture = cv2.imread(str(folder / sheet.name))
        assert picture is not None and picture.shape == (sheet.size[1], sheet.size[0], 3)
    assert sum((folder / name).stat().st_size for name in truth) < 3_000_000


def test_the_demo_is_the_size_that_speed_is_stated_for() -> None:
    """Fails when the speed figure would be measured on other than 700x764 pixels with 35 characters."""
    assert pages.DEMO.size == (700, 764)
    assert len("".join(pages.DEMO.text.split())) == 35
    assert (DEMO / pages.DEMO.name).stat().st_size < 80_000


def test_the_demo_can_be_made_again(tmp_path: Path) -> None:
    """Fails when the committed picture is not what the code makes (library versions may differ by a little)."""
    try:
        data_folder()
    except DataNotFound:
        pytest.skip("the handwriting fonts are not here")
    pages.write_samples((pages.DEMO,), tmp_path, pages.SEED)
    again, committed = (cv2.imread(str(folder / pages.DEMO.name)) for folder in (tmp_path, DEMO))
    assert again is not None and committed is not None
    assert cv2.absdiff(again, committed).mean() < 2


def test_missing_fonts_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when somebody without the fonts gets a traceback of Pillow instead of a sentence."""
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    with pytest.raises(EdgeOcrError, match=r"There is no font .*patrick-hand\.ttf"):
        pages.main(["--out", str(tmp_path / "pages")])
    assert not (tmp_path / "pages").exists()


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when a file standing where the folder should be ends in a traceback."""
    monkeypatch.setattr(pages, "take", lambda sheet, folder, rng: b"")
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    (tmp_path / "taken").write_text("")
    with pytest.raises(EdgeOcrError, match="choose another --out"):
        pages.main(["--out", str(tmp_path / "taken")])
