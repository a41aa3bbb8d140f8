"""FORM.toml: a form's picture and its fields, written by hand or by `edge-ocr form new`.

picture = "membership.jpg"   # beside this file: an empty or filled copy, straight and upright
size = [148, 210]            # of the paper, in millimetres; without it boxes are in parts of the picture, 0 to 1

[[field]]
name = "surname"
kind = "comb"                # text, digits, comb, checkbox or signature
box = [12, 40, 96, 8]        # left, top, width, height
cells = 12                   # of a comb
charset = "A-Z"              # or pattern = '[A-Z]+'
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge_ocr.errors import BadForm
from edge_ocr.forms.form import KINDS, MOST_CELLS, Area, Field, Form
from edge_ocr.page import Gray
from edge_ocr.picture.load import load_image
from edge_ocr.toml_file import read_toml

EXPECTED = 'picture = "..." and a [[field]] for each field'
FORM_KEYS = frozenset({"picture", "size", "field"})
FIELD_KEYS = frozenset({"name", "kind", "box", "cells", "charset", "pattern"})

LONGEST_NAME = 64
"""Characters of a field's name: it is the heading of a column."""

LARGEST_PAPER = 5000
"""Millimetres."""

TOLERANCE = 0.002
"""Part of the form by which a box may reach over its edge, for rounding."""


def load_form(path: str | Path) -> Form:
    """The form that a file describes, with its picture.

    Raises:
        BadForm: the file cannot be read, or says something that is no form; the sentence names the field.
        BadImage, ImageNotFound: the form's picture cannot be read.
    """
    path = Path(path)
    return form_of(read_toml(path, BadForm, EXPECTED), path)


def form_of(table: Mapping[str, Any], path: Path) -> Form:
    """The form that the content of the file `path` describes; raises as `load_form` does."""
    _check_keys(table, FORM_KEYS, f"{path} has")
    size = _size(path, table.get("size"))
    fields = tuple(_field(path, entry, number, size) for number, entry in enumerate(_entries(path, table), 1))
    names = [field.name.lower() for field in fields]
    for field in fields:
        if names.count(field.name.lower()) > 1:
            raise BadForm(f"{path} has two fields called {field.name!r}: give each a name of its own")
    name = table.get("picture")
    if not isinstance(name, str) or not name:
        raise BadForm(f"{path} has picture = {name!r}: expected the name of the form's picture, such as 'form.jpg'")
    return Form(str(path), grey(path.parent / name), fields)


def grey(path: Path) -> Gray:
    """A form's picture without its colours; raises what `load_image` raises."""
    image = load_image(path).image
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def _entries(path: Path, table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = table.get("field", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadForm(f"{path} has a wrong 'field': write each as [[field]]")
    if not entries:
        raise BadForm(f"{path} has no field: add a [[field]] with name, kind and box, or run `edge-ocr form new`")
    return entries


def _size(path: Path, size: object) -> tuple[float, float] | None:
    """Width and height of the paper in millimetres; None where boxes are in parts."""
    if size is None:
        return None
    sides = _numbers(size, 2)
    if not sides or not all(1 <= side <= LARGEST_PAPER for side in sides):
        raise BadForm(f"{path} has size = {size!r}: expected width and height in millimetres, such as [210, 297]")
    return sides[0], sides[1]


def _field(path: Path, entry: Mapping[str, Any], number: int, size: tuple[float, float] | None) -> Field:
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadForm(
            f"{path} has name = {name!r} in field {number}: expected a text of 1 to {LONGEST_NAME} characters"
        )
    what = f"{path}, field {name!r}"
    _check_keys(entry, FIELD_KEYS, f"{what} has")
    kind = entry.get("kind", "text")
    if kind not in KINDS:
        raise BadForm(f"{what} has kind = {kind!r}: expected one of {', '.join(KINDS)}")
    wishes = {key: _text(what, key, entry[key]) for key in ("charset", "pattern") if key in entry}
    cells = entry.get("cells", 0)
    area = _area(what, entry.get("box"), size)
    field = Field(name.strip(), kind, area, wishes.get("charset"), wishes.get("pattern"), cells)
    if field.is_mark and wishes:
        raise BadForm(f"{what} has {min(wishes)}, but a {kind} has no characters: leave it out")
    if (kind == "comb") != ("cells" in entry):
        raise BadForm(f"{what} is of kind {kind!r}: a comb needs cells = ..., other kinds have none")
    if type(cells) is not int or not (kind == "comb") <= cells <= MOST_CELLS:
        raise BadForm(f"{what} has cells = {cells!r}: expected a whole number from 1 to {MOST_CELLS}")
    return field


def _text(what: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise BadForm(f"{what} has {key} = {value!r}: expected a text in quotes")
    return value


def _area(what: str, box: object, size: tuple[float, float] | None) -> Area:
    edges = _numbers(box, 4)
    unit = "millimetres" if size else "parts of the picture from 0 to 1, or in millimetres with size = [210, 297]"
    if not edges or not (edges[2] > 0 and edges[3] > 0):
        raise BadForm(f"{what} has box = {box!r}: expected [left, top, width, height] in {unit}")
    wide, high = size or (1.0, 1.0)
    area = Area(edges[0] / wide, edges[1] / high, edges[2] / wide, edges[3] / high)
    over = max(area.left + area.width, area.top + area.height) - 1
    if max(over, -min(area.left, area.top)) > TOLERANCE:
        raise BadForm(f"{what} has box = {box!r}, which reaches over the form's edge: expected it in {unit}")
    return area


def _numbers(value: object, count: int) -> list[float] | None:
    """A list of `count` finite numbers, or None if it is none."""
    if not isinstance(value, list) or len(value) != count:
        return None
    fine = all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in value)
    return [float(one) for one in value] if fine else None


def _check_keys(table: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    if unknown := table.keys() - known:
        raise BadForm(f"{what} {min(unknown)!r}: expected {', '.join(sorted(known))}")
