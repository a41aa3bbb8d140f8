"""The README's moving picture."""

import io
from pathlib import Path

import pytest

pytest.importorskip("PIL", reason="the convert extra is not installed")

from PIL import Image

from convert import page_film
from edge_ocr.errors import CameraNotFound, CannotWrite


def screenshot(grey: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (200, 100), (grey, grey, grey)).save(file, "PNG")
    return file.getvalue()


def test_every_screenshot_is_a_frame_and_the_last_one_is_the_still(tmp_path: Path) -> None:
    """The README's picture does not move, or the docs show an older page."""
    moving, still = tmp_path / "page.webp", tmp_path / "page.png"
    page_film.store([screenshot(grey) for grey in (0, 120, 250)], moving, still)
    with Image.open(moving) as film:
        assert film.n_frames == 3 and film.info["loop"] == 0
        assert film.size == (page_film.SHOWN_WIDTH, page_film.SHOWN_WIDTH // 2)
    with Image.open(still) as picture:
        assert picture.size == (200, 100) and picture.convert("RGB").getpixel((100, 50)) == (250, 250, 250)


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """A minute of filming ends in a traceback."""
    with pytest.raises(CannotWrite, match="cannot be written"):
        page_film.store([screenshot(0)], tmp_path / "none" / "page.webp", tmp_path / "page.png")


def test_a_film_that_is_not_there_is_one_sentence() -> None:
    """Live waits for a camera that never comes, and the command with it."""
    with pytest.raises(CameraNotFound, match="no film nonexistent"):
        page_film.main(["--film", "nonexistent.mp4"])
