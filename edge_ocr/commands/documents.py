"""What `read` and `watch` share: the options that say what becomes of pictures, and where it goes."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from edge_ocr.arguments import bounded_int, name_of
from edge_ocr.batch.places import Documents
from edge_ocr.batch.sources import Source
from edge_ocr.documents.formats import FORMATS
from edge_ocr.output import is_terminal

MOST_JOBS = 256
"""Processes: more than any machine has cores that do not wait for each other."""


def add_documents(parser: argparse.ArgumentParser) -> None:
    """The options themselves."""
    add = parser.add_argument
    add(
        "--format",
        choices=tuple(FORMATS),
        default="text",
        help="text (the default), a JSON object a line, CSV of words, hOCR, ALTO or PAGE XML, or a searchable PDF",
    )
    add("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    add("--rejected", action="store_true", help="with --json: also list lines below --min-confidence")
    place = parser.add_mutually_exclusive_group().add_argument
    place("--output", type=name_of("a folder"), metavar="FOLDER", help="a document for each picture, in this folder")
    place("--beside", action="store_true", help="a document for each picture, beside it: note.jpg.txt")
    who = parser.add_mutually_exclusive_group().add_argument
    who("--jobs", type=bounded_int(1, MOST_JOBS), default=1, metavar="N", help="read with N processes, one a core (1)")
    who("--scheduler", type=name_of("a Dask scheduler"), metavar="tcp://HOST:8786", help="read on a Dask cluster")


def check_documents(options: argparse.Namespace, *, several: bool) -> None:
    """Refuse options that contradict each other; `several`: there may be more pictures than one."""
    if options.rejected and options.format != "json":
        options.usage_error("--rejected needs --json: add --json, or leave --rejected out")
    if makes_documents(options):
        return
    if options.format == "pdf" and is_terminal(sys.stdout):
        options.usage_error("a PDF is not for the terminal: add --beside, --output FOLDER, or > note.pdf")
    if several and FORMATS[options.format].flow is None:
        options.usage_error(f"--format {options.format} makes a document a picture: add --beside or --output FOLDER")


def makes_documents(options: argparse.Namespace) -> bool:
    """Whether files are written, instead of stdout."""
    return bool(options.output or options.beside)


def output_folder(options: argparse.Namespace) -> Path | None:
    """Where all documents go; None beside their pictures, or to stdout."""
    return Path(options.output) if options.output else None


def documents_of(options: argparse.Namespace, sources: Iterable[Source] = ()) -> Documents | None:
    """The places of the documents, checked for these sources; None for stdout."""
    if not makes_documents(options):
        return None
    return Documents(sources, FORMATS[options.format].ending, output_folder(options))
