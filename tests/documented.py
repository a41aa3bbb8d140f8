"""The programs of docs/python.md, and two small pictures for them to read."""

import re
from pathlib import Path

import cv2

from edge_ocr import Reader, load_image
from tests.places import PAGES, ROOT

PAGE = ROOT / "docs" / "python.md"
PROGRAMS = dict(re.findall(r"^## `(\w+\.py)`\n.*?^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S))
"""By their names."""


def write_pictures(folder: Path) -> list[Path]:
    """The first lines of two pages: so little that a busy machine, too, reads all of it in time."""
    paths = []
    for name, top, bottom in (("ruled-paper", 80, 280), ("small-writing", 0, 180)):
        paths.append(folder / f"{name}.png")
        cv2.imwrite(str(paths[-1]), load_image(PAGES / f"{name}.jpg").image[top:bottom])
    return paths


def texts_of(pictures: list[Path]) -> list[str]:
    """What a reader by itself reads in them."""
    reader = Reader.load(max_seconds=60)
    return [reader.read(load_image(path)).text for path in pictures]
