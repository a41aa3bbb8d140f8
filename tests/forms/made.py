"""Two forms that never existed, filled in by hands that never wrote, and photographed as phones do.

Print is drawn with Pillow's own font, handwriting as strokes, so that nothing else is needed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from convert.synthesis import photograph as camera
from edge_ocr.page import Gray
from tests.forms.hand import Hand, Rng

SCALE = 5.0
"""Pixels to a millimetre."""

ROOM = 3.0
"""Millimetres between two groups of a comb."""

Box = tuple[float, float, float, float]
"""Left, top, width and height in millimetres."""


@dataclass(frozen=True)
class Entry:
    """A field with its label."""

    name: str
    kind: str
    box: Box
    label: str
    charset: str = ""
    pattern: str = ""
    cells: int = 0
    groups: tuple[int, ...] = ()
    """Cells of a comb that stand together, `ROOM` apart from the others; () for all."""

    @property
    def rooms(self) -> list[tuple[float, float]]:
        """Left and right of each cell in millimetres."""
        wide = (self.box[2] - ROOM * max(0, len(self.groups) - 1)) / max(1, self.cells)
        before = [number for number, count in enumerate(self.groups or (self.cells,)) for _ in range(count)]
        lefts = [self.box[0] + number * wide + ROOM * room for number, room in enumerate(before)]
        return [(left, left + wide) for left in lefts]


@dataclass(frozen=True)
class MadeForm:
    """A form on paper of `size` millimetres."""

    name: str
    title: str
    notes: tuple[str, ...]
    size: tuple[float, float]
    entries: tuple[Entry, ...]

    def empty(self) -> Gray:
        """(height, width) of its print: 0 paper, 255 ink."""
        width, height = (round(side * SCALE) for side in self.size)
        sheet = Image.new("L", (width, height), 0)
        pen = ImageDraw.Draw(sheet)
        _print(pen, self.title, (10, 8), 6.0)
        for number, note in enumerate(self.notes):
            _print(pen, note, (10, 17 + 4 * number), 2.7)
        pen.line([(round(10 * SCALE), round(26 * SCALE)), (width - round(10 * SCALE), round(26 * SCALE))], 220, 2)
        for entry in self.entries:
            _draw_entry(pen, entry)
        return np.asarray(sheet, np.uint8).copy()

    def filled(self, answers: Mapping[str, str | bool], rng: Rng) -> Gray:
        """The same, filled in."""
        sheet, hand, pen = self.empty(), Hand(rng), rng.uniform(1.9, 2.9)
        for entry in self.entries:
            answer = answers[entry.name]
            left, top, width, height = (SCALE * side for side in entry.box)
            if answer is True:
                (hand.mark if entry.kind == "checkbox" else hand.scrawl)(sheet, (left, top, width, height), pen)
            elif isinstance(answer, str) and entry.kind == "comb":
                rooms = [(SCALE * start, SCALE * end) for start, end in entry.rooms]
                hand.cells(sheet, answer, rooms, (top, height), pen)
            elif isinstance(answer, str):
                at = left + rng.uniform(1, 3) * SCALE, top + 0.82 * height
                hand.line(sheet, answer, at, rng.uniform(0.5, 0.62) * height, pen)
        return sheet

    def write(self, folder: Path) -> Path:
        """FORM.toml with its picture, as `edge-ocr form new` would make them."""
        cv2.imwrite(str(folder / f"{self.name}.png"), 255 - self.empty())
        lines = [f'picture = "{self.name}.png"', f"size = {list(self.size)}"]
        for entry in self.entries:
            lines += ["", "[[field]]", f'name = "{entry.name}"', f'kind = "{entry.kind}"', f"box = {list(entry.box)}"]
            lines += [f"charset = {json.dumps(entry.charset)}"] * bool(entry.charset)
            lines += [f"pattern = '{entry.pattern}'"] * bool(entry.pattern)
            lines += [f"cells = {entry.cells}"] * bool(entry.cells)
        path = folder / f"{self.name}.toml"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path


MEMBERSHIP = MadeForm(
    "membership",
    "Membership of the Lakeside Rowing Club",
    ("Please use capitals and a dark pen. One letter in each box.", "We never give your address to anybody else."),
    (148, 210),
    (
        Entry("surname", "comb", (10, 36, 96, 8), "Surname", "A-Z", "", 12),
        Entry("first name", "comb", (10, 53, 96, 8), "First name", "A-Z", "", 12),
        Entry("born", "comb", (10, 70, 64, 8), "Date of birth (day, month, year)", "", r"\d{8}", 8, (2, 2, 4)),
        Entry("street", "text", (10, 88, 120, 10), "Street and number", "0-9A-Z"),
        Entry("town", "text", (10, 108, 80, 10), "Town", "A-Z"),
        Entry("postcode", "digits", (100, 108, 38, 10), "Postcode", "", r"\d{5}"),
        Entry("junior", "checkbox", (10, 128, 5, 5), "I am younger than eighteen"),
        Entry("coach", "checkbox", (10, 137, 5, 5), "I could train beginners"),
        Entry("newsletter", "checkbox", (76, 128, 5, 5), "Send me the newsletter"),
        Entry("signature", "signature", (10, 158, 80, 16), "Signature"),
    ),
)

METERS = MadeForm(
    "meters",
    "Your meter readings this year",
    ("Read every meter on the same day and send the card back.", "Fractions after the comma do not count."),
    (148, 105),
    (
        Entry("customer", "comb", (10, 34, 56, 7), "Customer number", "", r"[A-Z]{2}\d{5}", 7),
        Entry("day", "comb", (84, 34, 48, 7), "Day of reading", "", r"\d{6}", 6),
        Entry("power", "digits", (10, 50, 50, 9), "Electricity (kWh)"),
        Entry("water", "digits", (78, 50, 50, 9), "Water (cubic metres)"),
        Entry("moved", "checkbox", (10, 68, 4.5, 4.5), "I have moved in this year"),
        Entry("call", "checkbox", (78, 68, 4.5, 4.5), "Please call me"),
        Entry("name", "text", (10, 84, 80, 10), "Name in capitals", "A-Z"),
    ),
)

FORMS = (MEMBERSHIP, METERS)

FRAMES = MadeForm(
    "frames",
    "",
    (),
    (148, 105),
    (
        Entry("customer", "comb", (10, 34, 56, 7), "", "", r"[A-Z]{2}\d{5}", 7),
        Entry("day", "comb", (84, 34, 48, 7), "", "", r"\d{6}", 6, (2, 2, 2)),
        Entry("power", "comb", (10, 52, 40, 8), "", "0-9", "", 5),
        Entry("moved", "checkbox", (10, 68, 4.5, 4.5), ""),
        Entry("call", "checkbox", (78, 68, 4.5, 4.5), ""),
        Entry("name", "text", (10, 84, 80, 10), "", "A-Z"),
    ),
)
"""Without a word."""

SURNAMES = ("BAKER", "FISHER", "MILLER", "WEAVER", "CARTER", "HUNTER", "TURNER", "PARKER", "MASON", "WALKER")
NAMES = ("ANNA", "PETER", "MARIA", "JOHN", "EMILY", "DAVID", "SARAH", "ROBERT", "LINDA", "FRANK")
STREETS = ("MILL LANE 12", "GREEN STREET 7", "STATION ROAD 48", "PARK AVENUE 3", "CHURCH HILL 156")
TOWNS = ("BRISTOL", "NORTH BEND", "SALEM", "CANTON", "RIVERSIDE", "MADISON")


def answers_of(form: MadeForm, rng: Rng) -> dict[str, str | bool]:
    """What somebody writes into each field."""

    def one_of(texts: tuple[str, ...]) -> str:
        return texts[int(rng.integers(len(texts)))]

    def digits(count: int) -> str:
        return "".join(str(digit) for digit in rng.integers(0, 10, count))

    def chance() -> bool:
        return bool(rng.random() < 0.5)

    if form is MEMBERSHIP:
        day = f"{rng.integers(1, 29):02}{rng.integers(1, 13):02}{rng.integers(1940, 2010)}"
        texts: dict[str, str | bool] = {"surname": one_of(SURNAMES), "first name": one_of(NAMES), "born": day}
        texts |= {"street": one_of(STREETS), "town": one_of(TOWNS), "postcode": digits(5)}
        return texts | {"junior": chance(), "coach": chance(), "newsletter": chance(), "signature": rng.random() < 0.8}
    letters = "".join("ABCDEFGHKLMNPRSTUVWXYZ"[int(at)] for at in rng.integers(0, 22, 2))
    texts = {"customer": letters + digits(5), "day": f"{rng.integers(1, 29):02}{rng.integers(1, 13):02}26"}
    texts |= {"power": digits(5), "water": digits(4), "moved": chance(), "call": chance()}
    texts = {entry.name: texts[entry.name] for entry in form.entries if entry.name in texts}
    return texts | {"name": f"{one_of(NAMES)} {one_of(SURNAMES)}"}


@dataclass(frozen=True)
class Photograph:
    """A sheet on a desk, at any angle, in any light of a room."""

    picture: NDArray[np.uint8]
    """(height, width, 3) BGR."""
    to_picture: NDArray[np.float64]
    """(3, 3) from pixels of the sheet."""
    wave: "Wave | None" = None
    """By which the paper is not flat."""

    def places(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) where points of the sheet are."""
        flat = cv2.perspectiveTransform(points.reshape(-1, 1, 2), self.to_picture).reshape(-1, 2)
        return self.wave.found(flat) if self.wave else flat

    def bent(self, rng: Rng, most: float) -> "Photograph":
        """The same of paper that is not flat: places are off by up to `most` millimetres, to both sides."""
        height, width = self.picture.shape[:2]
        wave = Wave((width, height), rng.uniform(0, 6), most * SCALE)
        at = np.moveaxis(np.mgrid[:height, :width][::-1], 0, -1).reshape(-1, 2)
        source = (at + wave.off(at)).reshape(height, width, 2).astype(np.float32)
        moved = cv2.remap(self.picture, source[..., 0], source[..., 1], cv2.INTER_LINEAR)
        return Photograph(np.asarray(moved, np.uint8), self.to_picture, wave)


@dataclass(frozen=True)
class Wave:
    """Of paper on a picture of a size (width, height)."""

    size: tuple[int, int]
    phase: float
    reach: float
    """In pixels."""

    def off(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """From points (n, 2) of the picture, how far off they would be if the paper were flat."""
        across = self.reach / 2 * np.sin(8.2 * points[:, 1] / self.size[1] + self.phase)
        return np.stack([across, self.reach * np.sin(7.5 * points[:, 0] / self.size[0])], axis=1)

    def found(self, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) where points of flat paper are."""
        at = flat
        for _ in range(30):
            at = flat - self.off(at)
        return at


def photograph(sheet: Gray, rng: Rng, turn: float | None = None) -> Photograph:
    """A photograph of a sheet.

    Args:
        sheet: 0 paper to 255 ink.
        rng: draws all that is left to chance.
        turn: degrees clockwise; None for some.
    """
    if turn is None:
        turn = float(rng.choice([0, 90, 180, 270]) + rng.normal(0, 8))
    height, width = sheet.shape
    paper = camera.write(camera.paper(sheet.shape, camera.PAPERS["white"], rng), sheet, camera.PENS["black"], rng)
    angle, corners = np.deg2rad(turn), np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turned = (corners - corners.mean(axis=0)) @ np.array(
        [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    )
    turned += 0.03 * max(sheet.shape) * rng.uniform(-1, 1, (4, 2))
    room = 1.08 * np.ptp(turned, axis=0)
    placed = (turned - turned.min(axis=0) + 0.04 * np.ptp(turned, axis=0)).astype(np.float32)
    size = (int(room[1]), int(room[0]))
    desk = np.ones((*size, 3), np.float32) * np.array(camera.DESKS[int(rng.integers(4))], np.float32)
    to_picture = cv2.getPerspectiveTransform(corners, placed)
    inside = cv2.warpPerspective(np.ones(sheet.shape, np.float32), to_picture, size[::-1])[..., None]
    picture = inside * cv2.warpPerspective(paper, to_picture, size[::-1], borderMode=cv2.BORDER_REPLICATE)
    picture = picture + (1 - inside) * desk * (1 + 0.05 * camera.clouds(size, 9, rng))[..., None]
    picture = picture * camera.daylight(size, rng.uniform(0.05, 0.4), rng)[..., None]
    picture = picture * camera.shadow(size, rng.uniform(0, 0.45), rng.uniform(0.005, 0.06), rng)[..., None]
    picture = camera.shake(camera.defocus(picture, rng.uniform(0.4, 1.1)), rng.uniform(0, 1.2), rng)
    pressed = camera.compress(camera.sense(picture, rng.uniform(1, 4), rng), rng.uniform(60, 92))
    return Photograph(pressed, np.asarray(to_picture, np.float64))


def _print(pen: ImageDraw.ImageDraw, text: str, at: tuple[float, float], size: float) -> None:
    """Print a text whose top left is at `at`, `size` millimetres high."""
    pen.text((at[0] * SCALE, at[1] * SCALE), text, 230, ImageFont.load_default(size * SCALE))


def _draw_entry(pen: ImageDraw.ImageDraw, entry: Entry) -> None:
    left, top, width, height = (SCALE * side for side in entry.box)
    if entry.kind == "checkbox":
        _print(pen, entry.label, (entry.box[0] + entry.box[2] + 2, entry.box[1] + 0.6), 3.2)
    else:
        _print(pen, entry.label, (entry.box[0], entry.box[1] - 4), 2.8)
    if entry.kind == "checkbox":
        pen.rectangle([left, top, left + width, top + height], outline=200, width=2)
    elif not entry.cells:
        pen.line([(left, top + height), (left + width, top + height)], 200, 2)
    for start, end in entry.rooms if entry.cells else ():
        pen.rectangle([SCALE * start, top, SCALE * end, top + height], outline=200, width=2)
