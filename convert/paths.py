"""Where things lie: the checkout, and what commands read and write by default, seen from where they are called."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout's top folder."""

CACHE = Path("cache")
"""Shards, checkpoints, logs, environments: can be deleted at any time, at the cost of doing the work again."""

MODELS = Path("models")
"""A folder a bundle."""

CHARACTERS = MODELS / "characters"
LINES = MODELS / "lines"

SAMPLE_PAGES = Path("tests/pages")
"""Made pages and their texts in truth.json."""
