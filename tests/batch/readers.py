"""Readers that stand in for the real one, also in other processes."""

from typing import Any, ClassVar

from edge_ocr.page import Frame, Line, Page
from tests.conftest import make_word


class FakeReader:
    """Reads a picture's brightness: white is an empty page, all else the number; keeps the names of its pictures."""

    seen: ClassVar[list[str]] = []

    @classmethod
    def load(cls, model: str | None = None, **options: Any) -> "FakeReader":
        return cls()

    def read(self, frame: Frame) -> Page:
        self.seen.append(frame.name)
        height, width = frame.image.shape[:2]
        value = int(frame.image.flat[0])
        lines = () if value == 255 else (Line((make_word(str(value), 5, 5),)),)
        return Page(lines, width, height, frame.name)
