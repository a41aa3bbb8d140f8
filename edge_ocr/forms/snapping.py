"""Boxes drawn by hand -> boxes on the form's own lines: the outlines and walls of combs and check boxes."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.forms.form import Area, Field, Form
from edge_ocr.forms.printed import print_in
from edge_ocr.forms.walls import cells_between
from edge_ocr.page import Gray

SNAPPED = ("comb", "checkbox")
"""Kinds of fields that are drawn with lines on all sides."""

REACH = 0.4
"""Of a cell, by which an edge may have been drawn beside its line."""

MOST_STEPS = 12
"""Tried places of an edge to each side."""

LEAST = 0.2
"""Mean of the walls' profile from which there are lines to lie on."""

Profile = NDArray[np.float64]
"""(n,) how much of a line runs along each column or row, 0 to 1."""


def snapped(form: Form) -> Form:
    """The form with its combs and check boxes where its picture has their lines; those without lines stay."""
    fields = tuple(_snapped(field, form.picture) if field.kind in SNAPPED else field for field in form.fields)
    return replace(form, fields=fields)


def _snapped(field: Field, picture: Gray) -> Field:
    height, width = picture.shape
    area, cells = field.area, max(1, field.cells)
    across, down = area.width * width / cells, area.height * height
    left, top = (max(0, round(at)) for at in (area.left * width - REACH * across, area.top * height - REACH * down))
    right = round((area.left + area.width) * width + REACH * across) + 1
    bottom = round((area.top + area.height) * height + REACH * down) + 1
    ink = print_in(picture[top:bottom, left:right])
    columns = _lines(ink, down, down)
    rows = _lines(np.ascontiguousarray(ink.T), across, area.width * width)
    y, high = _fit(rows, area.top * height - top, area.height * height, 1)
    x, wide = _fit(columns, area.left * width - left, area.width * width, cells)
    seen = cells_between(ink[max(0, round(y)) : round(y + high)], cells) if field.kind == "comb" else ()
    if seen:
        x, wide = seen[0][0], seen[-1][1] - seen[0][0]
    spans = tuple(((start - x) / wide, (end - x) / wide) for start, end in seen)
    return replace(field, area=Area((left + x) / width, (top + y) / height, wide / width, high / height), seen=spans)


def _lines(ink: Gray, run: float, length: float) -> Profile:
    """The part of `length` pixels along which each column holds a line, in pieces of at least half of `run` pixels."""
    runs = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((max(3, round(run / 2)), 1), np.uint8))
    shown = np.minimum(1, (runs > 0).sum(axis=0) / max(1.0, length))
    return np.convolve(shown, (0.5, 1, 0.5), "same") / 2


def _fit(profile: Profile, start: float, length: float, cells: int) -> tuple[float, float]:
    """The start and the length, near those given, with which the walls of all cells lie best on lines."""
    reach = REACH * length / cells
    offsets = np.linspace(-reach, reach, 2 * max(1, min(MOST_STEPS, round(reach))) + 1)
    starts, ends = start + offsets[:, np.newaxis], start + length + offsets[np.newaxis, :]
    walls = starts[..., np.newaxis] + (ends - starts)[..., np.newaxis] * np.linspace(0, 1, cells + 1)
    scores = np.interp(walls, np.arange(len(profile)), profile).mean(axis=-1)
    # Of equal places the one that was drawn.
    scores -= 1e-3 * (np.abs(offsets)[:, np.newaxis] + np.abs(offsets)) / max(1.0, reach)
    first, last = np.unravel_index(int(scores.argmax()), scores.shape)
    found = float(starts[first, 0]), float(ends[0, last] - starts[first, 0])
    return found if scores[first, last] > LEAST else (start, length)
