"""Ink -> a picture as a camera sees it: paper, pen, ruling, viewpoint, desk, light, shadow, lens, sensor.

Steps work on float32 (height, width, 3) BGR reflectance, 0 black to 1 white, and draw their chances from `rng` alone.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.synthesis.augmentation import Rng, between
from edge_ocr.page import Gray

Colour = tuple[float, float, float]
"""Blue, green, red, 0 to 1."""
Range = tuple[float, float]
"""Least and greatest value; drawn from uniformly."""
Surface = NDArray[np.float32]
"""(height, width, 3) BGR, 0 to 1."""
Field = NDArray[np.float32]
"""(height, width), a factor for every pixel."""


@dataclass(frozen=True, slots=True)
class Pen:
    """What a stroke looks like on paper."""

    colour: Colour
    opacity: Range
    """Part of the paper's colour that a full stroke replaces."""
    grain: float
    """How much the paper's roughness breaks the stroke up: 0 liquid ink, 1 a dry pencil."""


PENS = {
    "blue": Pen((0.52, 0.22, 0.12), (0.75, 0.92), 0.15),
    "black": Pen((0.16, 0.14, 0.14), (0.75, 0.95), 0.12),
    "pencil": Pen((0.36, 0.34, 0.34), (0.50, 0.70), 0.5),
    "faint pencil": Pen((0.46, 0.44, 0.44), (0.48, 0.58), 0.4),
    "marker": Pen((0.10, 0.09, 0.10), (0.92, 0.98), 0.03),
    "red": Pen((0.18, 0.14, 0.70), (0.75, 0.92), 0.15),
    "chalk": Pen((0.88, 0.90, 0.90), (0.75, 0.92), 0.45),
}
PAPERS: dict[str, Colour] = {
    "white": (0.90, 0.91, 0.92),
    "cream": (0.78, 0.86, 0.90),
    "recycled": (0.68, 0.75, 0.78),
    "grey": (0.74, 0.74, 0.73),
    "yellow": (0.52, 0.84, 0.90),
    "board": (0.20, 0.19, 0.17),
    "green board": (0.22, 0.30, 0.19),
}
DESKS: tuple[Colour, ...] = ((0.20, 0.30, 0.42), (0.11, 0.16, 0.24), (0.16, 0.16, 0.16), (0.38, 0.52, 0.62))
RULINGS = ("plain", "lines", "squares")
RULING_COLOURS: tuple[Colour, ...] = ((0.80, 0.62, 0.50), (0.66, 0.66, 0.64))


@dataclass(frozen=True, slots=True)
class Conditions:
    """What may stand before the camera; every picture draws anew from each range and each choice."""

    papers: tuple[str, ...] = ("white", "cream", "recycled", "grey")
    pens: tuple[str, ...] = ("blue", "black", "pencil", "marker")
    rulings: tuple[str, ...] = RULINGS
    pitch: Range = (28.0, 60.0)
    """Pixels from one ruled line to the next."""
    first_rule: Range = (0.0, 60.0)
    """Where the first ruled line lies, in pixels from the page's top (and left, when squared)."""
    stains: int = 2
    """At most this many pale stains."""
    desk: Range = (-0.04, 0.04)
    """Desk left free on each side, as part of the picture; below 0 the paper reaches beyond the picture."""
    turn: Range = (-3.0, 3.0)
    """Degrees, positive turns the paper clockwise."""
    perspective: Range = (0.0, 0.02)
    """How far each corner is moved, as part of the picture's longer side."""
    unevenness: Range = (0.05, 0.35)
    """Part of the light that is missing where the page is darkest."""
    shadow: Range = (0.0, 0.5)
    """Part of the light that a shadow takes; it covers up to a half of the picture."""
    softness: Range = (0.002, 0.06)
    """Width of the shadow's edge as part of the picture's longer side."""
    defocus: Range = (0.4, 1.2)
    """Standard deviation in pixels."""
    motion: Range = (0.0, 2.0)
    """Length of the camera's shake in pixels."""
    noise: Range = (1.0, 5.0)
    """Standard deviation at mid grey, in grey levels of 255."""
    quality: Range | None = (55.0, 92.0)
    """JPEG quality; None leaves the picture uncompressed."""


ORDINARY = Conditions()
"""Paper on a desk, as most pictures show it."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture, and where the page lies in it."""

    picture: NDArray[np.uint8]
    """(height, width, 3) BGR."""
    to_picture: NDArray[np.float64]
    """(3, 3) homography from page pixels to picture pixels."""


def photograph(ink: Gray, rng: Rng, conditions: Conditions = ORDINARY) -> Photograph:
    """Take a picture of a written page.

    Args:
        ink: (height, width) uint8, 0 paper to 255 pen.
        rng: draws everything; the same state gives the same picture.
        conditions: names in `papers`, `pens` and `rulings` are keys of PAPERS, PENS and RULINGS.

    Returns:
        The picture, of the page's size, with its homography.
    """
    page = paper(ink.shape, PAPERS[_choose(rng, conditions.papers)], rng)
    page = stain(page, int(rng.integers(conditions.stains + 1)), rng)
    page = rule(page, _choose(rng, conditions.rulings), _draw(rng, conditions.pitch), conditions.first_rule, rng)
    page = write(page, ink, PENS[_choose(rng, conditions.pens)], rng)
    to_picture = viewpoint(ink.shape, rng, conditions)
    picture = lay_on_desk(page, to_picture, rng)
    picture *= daylight(ink.shape, _draw(rng, conditions.unevenness), rng)[..., None]
    depth, softness = _draw(rng, conditions.shadow), _draw(rng, conditions.softness)
    picture *= shadow(ink.shape, depth, softness, rng)[..., None]
    picture = defocus(picture, _draw(rng, conditions.defocus))
    picture = shake(picture, _draw(rng, conditions.motion), rng)
    levels = sense(picture, _draw(rng, conditions.noise), rng)
    if conditions.quality is not None:
        levels = compress(levels, _draw(rng, conditions.quality))
    return Photograph(levels, to_picture)


def paper(shape: tuple[int, int], colour: Colour, rng: Rng) -> Surface:
    """Empty paper of (height, width): pulp clouds, fibres along and across, fine tooth."""
    fine = rng.standard_normal(shape, dtype=np.float32)
    texture = 0.012 * fine + 0.03 * cv2.blur(fine, (13, 1)) + 0.03 * cv2.blur(fine, (1, 13))
    texture += 0.008 * clouds(shape, 40, rng)
    return (1 + texture)[..., None] * np.array(colour, np.float32)


def stain(page: Surface, number: int, rng: Rng) -> Surface:
    """Pale brown spots with soft edges, each up to a tenth of the page wide."""
    height, width = page.shape[:2]
    spots = np.zeros((height // 4 + 1, width // 4 + 1), np.float32)
    for _ in range(number):
        centre = (int(rng.integers(spots.shape[1])), int(rng.integers(spots.shape[0])))
        axes = (int(rng.integers(4, spots.shape[1] // 20 + 6)), int(rng.integers(4, spots.shape[1] // 20 + 6)))
        cv2.ellipse(spots, centre, axes, between(rng, 0, 180), 0, 360, between(rng, 0.04, 0.12), -1)
    if number == 0:
        return page
    spread = cv2.resize(cv2.GaussianBlur(spots, (0, 0), 2.0), (width, height))
    return page * (1 - spread[..., None] * np.array((1.5, 1.0, 0.7), np.float32))


def rule(page: Surface, ruling: str, pitch: float, first: Range, rng: Rng) -> Surface:
    """Printed lines every `pitch` pixels, "lines" across or "squares" both ways; "plain" leaves the page alone."""
    if ruling == "plain":
        return page
    start, half_width = _draw(rng, first), between(rng, 0.5, 1.0)
    strength = between(rng, 0.45, 0.85)
    marks = strength * _ruling_profile(page.shape[0], start, pitch, half_width)[:, None]
    if ruling == "squares":
        marks = np.maximum(marks, strength * _ruling_profile(page.shape[1], start, pitch, half_width)[None, :])
    colour = np.array(RULING_COLOURS[rng.integers(len(RULING_COLOURS))], np.float32)
    return cast(Surface, page * (1 - np.broadcast_to(marks, page.shape[:2])[..., None] * (1 - colour)))


def write(page: Surface, ink: Gray, pen: Pen, rng: Rng) -> Surface:
    """Lay the pen's colour over the page where there is ink, uneven by pressure and by the paper's tooth."""
    pressure = 1 + 0.08 * clouds(ink.shape, 25, rng)
    tooth = 1 - pen.grain * np.abs(rng.standard_normal(ink.shape, dtype=np.float32)) * 0.5
    cover = np.clip(ink.astype(np.float32) * (_draw(rng, pen.opacity) / 255) * pressure * tooth, 0, 1)[..., None]
    return cast(Surface, page * (1 - cover) + cover * np.array(pen.colour, np.float32))


def viewpoint(shape: tuple[int, int], rng: Rng, conditions: Conditions) -> NDArray[np.float64]:
    """The (3, 3) homography from page to picture: size, turn, and corners moved by perspective."""
    height, width = shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    centre = np.array((width / 2, height / 2), np.float32)
    angle = np.deg2rad(_draw(rng, conditions.turn))
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    placed = centre + (1 - 2 * _draw(rng, conditions.desk)) * (corners - centre) @ turned
    reach = max(shape) * _draw(rng, conditions.perspective)
    placed += reach * rng.uniform(-1, 1, size=(4, 2))
    return np.asarray(cv2.getPerspectiveTransform(corners, placed.astype(np.float32)), np.float64)


def lay_on_desk(page: Surface, to_picture: NDArray[np.float64], rng: Rng) -> Surface:
    """The page seen from its viewpoint, on a streaky desk that its rim darkens."""
    height, width = page.shape[:2]
    streaks = cv2.resize(rng.standard_normal((height // 3 + 1, 6), dtype=np.float32), (width, height))
    desk = (1 + 0.08 * streaks)[..., None] * np.array(DESKS[rng.integers(len(DESKS))], np.float32)
    inside = cv2.warpPerspective(np.ones((height, width), np.float32), to_picture, (width, height))[..., None]
    seen = cv2.warpPerspective(page, to_picture, (width, height), borderMode=cv2.BORDER_REPLICATE)
    rim = 1 - 0.5 * cv2.blur(inside, (31, 31))[..., None]
    return inside * seen + (1 - inside) * desk * rim


def daylight(shape: tuple[int, int], unevenness: float, rng: Rng) -> Field:
    """Light from one side with the lens's vignette; 1 where brightest, 1 - `unevenness` where darkest."""
    y, x = _axes(shape)
    angle = between(rng, 0, 2 * np.pi)
    slope = np.cos(angle) * x + np.sin(angle) * y
    fall = slope + between(rng, 0.2, 0.8) * (x * x + y * y)
    fall = (fall - fall.min()) / (fall.max() - fall.min())
    return np.asarray(1 - unevenness * fall, np.float32)


def shadow(shape: tuple[int, int], depth: float, softness: float, rng: Rng) -> Field:
    """A shadow with a slightly curved edge; `softness` is the edge's width as part of the longer side."""
    y, x = _axes(shape)
    angle = between(rng, 0, 2 * np.pi)
    along = np.cos(angle) * y - np.sin(angle) * x
    across = np.cos(angle) * x + np.sin(angle) * y + 0.04 * np.sin(between(rng, 1, 4) * along)
    covered = (across - between(rng, 0.0, 0.3)) / max(softness, 1e-3)
    return np.asarray(1 - depth / (1 + np.exp(np.clip(-4 * covered, -30, 30))), np.float32)


def defocus(picture: Surface, sigma: float) -> Surface:
    """A lens out of focus by `sigma` pixels."""
    return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma > 0.1 else picture


def shake(picture: Surface, length: float, rng: Rng) -> Surface:
    """The camera moved by `length` pixels in one direction while the shutter was open."""
    angle = between(rng, 0, np.pi)
    if length < 0.5:
        return picture
    side = 2 * int(np.ceil(length / 2)) + 1
    kernel, middle = np.zeros((side, side), np.float32), side // 2
    for step in np.linspace(-length / 2, length / 2, 4 * side):
        kernel[round(middle + step * np.sin(angle)), round(middle + step * np.cos(angle))] += 1
    return cv2.filter2D(picture, -1, kernel / kernel.sum())


def sense(picture: Surface, noise: float, rng: Rng) -> NDArray[np.uint8]:
    """The sensor: shot noise grows with the root of the light; white balance is a little off. Gives uint8 levels."""
    balance = rng.uniform(0.97, 1.02, size=3).astype(np.float32)
    levels = 255 * np.clip(picture * balance, 0, 1)
    levels += noise * np.sqrt(levels / 128 + 0.2) * rng.standard_normal(levels.shape, dtype=np.float32)
    return np.clip(levels, 0, 255).astype(np.uint8)


def compress(picture: NDArray[np.uint8], quality: float) -> NDArray[np.uint8]:
    """Through JPEG and back."""
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)


def _choose(rng: Rng, names: tuple[str, ...]) -> str:
    return names[int(rng.integers(len(names)))]


def _draw(rng: Rng, limits: Range) -> float:
    return between(rng, *limits)


def _axes(shape: tuple[int, int]) -> tuple[Field, Field]:
    """y (height, 1) and x (1, width) from -1 to 1 along the longer side."""
    height, width = shape
    y, x = (np.linspace(-n, n, n, dtype=np.float32) / np.float32(max(shape)) for n in (height, width))
    return y[:, None], x[None, :]


def clouds(shape: tuple[int, int], grain: int, rng: Rng) -> Field:
    """Smooth random field about 0, its patches some `grain` pixels wide."""
    height, width = shape
    coarse = rng.standard_normal((height // grain + 2, width // grain + 2), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _ruling_profile(length: int, start: float, pitch: float, half_width: float) -> Field:
    """(length,) 1 on a ruled line, 0 between, with soft edges."""
    position = np.arange(length, dtype=np.float32) - start
    distance = np.abs(position - pitch * np.round(position / pitch))
    return np.clip(half_width + 0.5 - distance, 0, 1)
