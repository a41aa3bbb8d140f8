"""Paths: the checkout, and what commands read and write by default, relative to the current folder."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout's top folder."""

CACHE = Path("cache")
"""Shards, checkpoints, logs, environments: may be deleted at any time; the work is then done again."""

MODELS = Path("models")
"""A folder a bundle."""

CHARACTERS = MODELS / "characters"
LINES = MODELS / "lines"
FINDER = MODELS / "finder"

SAMPLE_PAGES = Path("tests/pages")
"""Synthetic pages and their texts in truth.json."""
