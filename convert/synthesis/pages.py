"""Sample pages: hand printing in fonts that no model was trained on, written and photographed."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from convert.data.arrays import data_folder
from convert.synthesis.augmentation import Rng
from convert.synthesis.handwriting import Hand, open_font, write_line
from convert.synthesis.photograph import Conditions, photograph
from edge_ocr.arguments import Parser, seed_number
from edge_ocr.errors import CannotWrite
from edge_ocr.page import Gray

HELD_OUT_FONTS = (
    "patrick-hand", "schoolbell", "short-stack", "handlee", "indie-flower", "shantell-sans", "neucha",
    "covered-by-your-grace", "gaegu", "the-girl-next-door", "caveat-brush", "poor-story",
)  # fmt: skip
"""File stems of the fonts that the sample pages are written in; training never draws from them."""

SEED = 2
JPEG_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sample page: what is written on it, by whom, and how it is photographed."""

    name: str
    text: str
    hand: Hand
    conditions: Conditions
    size: tuple[int, int] = (1280, 960)
    """Width and height of the picture in pixels."""
    origin: tuple[int, int] = (110, 190)
    """x of the left margin and y of the first baseline, in pixels."""
    pitch: int = 110
    """Pixels from one baseline to the next."""


def write_page(sheet: Sheet, font_folder: Path, rng: Rng) -> Gray:
    """The sheet's writing as ink, (height, width) uint8, 0 paper to 255 pen; ValueError when it does not fit."""
    font = open_font(font_folder, sheet.hand)
    width, height = sheet.size
    page = np.zeros((height, width), np.uint8)
    for number, line in enumerate(sheet.text.splitlines()):
        ink, baseline = write_line(line, sheet.hand, font, rng)
        left = sheet.origin[0] + int(rng.integers(-8, 9))
        top = sheet.origin[1] + number * sheet.pitch - baseline
        target = page[max(top, 0) : top + ink.shape[0], left : left + ink.shape[1]]
        if top < 0 or target.shape != ink.shape:
            raise ValueError(f"{sheet.name}: {line!r} needs {ink.shape[1]}x{ink.shape[0]} pixels at x={left}, y={top}.")
        np.maximum(target, ink, out=target)
    return page


def take(sheet: Sheet, font_folder: Path, rng: Rng) -> bytes:
    """The sheet written and photographed, as a JPEG file's bytes."""
    picture = photograph(write_page(sheet, font_folder, rng), rng, sheet.conditions).picture
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def _scene(paper: str, pen: str, **other: object) -> Conditions:
    """Fixed paper and pen, no ruling or shadow unless asked for, and no compression before the file's own."""
    calm = {"rulings": ("plain",), "shadow": (0.0, 0.0), "quality": None}
    return Conditions(papers=(paper,), pens=(pen,), **{**calm, **other})  # type: ignore[arg-type]


SHEETS = (
    Sheet(
        "hard-shadow.jpg",
        "DELIVER TO\nMRS. J. QUIMBY\n48 WALNUT ROAD\nFAIRVIEW 90217\nTEL 555-0136\nRING BELL TWICE",
        Hand("patrick-hand", capital=58),
        _scene("white", "blue", shadow=(0.5, 0.5), softness=(0.003, 0.003), turn=(1.2, 1.2)),
    ),
    Sheet(
        "uneven-light.jpg",
        "STOCK LIST 06/2024\nBOX 17 COPPER WIRE\nBOX 18 FUSES 30 AMP\nBOX 23 HEX KEYS\nBOX 40 ZINC PLATE\nJVB",
        Hand("schoolbell", capital=56),
        _scene("cream", "black", unevenness=(0.6, 0.6), turn=(-1.5, -1.5), defocus=(0.8, 0.8)),
    ),
    Sheet(
        "desk-edge.jpg",
        "DEAR KATE\nTHE SPARE KEY IS\nUNDER THE BLUE POT\nFEED MAX AT 7:15\nWATER THE FIGS\nBACK ON 3 JUNE",
        Hand("short-stack", capital=50, gap=(0.12, 0.24)),
        _scene("white", "black", desk=(0.07, 0.07), turn=(3.5, 3.5), perspective=(0.015, 0.015), shadow=(0.2, 0.2)),
        size=(1240, 1000),
        origin=(130, 220),
    ),
    Sheet(
        "ruled-paper.jpg",
        "MONDAY 14 OCT\nDENTIST 9:45\nCALL PHIL 555-0182\nBUY MILK, EGGS, JAM\nGYM AT 18:30\nPAY RENT 860\nBOOK VET",
        Hand("handlee", capital=46, pen=1),
        _scene("white", "blue", rulings=("lines",), pitch=(92.0, 92.0), first_rule=(78.0, 78.0), turn=(-2.0, -2.0)),
        size=(1100, 900),
        origin=(110, 170),
        pitch=92,
    ),
    Sheet(
        "squared-paper.jpg",
        "METER 3 NORTH WALL\nJAN 10472 KWH\nFEB 10958 KWH\nMAR 11366 KWH\nAPR 11640 KWH\nREAD BY GUS",
        Hand("indie-flower", capital=52, pen=1),
        _scene("white", "black", rulings=("squares",), pitch=(37.0, 37.0), first_rule=(20.0, 20.0), turn=(1.0, 1.0)),
    ),
    Sheet(
        "faint-pencil.jpg",
        "SHELF 5 ROW B\nATLAS OF RIVERS 1921\nJAPAN BY BIKE\nHOW TO FIX A CLOCK\nDUE 28 NOV\nCARD 630744",
        Hand("shantell-sans", capital=52),
        _scene("grey", "faint pencil", unevenness=(0.25, 0.25), turn=(-0.8, -0.8), noise=(2.0, 2.0)),
        size=(1400, 960),
    ),
    Sheet(
        "perspective.jpg",
        "PUMP HOUSE 2\nSERIAL KX-40917-B\nPRESSURE 6.8 BAR\nFLOW 125 L/MIN\nOIL CHANGED 09/05\nNEXT CHECK 09/11\n"
        "W. FINCH",
        Hand("neucha", capital=56),
        _scene("recycled", "black", desk=(0.03, 0.03), perspective=(0.045, 0.045), turn=(2.0, 2.0)),
        size=(1200, 1100),
        origin=(120, 210),
        pitch=118,
    ),
    Sheet(
        "light-on-dark.jpg",
        "TODAY\nPEA SOUP 4.50\nFISH PIE 9.20\nQUICHE 7.80\nLEMON CAKE 3.60\nOPEN 10 TO 23",
        Hand("covered-by-your-grace", capital=72),
        _scene("board", "chalk", unevenness=(0.35, 0.35), turn=(-1.0, -1.0), defocus=(0.9, 0.9)),
        size=(1200, 1000),
        origin=(150, 210),
        pitch=128,
    ),
    Sheet(
        "soft-shadow.jpg",
        "GATE CODE 7394\nWIFI HARBOUR GUEST\nPASS JELLY FOX 82\nTRASH ON TUESDAY\nDOCTOR 555-0167\nENJOY YOUR STAY",
        Hand("gaegu", capital=54, pen=1),
        _scene("yellow", "black", shadow=(0.45, 0.45), softness=(0.12, 0.12), turn=(0.5, 0.5)),
    ),
    Sheet(
        "blur-and-noise.jpg",
        "LOST CAT\nGREY, WHITE PAWS\nNAME: BISCUIT\nLAST SEEN 21 MAY\nELM PARK, GATE 6\nCALL 555-0149",
        Hand("the-girl-next-door", capital=60, pen=1),
        _scene("cream", "blue", defocus=(1.6, 1.6), motion=(4.0, 4.0), noise=(8.0, 8.0), turn=(1.5, 1.5)),
    ),
    Sheet(
        "thick-marker.jpg",
        "FRAGILE\nGLASS JARS X 24\nKEEP DRY\nTHIS SIDE UP\nROOM 305 LEVEL 1\nVIA DOCK 7",
        Hand("caveat-brush", capital=82, pen=1, gap=(0.14, 0.26)),
        _scene("recycled", "marker", turn=(-3.0, -3.0), shadow=(0.3, 0.3), desk=(-0.02, -0.02)),
        size=(1300, 1100),
        origin=(150, 230),
        pitch=136,
    ),
    Sheet(
        "small-writing.jpg",
        "TRIP PLAN\nFRI BUS 62 AT 8:05\nFERRY TO OXLEY BAY\nHOTEL VIEW ROOM 19\nSAT HIKE 14 KM, PICNIC\n"
        "SUN MUSEUM, ZOO\nCOST 347 EACH\nPACK A TORCH",
        Hand("poor-story", capital=36, pen=1),
        _scene("white", "red", shadow=(0.25, 0.25), unevenness=(0.35, 0.35), turn=(-2.5, -2.5)),
        size=(1000, 860),
        origin=(120, 140),
        pitch=82,
    ),
)
"""One sheet a condition that a camera meets, each in another font."""

DEMO = Sheet(
    "note.jpg",
    "Meet Anna at\n7:30 by Gate 4\nBring 2 cups\nOtto",
    Hand("patrick-hand", capital=44, pen=1, gap=(0.12, 0.22)),
    _scene("white", "blue", shadow=(0.35, 0.35), softness=(0.1, 0.1), turn=(-1.5, -1.5), unevenness=(0.2, 0.2)),
    size=(700, 764),
    origin=(100, 210),
    pitch=120,
)
"""The note that the demo reads: 35 characters."""


def write_samples(sheets: tuple[Sheet, ...], folder: Path, seed: int) -> None:
    """Store each sheet's picture and a truth.json (file name -> text) in `folder`; CannotWrite when that fails."""
    font_folder = data_folder() / "fonts"
    pictures = {
        sheet.name: take(sheet, font_folder, np.random.default_rng((seed, number)))
        for number, sheet in enumerate(sheets)
    }
    truth = {sheet.name: sheet.text for sheet in sheets}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in pictures.items():
            (folder / name).write_bytes(data)
        (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise CannotWrite(
            f"Cannot write the sample pages to {folder} ({error.strerror}): choose another --out."
        ) from error


def main(argv: list[str] | None = None) -> int:
    """`python -m convert pages`, returns its exit code; the same seed and library versions give the same bytes."""
    parser = Parser(prog="python -m convert pages", description="Make the sample pages.")
    parser.add_argument("--out", type=Path, default=Path("tests/pages"), help="folder for the 12 pages (%(default)s)")
    parser.add_argument("--demo", type=Path, help="folder for the demo's note, such as edge_ocr/samples")
    parser.add_argument("--seed", type=seed_number, default=SEED, help="another seed gives other pages (%(default)s)")
    options = parser.parse_args(argv)
    write_samples(SHEETS, options.out, options.seed)
    if options.demo:
        write_samples((DEMO,), options.demo, options.seed)
    return 0
