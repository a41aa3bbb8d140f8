"""`edge-ocr read`: the pictures on the command line -> their text on stdout."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2

from edge_ocr.errors import CannotWrite, ImageNotFound
from edge_ocr.output import ERASE_LINE, StdoutLost, explain, is_terminal, note, say
from edge_ocr.page import Frame, Page
from edge_ocr.picture.load import decode_image, find_images, load_image, read_bytes
from edge_ocr.picture.overlay import draw
from edge_ocr.reader import Reader

STDIN = "-"
"""The name for stdin among the pictures."""

MANY = 3
"""With more pictures than this, there is a progress bar."""

BAR = 24
"""Characters of the bar."""

DRAWN_AS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
"""Suffixes that --annotate can write."""


def run(options: argparse.Namespace) -> int:
    """Read all pictures of `options`. Returns 0, or the exit code of the first failure."""
    names = options.images + options.image
    if not names:
        options.usage_error("name a picture or a folder to read, or - for stdin, as in `edge-ocr read note.jpg`")
    if options.rejected and not options.json:
        options.usage_error("--rejected needs --json: add --json, or leave --rejected out")
    sources, failures = _gather(names)
    if not sources:
        return failures[0]
    targets = _targets(options.annotate, sources) if options.annotate else {}
    reader = load_reader(options)
    texts = 0
    for source in _with_progress(sources):
        with _told(failures):
            frame = _load(source)
            page = reader.read(frame)
            if page.partial:
                limit = f"{options.max_seconds:g} s"
                note(f"{frame.name} was not read to its end within {limit}: allow more with --max-seconds for the rest")
            elif not page.text:
                note(f"no writing found in {frame.name}")
            _print(page, options, first=texts == 0)
            texts += bool(page.text)
            if source in targets:
                _annotate(page, frame, targets[source])
    return failures[0] if failures else 0


@contextmanager
def _told(failures: list[int]) -> Iterator[None]:
    """Report an error and note its exit code; the other pictures are still read, unless stdout is lost."""
    try:
        yield
    except (StdoutLost, BrokenPipeError):
        raise
    except Exception as error:
        failures.append(explain(error))


def load_reader(options: argparse.Namespace, **changed: Any) -> Reader:
    """The reader for a command's options; `live` may have changed some, such as the charset."""
    names = ("charset", "pattern", "pattern_in", "min_confidence", "max_seconds")
    wishes = {name: getattr(options, name) for name in names}
    return Reader.load(
        options.model,
        tuned=options.tuned,
        recogniser=options.recogniser,
        language=options.language,
        backend=options.backend,
        find=options.find,
        turn=None if options.turn == "auto" else float(options.turn),
        **{**wishes, **changed},
    )


def _gather(names: list[str]) -> tuple[list[str], list[int]]:
    """Names with folders replaced by their pictures, and the exit codes of empty ones."""
    sources: list[str] = []
    failures: list[int] = []
    for name in names:
        with _told(failures):
            if not name:
                raise ImageNotFound("an empty file name was given: expected the name of a picture or folder")
            sources += [name] if name == STDIN else map(str, find_images([name]))
    return sources, failures


def _load(source: str) -> Frame:
    if source != STDIN:
        return load_image(source)
    if sys.stdin is None:
        raise ImageNotFound("stdin is closed: pipe a picture into it, as in `edge-ocr read - < note.jpg`")
    return decode_image(read_bytes(sys.stdin.buffer, "stdin"), "stdin")


def _print(page: Page, options: argparse.Namespace, *, first: bool) -> None:
    """Print a page: JSON always, text if there is some, with an empty line before all but the first."""
    if options.json:
        say(page.to_json(rejected=options.rejected))
    elif page.text:
        say(page.text if first else "\n" + page.text)


def _annotate(page: Page, frame: Frame, target: Path) -> None:
    """Store the drawn page; a file that cannot be finished is removed again."""
    drawn, content = cv2.imencode(target.suffix, draw(page, frame))
    if not drawn:
        raise CannotWrite(f"{target} cannot be encoded by this OpenCV: choose a name that ends in .png")
    try:
        target.write_bytes(content.tobytes())
    except OSError as error:
        if target.is_file():
            target.unlink(missing_ok=True)
        why = error.strerror
        raise CannotWrite(f"{target} cannot be written ({why}): make room or choose another place") from error
    note(f"the annotated picture is {target}")


def _targets(annotate: str, sources: list[str]) -> dict[str, Path]:
    """The path of each annotated picture, checked before anything is read.

    Raises:
        CannotWrite: an unknown ending, a folder that is missing or not writable, or a picture of the sources.
    """
    out = Path(annotate)
    into_folder = out.is_dir() or annotate.endswith(os.sep)
    folder = out if into_folder else out.parent
    if not into_folder and out.suffix.lower() not in DRAWN_AS:
        raise CannotWrite(f"{out} has no picture suffix: expected one of {', '.join(sorted(DRAWN_AS))}")
    if not folder.is_dir():
        raise CannotWrite(f"{folder} is not a folder: make it first, or choose another place for the annotated picture")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWrite(f"{folder} is not writable: choose another place for the annotated picture")
    targets: dict[str, Path] = {}
    for source in dict.fromkeys(sources):
        stem = "stdin" if source == STDIN else Path(source).stem
        name = f"{stem}.png" if into_folder else f"{out.stem}-{stem}{out.suffix}"
        targets[source] = _unused(folder / name, targets) if into_folder or len(sources) > 1 else out
    for target in targets.values():
        if any(target.resolve() == Path(source).resolve() for source in sources if source != STDIN):
            raise CannotWrite(f"{target} is one of the pictures to read: choose another name for the annotated picture")
    return targets


def _unused(path: Path, targets: dict[str, Path]) -> Path:
    """`path`, with a number if a picture of the same name from another folder has it already."""
    taken, number, free = set(targets.values()), 2, path
    while free in taken:
        free, number = path.with_name(f"{path.stem}-{number}{path.suffix}"), number + 1
    return free


def _with_progress(sources: list[str]) -> Iterator[str]:
    """The sources one by one, with a progress bar on stderr if there are many and the text is not on the terminal."""
    shown = len(sources) > MANY and is_terminal(sys.stderr) and not is_terminal(sys.stdout)
    for done, source in enumerate(sources):
        if shown:
            bar = ("#" * (BAR * done // len(sources))).ljust(BAR, ".")
            text = f"[{bar}] {done + 1}/{len(sources)} {Path(source).name[:40]}"
            print(f"{ERASE_LINE}{text}\r", end="", file=sys.stderr, flush=True)
        yield source
    if shown:
        print(ERASE_LINE, end="", file=sys.stderr, flush=True)
