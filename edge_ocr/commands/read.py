"""`edge-ocr read`: the pictures on the command line -> their text, on stdout or as documents."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from edge_ocr.batch.delivery import Delivery
from edge_ocr.batch.places import Documents, drawing_places
from edge_ocr.batch.processes import Processes
from edge_ocr.batch.progress import with_progress
from edge_ocr.batch.reading import Outcome, Wanted, read_one_by_one
from edge_ocr.batch.sources import Source, gather
from edge_ocr.documents.formats import FORMATS
from edge_ocr.output import StdoutLost, ending_at_sigterm, explain, is_terminal, note
from edge_ocr.picture.decoder import prepare
from edge_ocr.picture.quiet import own_stderr
from edge_ocr.reader import Reader

MANY = 3
"""With more pictures than this, there is a progress bar."""


def run(options: argparse.Namespace) -> int:
    """Read all pictures of `options`. Returns 0, or the exit code of the first failure."""
    names = options.images + options.image
    if not names:
        options.usage_error("name a picture or a folder to read, or - for stdin, as in `edge-ocr read note.jpg`")
    _check(options)
    failures: list[int] = []
    sources = gather(names, lambda error: failures.append(explain(error)))
    if not sources:
        return failures[0]
    delivery, unread = _plan(options, sources)
    with _readings(options, unread, delivery.wanted) as results:
        for source, outcome in with_progress(results, len(unread)) if _is_watched(options, unread) else results:
            with _told(failures):
                if isinstance(outcome, Exception):
                    raise outcome
                delivery.take(source, outcome)
    return failures[0] if failures else 0


@contextmanager
def _readings(
    options: argparse.Namespace, sources: list[Source], wanted: Wanted
) -> Iterator[Iterator[tuple[Source, Outcome]]]:
    """What came of each source, in order, read by this process or by several."""
    count = min(options.jobs, len(sources))
    if count <= 1:
        prepare()  # It starts while the models are loaded.
        yield read_one_by_one(load_reader(options), sources, wanted)
        return
    with ending_at_sigterm(), Processes(count, partial(Reader.load, **reader_wishes(options)), wanted) as processes:
        yield processes.read(sources)


def _plan(options: argparse.Namespace, sources: list[Source]) -> tuple[Delivery, list[Source]]:
    """Where everything goes, and the pictures that still have to be read; raises CannotWrite."""
    drawings = drawing_places(options.annotate, sources) if options.annotate else {}
    documents, unread = None, sources
    if options.output or options.beside:
        unread = list(dict.fromkeys(sources))
        documents = Documents(unread, FORMATS[options.format].ending, Path(options.output) if options.output else None)
        if not options.again:
            unread = [source for source in unread if not documents.is_there(source)]
        if len(unread) < len(sources):
            note(
                f"{len(sources) - len(unread)} of {len(sources)} pictures have their documents: --again reads them anew"
            )
    elif FORMATS[options.format].flow is None and len(sources) > 1:
        options.usage_error(f"--format {options.format} makes a document a picture: add --beside or --output FOLDER")
    delivery = Delivery(options.format, documents, drawings, rejected=options.rejected, max_seconds=options.max_seconds)
    return delivery, unread


def _is_watched(options: argparse.Namespace, sources: list[Source]) -> bool:
    """Whether a person waits who sees no texts meanwhile."""
    text_is_seen = is_terminal(sys.stdout) and not (options.output or options.beside)
    return len(sources) > MANY and is_terminal(sys.stderr) and not text_is_seen


def _check(options: argparse.Namespace) -> None:
    """Refuse options that contradict each other."""
    to_files = bool(options.output or options.beside)
    if options.rejected and options.format != "json":
        options.usage_error("--rejected needs --json: add --json, or leave --rejected out")
    if options.again and not to_files:
        options.usage_error("--again needs --output or --beside: without documents nothing is skipped")
    if options.format == "pdf" and not to_files and is_terminal(sys.stdout):
        options.usage_error("a PDF is not for the terminal: add --beside, --output FOLDER, or > note.pdf")


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
    with own_stderr():  # Native libraries talk on it.
        return Reader.load(**{**reader_wishes(options), **changed})


def reader_wishes(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of `Reader.load` for a command's options."""
    names = ("model", "tuned", "recogniser", "charset", "pattern", "pattern_in", "language")
    more = ("min_confidence", "max_seconds", "backend", "find")
    turn = None if options.turn == "auto" else float(options.turn)
    return {name: getattr(options, name) for name in (*names, *more)} | {"turn": turn}
