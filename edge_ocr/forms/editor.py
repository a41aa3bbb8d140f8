"""What the page of `edge-ocr form new` shows and takes: a form's picture, and its fields as the file says them."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2

from edge_ocr.errors import BadForm
from edge_ocr.folders import write_whole
from edge_ocr.forms.form import KINDS
from edge_ocr.forms.form_file import EXPECTED, form_of, grey
from edge_ocr.forms.form_toml import to_toml
from edge_ocr.forms.registration import shrunk
from edge_ocr.toml_file import read_toml

SHOWN_SIDE = 2000
"""Pixels of the longer side of the picture on the page."""

PAPERS = {"A4": (210.0, 297.0), "A5": (148.0, 210.0), "A6": (105.0, 148.0), "Letter": (215.9, 279.4)}
"""Millimetres, upright, which a picture of the same proportions is taken for: A4 before A5, which has the same."""

SAME_SHAPE = 0.015
"""Difference of two proportions, as a part, that a scanner makes."""


class Editor:
    """Shows a form, and writes its file whenever the page says so."""

    page = "editor.html"

    def __init__(self, picture: Path, path: Path) -> None:
        """
        Args:
            picture: of the form, straight and upright.
            path: of the form's file, which may be there already; then its fields are shown.

        Raises:
            BadForm: the file is there, but is no form, or one with another picture.
            BadImage, ImageNotFound: the picture cannot be read.
        """
        self._path = path
        image = grey(picture)
        self._shown = shrunk(image, SHOWN_SIDE)
        self._name = os.path.relpath(picture, path.parent)
        height, width = image.shape
        self._table: dict[str, Any] = {"picture": self._name, "size": _paper(width / height), "field": []}
        if path.exists():
            self._table |= read_toml(path, BadForm, EXPECTED)
            form_of(self._table, path)
            if (path.parent / str(self._table["picture"])).resolve() != picture.resolve():
                raise BadForm(f"{path} is about {self._table['picture']}: name another file with --output")

    def get(self, name: str) -> bytes | None:
        """picture.jpg and form.json."""
        if name == "picture.jpg":
            data: bytes = cv2.imencode(".jpg", self._shown)[1].tobytes()
            return data
        if name == "form.json":
            return json.dumps({**self._table, "file": str(self._path), "kinds": KINDS}).encode()
        return None

    def post(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """`form`: check the form, and write it; raises BadForm, CannotWrite."""
        if name != "form":
            raise KeyError(name)
        table = {"picture": self._name, "size": given["size"], "field": given["field"]}
        table = {key: value for key, value in table.items() if value is not None}
        form_of(table, self._path)
        write_whole(self._path, to_toml(table).encode())
        self._table = table
        return {}


def _paper(aspect: float) -> list[float] | None:
    """Width and height in millimetres of the usual paper with these proportions; None for another one."""
    for wide, high in PAPERS.values():
        for sides in ([wide, high], [high, wide]):
            if abs(aspect * sides[1] / sides[0] - 1) < SAME_SHAPE:
                return sides
    return None
