"""Frame -> what is read: the frame made upright, its ink and components, and the way back to the picture as it came."""

from dataclasses import dataclass

from edge_ocr.errors import BadBundle, EdgeOcrError
from edge_ocr.ink.components import Components, find_components
from edge_ocr.ink.finder import Finder
from edge_ocr.ink.guided import around_writing, cleared, find_guided_ink
from edge_ocr.ink.looking import glance, ink_within, look_closer
from edge_ocr.ink.resolution import find_legible_ink
from edge_ocr.ink.turn import text_turn
from edge_ocr.model.bundle import bundled_finder, load_bundle
from edge_ocr.page import Frame, Ink
from edge_ocr.picture.turning import Affine, shifted, upright
from edge_ocr.stopwatch import Stopwatch

SURELY_LEVEL = 0.01
"""Degrees below which turning changes nothing."""


@dataclass(frozen=True, slots=True)
class View:
    """A frame as it is read."""

    frame: Frame
    """Upright."""
    ink: Ink
    parts: Components
    """Of the ink."""
    turn: float
    """Degrees clockwise by which the text was turned in the frame as it came."""
    back: Affine | None
    """From points of `frame` to those of the frame as it came; None where that is upright."""
    is_axis_sure: bool = True
    """Whether lines surely run across `frame`, not down it; by a named turn they do."""
    across: float = 0.0
    """Degrees clockwise by which the text was turned if they run down it."""


WAYS_TO_FIND = ("guided", "map", "paper")
"""What separates pen from all else: the picture itself where a finder saw writing, the finder's map alone, or nothing,
since the picture shows upright dark writing on light paper and little else."""

USUAL_WAY = "guided"
"""What is done unless the caller says otherwise."""


def see(
    frame: Frame, finder: Finder | None, turn: float | None = None, by: str = USUAL_WAY, watch: Stopwatch | None = None
) -> View:
    """Make a frame upright and separate its pen from everything else.

    Args:
        frame: any size, grey or BGR.
        finder: None takes every frame for upright paper.
        turn: degrees clockwise by which its text is turned; None to find out.
        by: "guided" or "map", where there is a finder.
        watch: once FINDING_SHARE of its time is spent, no closer look is begun: what the last one showed is given.
    """
    watch = watch or Stopwatch()
    coarse = glance(frame, finder) if finder and turn is None else None
    is_axis_sure, across = turn is not None, 0.0
    if turn is None:
        turn, is_axis_sure, across = text_turn(coarse) if coarse else (0.0, False, 90.0)
    back = None
    if abs(turn % 360) > SURELY_LEVEL:
        frame, back = upright(frame, turn)
        coarse = None
    if finder and coarse is None:
        coarse = glance(frame, finder)
    if finder is None or coarse is None:
        ink, parts = find_legible_ink(frame, watch=watch)
    elif by == "map":
        ink = ink_within(look_closer(frame, finder, coarse, watch))
        parts = find_components(ink.mask)
    else:
        part, coarse, (left, top) = around_writing(frame, coarse)
        if part is not frame:
            frame, back = part, shifted(back, left, top)
        ink, parts = find_guided_ink(frame, coarse, watch)
        if len(parts) > 1:
            ink = cleared(ink, parts, look_closer(frame, finder, coarse, watch))
            parts = find_components(ink.mask)
    return View(frame, ink, parts, turn % 360, back, is_axis_sure, across % 360)


def open_finder(find: str = USUAL_WAY, backend: str = "auto") -> Finder | None:
    """The bundled finder; None for paper alone.

    Raises:
        EdgeOcrError: there is no such way to find.
        BadBundle: no finder came along.
    """
    if find not in WAYS_TO_FIND:
        raise EdgeOcrError(f"Writing cannot be found by {find!r}; choose one of {', '.join(WAYS_TO_FIND)}")
    if find == "paper":
        return None
    folder = bundled_finder()
    if folder is None:
        raise BadBundle("no finder came with this edge-ocr: install it again, or read scans with --find paper")
    return Finder(load_bundle(folder), backend)
