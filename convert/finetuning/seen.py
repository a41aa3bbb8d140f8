"""Pictures of your own hand, seen and laid out as the reader does: by the bundled finder, taken for upright."""

from functools import cache

from edge_ocr.ink.views import View, open_finder, see
from edge_ocr.layout.layout import Layout, find_layout
from edge_ocr.page import Frame


def seen_layout(frame: Frame) -> tuple[Layout, tuple[int, int]]:
    """A frame's lines, and the left and top in the frame of the part that they were found in, in pixels."""
    view = see_upright(frame)
    corner = (0, 0) if view.back is None else (round(float(view.back[0, 2])), round(float(view.back[1, 2])))
    return find_layout(view.ink, view.parts), corner


def see_upright(frame: Frame) -> View:
    """A frame that is upright, as the samples are, with its ink."""
    return see(frame, _usual_finder(), turn=0.0)


_usual_finder = cache(open_finder)
"""Opened once, for all samples."""
