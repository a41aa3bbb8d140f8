"""Where the tests find things: the checkout, the tiny model, the golden pages."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
TINY = TESTS / "tiny_model"
PAGES = TESTS / "pages"
