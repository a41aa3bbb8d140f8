"""Official UNIPEN tree -> samples of pen strokes (train_r01_v07, CC BY 4.0, Zenodo 10.5281/zenodo.1195803).

`data/CATEGORY/PROVIDER/**/*.dat` say which components of the included files (`include/PROVIDER/...`) are one character,
word or text. The format is a sequence of statements, each a line that begins with `.KEYWORD` and the lines after it
(Guyon, Schomaker, Plamondon, Liberman, Janet: UNIPEN project of on-line data exchange, 1994).
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.data.arrays import BadDataset, DataNotFound, Strokes

CATEGORIES = ("1a", "1b", "1c", "1d", "3", "7", "8")
"""Categories that are read; 2 repeats 1a to 1d, and 6 is part of 7."""

SINGLE_CHARACTERS = frozenset(("1a", "1b", "1c", "1d", "3"))
"""Categories whose every label is one character."""

COUNTS_PEN_UP = frozenset(("hpp", "nic", "pri", "sta"))
"""Providers whose component numbers count .PEN_UP blocks too."""

DRIFTING = frozenset(("abm", "cea", "ceb", "cec", "lex", "tos", "ugi"))
"""Providers whose component numbers do not agree with their ink; they are left out."""

SIMPLIFICATION = 1 / 150
"""Tolerance of Douglas-Peucker, as a share of the sample's height."""

TEST_SHARE = 0.1
"""Share of the writers that are kept for testing."""

MAX_INCLUDE_DEPTH = 8
"""Files that include each other deeper than this include themselves."""

STATEMENT = re.compile(r"^[ \t]*\.(?=[A-Z])", re.MULTILINE)
SEGMENT = re.compile(r'\S+\s+([\d:,\s-]+?)\s+(\S+)\s+"((?:\\.|[^"\\])*)"', re.DOTALL)
RANGE = re.compile(r"(\d+)(?::(\d+))?(?:-(\d+)(?::(\d+))?)?")


@dataclass(frozen=True)
class Sample:
    """One labelled piece of writing."""

    strokes: list[NDArray[np.int32]]
    """(k, 2) each, k >= 1; x to the right and y up, in tablet units."""
    label: str
    writer: str
    """provider/writer."""


@dataclass(frozen=True)
class Component:
    """One .PEN_DOWN or .PEN_UP block, its numbers still text: few blocks of a file are asked for."""

    text: str
    columns: tuple[int, int, int]
    """Where x and y stand among how many numbers of a point."""
    writer: str
    is_down: bool

    def points(self) -> NDArray[np.int32]:
        """(k, 2) x, y; ValueError where the block holds something else than numbers."""
        x, y, width = self.columns
        values = np.array(self.text.split(), np.float64)
        whole = len(values) // width * width
        return np.rint(values[:whole].reshape(-1, width)[:, [x, y]]).astype(np.int32)


def find_root(folder: Path) -> Path:
    """The folder that holds `data` and `include`: `folder` or its `train_r01_v07`; DataNotFound otherwise."""
    for root in (folder, folder / "train_r01_v07"):
        if (root / "data").is_dir() and (root / "include").is_dir():
            return root
    raise DataNotFound(f"{folder} holds no UNIPEN tree: unpack train_r01_v07 there (its folders are data and include).")


def category_files(root: Path, category: str) -> list[Path]:
    """The segment files of a category, sorted, without the providers whose numbers drift."""
    folder = root / "data" / category
    return [path for path in sorted(folder.rglob("*.dat")) if path.relative_to(folder).parts[0] not in DRIFTING]


def read_segments(root: Path, category: str, path: Path) -> tuple[list[Sample], int]:
    """The samples of one segment file, simplified, and how many of its segments were left out.

    Left out are segments marked BAD, without text or components, of more than one character where the category has
    single ones, and those whose components are not in the included files.
    """
    provider = path.relative_to(root / "data" / category).parts[0]
    components, segments = _collect(path, root / "include", provider)
    samples: list[Sample] = []
    for segment in segments:
        match = SEGMENT.match(segment)
        if match is None or match[2] == "BAD":
            continue
        label = _unescape(match[3])
        strokes, writer = _cut(components, match[1])
        if strokes and label and (len(label) == 1 or category not in SINGLE_CHARACTERS):
            samples.append(Sample(_simplify(strokes), label, f"{provider}/{writer or path.stem}"))
    return samples, len(segments) - len(samples)


def is_test_writer(writer: str) -> bool:
    """True for about `TEST_SHARE` of the writers, always the same ones, in whatever order or number they come."""
    digest = hashlib.sha256(writer.encode()).digest()
    return int.from_bytes(digest[:8], "big") < TEST_SHARE * 2**64


def pack(samples: list[Sample]) -> Strokes:
    """The samples as arrays, in the order given."""
    strokes = [stroke for sample in samples for stroke in sample.strokes]
    return Strokes(
        points=np.concatenate([np.zeros((0, 2), np.int32), *strokes]),
        stroke_len=np.array([len(stroke) for stroke in strokes], np.uint32),
        num_strokes=np.array([len(sample.strokes) for sample in samples], np.uint16),
        labels=np.array([sample.label for sample in samples], np.str_),
        writers=np.array([sample.writer for sample in samples], np.str_),
    )


def _collect(path: Path, include: Path, provider: str) -> tuple[list[Component], list[str]]:
    """The components that the file's segments count, and the bodies of its .SEGMENT statements."""
    components: list[Component] = []
    segments: list[str] = []
    columns, writer = (0, 1, 2), ""
    for keyword, body in _statements(path, include):
        if keyword == "COORD":
            names = body.split()
            if "X" in names and "Y" in names:
                columns = (names.index("X"), names.index("Y"), len(names))
        elif keyword == "WRITER_ID" and body.strip():
            writer = body.split()[0]
        elif keyword == "PEN_DOWN" or (keyword == "PEN_UP" and provider in COUNTS_PEN_UP):
            components.append(Component(body, columns, writer, keyword == "PEN_DOWN"))
        elif keyword == "SEGMENT":
            segments.append(body)
    return components, segments


def _statements(path: Path, include: Path, depth: int = 0) -> Iterator[tuple[str, str]]:
    """(keyword, rest) of each statement, with included files in the place of their .INCLUDE."""
    if depth > MAX_INCLUDE_DEPTH:
        raise BadDataset(f"{path} includes itself: unpack the UNIPEN tree again.")
    for chunk in STATEMENT.split(path.read_text("latin-1"))[1:]:
        keyword, *rest = chunk.split(None, 1)
        body = rest[0] if rest else ""
        included = include / body.strip() if keyword == "INCLUDE" else None
        if included is None:
            yield keyword, body
        elif included.is_file():  # lexicons and notes are missing now and then; missing ink shows in its segments
            yield from _statements(included, include, depth + 1)


def _cut(components: list[Component], ranges: str) -> tuple[list[NDArray[np.int32]], str]:
    """The pen-down strokes of `45-47`, `3:10-4:2` or several such with commas; no strokes if any part is missing."""
    strokes: list[NDArray[np.int32]] = []
    writer = ""
    for part in re.sub(r"\s", "", ranges).split(","):
        match = RANGE.fullmatch(part)
        if match is None:
            return [], ""
        first, first_point, last, last_point = match.groups()
        if last is None:  # `3` is a whole component, `3:10` a single point of it
            last, last_point = first, first_point
        numbers = range(int(first), int(last) + 1)
        if not numbers or numbers[-1] >= len(components):
            return [], ""
        writer = writer or components[numbers[0]].writer
        for number in numbers:
            start = int(first_point) if first_point and number == numbers[0] else 0
            stop = int(last_point) + 1 if last_point and number == numbers[-1] else None
            try:
                points = components[number].points()[start:stop]
            except ValueError:
                return [], ""
            if components[number].is_down and len(points):
                strokes.append(points)
    return strokes, writer


def _simplify(strokes: list[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
    ys = np.concatenate([stroke[:, 1] for stroke in strokes])
    tolerance = float(np.ptp(ys)) * SIMPLIFICATION
    return [cv2.approxPolyDP(stroke[:, None], tolerance, False).reshape(-1, 2).astype(np.int32) for stroke in strokes]


def _unescape(label: str) -> str:
    r"""Text of a label: `\"` and `\\` are escapes, and a line break is a space."""
    return re.sub(r"\s*\n\s*", " ", re.sub(r'\\(["\\])', r"\1", label)).strip("\n\r")
