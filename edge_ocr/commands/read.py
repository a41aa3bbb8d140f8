"""`edge-ocr read`: the pictures on the command line -> their text, on stdout or as documents."""

import argparse
import sys
from importlib import import_module
from typing import Any

from edge_ocr.batch.delivery import Delivery
from edge_ocr.batch.places import Documents, drawing_places
from edge_ocr.batch.progress import with_progress
from edge_ocr.batch.readers import readers
from edge_ocr.batch.sources import Source, gather
from edge_ocr.commands.documents import check_documents, documents_of, makes_documents, output_folder
from edge_ocr.commands.form_options import check_form
from edge_ocr.output import ending_at_sigterm, explain, is_terminal, note, reporting
from edge_ocr.picture.quiet import own_stderr
from edge_ocr.reader import Reader

MANY = 3
"""With more pictures than this, there is a progress bar."""


def run(options: argparse.Namespace) -> int:
    """Read all pictures of `options`. Returns 0, or the exit code of the first failure."""
    names = options.images + options.image
    if not names:
        options.usage_error("name a picture or a folder to read, or - for stdin, as in `edge-ocr read note.jpg`")
    if options.again and not makes_documents(options):
        options.usage_error("--again needs --output or --beside: without documents nothing is skipped")
    check_form(options)
    failures: list[int] = []
    sources = gather(names, lambda error: failures.append(explain(error)), output_folder(options))
    if not sources:
        return failures[0]
    if options.form:
        failures += import_module("edge_ocr.commands.read_form").run(options, sources)
        return failures[0] if failures else 0
    check_documents(options, several=len(sources) > 1)
    drawings = drawing_places(options.annotate, sources) if options.annotate else {}
    documents = documents_of(options, sources)
    unread = _unread(sources, documents, again=options.again)
    delivery = Delivery(options.format, documents, drawings, rejected=options.rejected, max_seconds=options.max_seconds)
    jobs = min(options.jobs, len(unread))
    with (
        ending_at_sigterm(),
        readers(Reader.load, wishes_of(options), delivery.wanted, jobs, options.scheduler) as read,
    ):
        results = read(unread)
        for source, outcome in with_progress(results, len(unread)) if is_watched(options, unread) else results:
            with reporting(failures):
                delivery.take(source, outcome)
    return failures[0] if failures else 0


def _unread(sources: list[Source], documents: Documents | None, *, again: bool) -> list[Source]:
    """The sources that are still to be read; where documents are made, each of them once."""
    if documents is None:
        return sources
    each = list(dict.fromkeys(sources))
    unread = each if again else [source for source in each if not documents.is_there(source)]
    if len(unread) < len(each):
        note(f"{len(each) - len(unread)} of {len(each)} pictures have their documents: --again reads them anew")
    return unread


def is_watched(options: argparse.Namespace, sources: list[Source]) -> bool:
    """Whether a person waits who sees no texts meanwhile."""
    text_is_seen = is_terminal(sys.stdout) and not makes_documents(options)
    return len(sources) > MANY and is_terminal(sys.stderr) and not text_is_seen


def load_reader(options: argparse.Namespace, **changed: Any) -> Reader:
    """The reader for a command's options; `live` may have changed some, such as the charset."""
    with own_stderr():  # Native libraries talk on it.
        return Reader.load(**{**wishes_of(options), **changed})


def wishes_of(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of `Reader.load` for a command's options."""
    names = ("model", "tuned", "recogniser", "charset", "pattern", "pattern_in", "language")
    more = ("min_confidence", "max_seconds", "backend", "find")
    turn = None if options.turn == "auto" else float(options.turn)
    return {name: getattr(options, name) for name in (*names, *more)} | {"turn": turn}
