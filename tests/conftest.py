"""What several test files share: a page that was read, pictures on disk, and a browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray

from edge_ocr.page import Box, Frame, Glyph, Line, Page, Word

# As the runtime sets it, before another test imports TensorFlow.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

# A busy machine is no reason to fail; and where CI is set, the same code gets the same verdict.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("untimed")


def make_word(text: str, left: int, top: int, confidence: float = 0.95) -> Word:
    """A word of characters 10 pixels wide and 20 high, with a pixel between them."""
    glyphs = [
        Glyph(char, Box(left + 11 * i, top, left + 11 * i + 10, top + 20), confidence) for i, char in enumerate(text)
    ]
    return Word(tuple(glyphs))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser takes seconds to start: its tests are slow."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def frame() -> Frame:
    """A light grey picture, 200 wide and 120 high."""
    return Frame(np.full((120, 200), 200, np.uint8), "note.png")


@pytest.fixture
def page(frame: Frame) -> Page:
    """Two lines, "HI YOU" and "42", the last word doubtful."""
    first = Line((make_word("HI", 20, 40), make_word("YOU", 60, 40, 0.7)))
    second = Line((make_word("42", 20, 85, 0.3),))
    return Page((first, second), 200, 120, frame.name)


@pytest.fixture
def noise() -> NDArray[np.uint8]:
    """(60, 90, 3) BGR, the same at every run; blurred a little, as photographs are."""
    pixels = np.random.default_rng(7).integers(0, 256, (60, 90, 3), np.uint8)
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 2), np.uint8)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A white picture on disk."""
    path = tmp_path / "note.png"
    cv2.imwrite(str(path), np.full((40, 60), 255, np.uint8))
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium, without a window."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright drives the browser: pip install playwright"
    )
    if chromium is None:
        pytest.skip("there is no Chromium: apt install chromium")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(
            executable_path=chromium,
            # Names of the local network lead here, so that a page can be seen as from another machine.
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--host-resolver-rules=MAP *.local 127.0.0.1",
            ],
        )
        yield found
        found.close()


@pytest.fixture
def show() -> Iterator[Any]:
    """A `Show` that has read its scene."""
    from tests.live.test_capture import wait_for
    from tests.preview_show import Show  # It needs an extra, Tornado.

    with Show() as running:
        assert wait_for(lambda: running.sights > 3, 20)
        yield running
