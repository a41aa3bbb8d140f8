"""A folder that `edge-ocr live --record` kept -> a file of readings to correct, and with it, samples.

`corrections.txt` has a line `frame<TAB>number<TAB>text` for every line that was read. The writer corrects the
texts in an editor; deleted lines and lines without a text are not used.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from convert.data.arrays import BadDataset, DataNotFound
from convert.finetuning.samples import Sample, read_table, read_text
from convert.finetuning.seen import seen_layout
from edge_ocr.errors import CannotWrite
from edge_ocr.layout.layout import Layout, TextLine
from edge_ocr.page import Box, Frame
from edge_ocr.picture.load import load_image

CORRECTIONS = "corrections.txt"

EXAMPLE = "frame<TAB>number of the line<TAB>text"

HEAD = f"""\
# {EXAMPLE}. Correct the texts; delete hopeless lines, or empty their text.
"""

SEEN = "# listed up to "
"""Prefix of the line that names the last listed frame, so that only later frames are added."""

LEAST_OVERLAP = 0.5
"""Least overlap of two boxes, as a part of their union, for a line of the layout to be the one that was read."""

NOT_FOUND = "the line was not found in its picture again"


def is_recorded(folder: Path) -> bool:
    """Whether the folder is one of `edge-ocr live --record`."""
    return (folder / CORRECTIONS).is_file() or any(reading_path(path).is_file() for path in folder.glob("*.jpg"))


def reading_path(picture: Path) -> Path:
    """The path of a recorded picture's reading."""
    return picture.with_suffix(".json")


def make_corrections(folder: Path) -> int:
    """Write `corrections.txt`, or add what was recorded since; returns the number of listed lines.

    Raises:
        DataNotFound: the folder holds no recording.
        BadDataset: a reading is broken.
        CannotWrite: the file cannot be written.
    """
    path = folder / CORRECTIONS
    frames = sorted(picture.stem for picture in folder.glob("*.jpg") if reading_path(picture).is_file())
    if not frames:
        raise DataNotFound(f"{folder} holds no recording: expected a folder that `edge-ocr live --record` filled.")
    known = read_text(path) if path.is_file() else HEAD
    last = max((line[len(SEEN) :] for line in known.splitlines() if line.startswith(SEEN)), default="")
    new = [frame for frame in frames if frame > last]
    rows = [
        f"{frame}\t{number}\t{line['text']}\n"
        for frame in new
        for number, line in enumerate(_reading(folder / f"{frame}.json")["lines"], 1)
    ]
    if new:
        ending = "" if known.endswith("\n") else "\n"
        _replace(path, known + ending + "".join(rows) + f"{SEEN}{new[-1]}\n")
    return len(rows)


def recorded_samples(folder: Path) -> Iterator[Sample | str]:
    """The corrected lines as samples, cut from their pictures as when they were read, or why one cannot be used.

    Raises:
        DataNotFound: there are no corrections yet.
        BadDataset: they are malformed or name an unknown line; or a reading is broken.
        ImageNotFound, BadImage: a picture is missing or broken.
    """
    path = folder / CORRECTIONS
    if not path.is_file():
        raise DataNotFound(
            f"{folder} holds uncorrected readings: run `python -m convert finetune --data {folder} "
            f"--make-corrections`, then correct {path}."
        )
    by_frame: dict[str, list[tuple[int, int, str]]] = {}
    for row, (frame, number, text) in read_table(path, 3, EXAMPLE):
        if not number.isdigit():
            raise BadDataset(f"{path}, line {row}: expected `{EXAMPLE}`, found {number!r} as the number.")
        if text:
            by_frame.setdefault(frame, []).append((row, int(number), text))
    for frame, rows in by_frame.items():
        yield from _frame_samples(path, frame, rows)


def _frame_samples(path: Path, frame: str, rows: list[tuple[int, int, str]]) -> Iterator[Sample | str]:
    reading = path.parent / f"{frame}.json"
    if not reading.is_file():
        raise BadDataset(f"{path}, line {rows[0][0]}: no {reading.name} was recorded; correct the name or delete it.")
    facts = _reading(reading)
    region = Box(*facts["region"]) if facts.get("region") else None
    layout, corner = _layout(load_image(reading.with_suffix(".jpg")), region)
    for row, number, text in rows:
        if not 1 <= number <= len(facts["lines"]):
            raise BadDataset(
                f"{path}, line {row}: {frame} has {len(facts['lines'])} lines, not one of number {number}; "
                "correct the number or delete the line."
            )
        line = _find(layout, corner, Box(*facts["lines"][number - 1]["box"]))
        yield Sample(f"{frame}, line {number}", text, line.ink, line, layout.space) if line else NOT_FOUND


def _layout(frame: Frame, region: Box | None) -> tuple[Layout, tuple[int, int]]:
    """The lines of the part of a picture that was read, and the corner of that part."""
    height, width = frame.image.shape[:2]
    part = (region or Box(0, 0, width, height)).within(width, height)
    image = np.ascontiguousarray(frame.image[part.top : part.bottom, part.left : part.right])
    layout, (left, top) = seen_layout(Frame(image, frame.name))
    return layout, (part.left + left, part.top + top)


def _find(layout: Layout, corner: tuple[int, int], box: Box) -> TextLine | None:
    """The layout's line at `box`, in pixels of the whole picture; None if there is none."""
    best = max(layout.lines, key=lambda line: _overlap(_box_of(line, corner), box), default=None)
    return best if best is not None and _overlap(_box_of(best, corner), box) >= LEAST_OVERLAP else None


def _box_of(line: TextLine, corner: tuple[int, int]) -> Box:
    height, width = line.ink.shape
    left, top = corner[0] + line.origin[0] * line.scale, corner[1] + line.origin[1] * line.scale
    return Box(round(left), round(top), round(left + width * line.scale), round(top + height * line.scale))


def _overlap(one: Box, other: Box) -> float:
    """Area of the intersection as a part of the union (Jaccard, 1901)."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(0, across) * max(0, down)
    return shared / max(1, one.width * one.height + other.width * other.height - shared)


def _reading(path: Path) -> dict[str, Any]:
    """The content of NAME.json; BadDataset if `--record` did not write it."""
    try:
        facts: dict[str, Any] = json.loads(read_text(path))
        boxes = [*(line["box"] for line in facts["lines"]), facts.get("region") or [0, 0, 1, 1]]
        if not all(len(box) == 4 and all(isinstance(edge, int) for edge in box) for box in boxes):
            raise ValueError("a box does not have four whole numbers")
        if not all(isinstance(line["text"], str) for line in facts["lines"]):
            raise ValueError("a line has no text")
    except (ValueError, KeyError, TypeError) as error:
        raise BadDataset(
            f"{path} is not a reading of `edge-ocr live --record` ({error}): delete it and its picture."
        ) from error
    return facts


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, "utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written ({error.strerror}): make room or change its rights") from error
