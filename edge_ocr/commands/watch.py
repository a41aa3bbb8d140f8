"""`edge-ocr watch`: pictures that arrive in a folder -> their text, on stdout or as documents, without end."""

import argparse
from pathlib import Path

from edge_ocr.batch.arrivals import Arrivals, batches, watching
from edge_ocr.batch.delivery import Delivery
from edge_ocr.batch.readers import readers
from edge_ocr.batch.sources import Source
from edge_ocr.commands.documents import check_documents, documents_of, output_folder
from edge_ocr.commands.read import wishes_of
from edge_ocr.errors import ExitCode, ImageNotFound
from edge_ocr.output import ending_at_sigterm, note, reporting
from edge_ocr.reader import Reader


def run(options: argparse.Namespace) -> int:
    """Read what is in the folder and what arrives. Returns 0 after SIGTERM; Ctrl-C ends it as it ends all commands."""
    check_documents(options, several=True)
    folder = Path(options.folder)
    if not folder.is_dir():
        raise ImageNotFound(f"{folder} is not a folder: expected one that a scanner or a phone puts pictures into")
    documents = documents_of(options)
    delivery = Delivery(options.format, documents, rejected=options.rejected, max_seconds=options.max_seconds)

    def is_read(source: Source) -> bool:
        return documents is not None and documents.is_there(source)

    with (
        ending_at_sigterm(ExitCode.DONE),
        watching(folder) as woken,
        readers(Reader.load, wishes_of(options), delivery.wanted, options.jobs, options.scheduler) as read,
    ):
        note(f"watching {folder}: Ctrl-C ends it")
        for batch in batches(Arrivals(folder, is_read, output_folder(options)), woken):
            for source, outcome in read(batch):
                with reporting([]):
                    delivery.take(source, outcome)
    return ExitCode.DONE
