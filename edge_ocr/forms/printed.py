"""Where a form has print in and around a field: what stands there on every copy, and is not what people wrote.

The form's own picture may be of a filled copy, so what is within the field is print only where it is a line where the
field has lines: its outline, the walls of a comb, rules to write on.
"""

import cv2
import numpy as np

from edge_ocr.forms.form import Field, Form
from edge_ocr.forms.patch import Patch, darkness
from edge_ocr.page import Gray

PALE = 0.07
"""Part of the paper's light that print takes away at least, on the form's own picture: outlines are paler than pens."""

REACH = 0.0013
"""Part of the form's height by which print may lie off its place, or be thicker than on the form's own picture."""

LONG, LEAST_LONG = 0.6, 7
"""Part of a field's height that its walls are long at least, or of its width its outlines; at least in pixels."""

WALL = 0.3
"""The same for the walls of a comb, which are but ticks on some forms."""

RULE = 2.0
"""Heights of the field from which a level line anywhere in it is a rule to write on."""

RIM = 0.16
"""Part of a field's height around its edges, or of a cell's width around its walls, in which its lines lie."""

BREAK = 3
"""Pixels of a gap within a line, where a scan is pale."""


def print_of(form: Form, field: Field, patch: Patch) -> Gray:
    """(height, width) of the patch: 255 where the form has print, 0 elsewhere."""
    height, width = form.picture.shape
    own = cv2.warpPerspective(
        form.picture,
        np.diag([width, height, 1.0]) @ patch.to_form,
        patch.picture.shape[1::-1],
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    ink = print_in(own)
    (wide, high), margin = patch.size, patch.margin
    lines = cv2.bitwise_or(_level(ink, field, patch), _upright(ink, field, patch))
    lines[:margin], lines[margin + high :] = ink[:margin], ink[margin + high :]
    lines[:, :margin], lines[:, margin + wide :] = ink[:, :margin], ink[:, margin + wide :]
    reach = max(1, round(REACH * high / field.area.height))
    return np.asarray(cv2.dilate(lines, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), np.uint8)


def print_in(picture: Gray) -> Gray:
    """255 where a form's picture is dark, 0 elsewhere."""
    return np.asarray(cv2.inRange(darkness(picture), PALE, 2.0), np.uint8)


def _level(ink: Gray, field: Field, patch: Patch) -> Gray:
    """Outlines at the top and the bottom, and rules."""
    (wide, high), margin = patch.size, patch.margin
    whole = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, BREAK), np.uint8))
    narrowest = min(right - left for left, right in field.spans)
    outlines = _runs(whole, LONG * wide * narrowest, across=True)
    rim = max(2, round(RIM * high))
    outlines[margin + rim : margin + high - rim] = 0
    return np.asarray(cv2.bitwise_or(outlines, _runs(whole, min(RULE * high, LONG * wide), across=True)))


def _upright(ink: Gray, field: Field, patch: Patch) -> Gray:
    """Outlines at the left and the right, and the walls of a comb."""
    (wide, high), margin = patch.size, patch.margin
    whole = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((BREAK, 1), np.uint8))
    walls = _runs(whole, (WALL if field.cells else LONG) * high, across=False)
    spans = wide * np.array(field.spans)
    off = np.abs(np.arange(ink.shape[1]) - margin - spans.reshape(-1, 1)).min(axis=0)
    walls[:, off > max(2.0, RIM * min(high, np.median(np.ptp(spans, axis=1))))] = 0
    return walls


def _runs(ink: Gray, length: float, *, across: bool) -> Gray:
    """What of the ink belongs to level runs (or upright ones) of at least this length."""
    long = max(LEAST_LONG, round(length))
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, long) if across else (long, 1), np.uint8)))
