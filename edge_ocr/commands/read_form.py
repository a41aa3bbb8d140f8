"""`edge-ocr read --form`: photographs of a filled form -> a row for each, on stdout."""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from edge_ocr.batch.delivery import Delivery
from edge_ocr.batch.places import drawing_places
from edge_ocr.batch.progress import with_progress
from edge_ocr.batch.readers import readers
from edge_ocr.batch.reading import Outcome
from edge_ocr.batch.sources import Source
from edge_ocr.commands.read import is_watched
from edge_ocr.errors import FormNotFound
from edge_ocr.forms.answers import SURE, FilledForm
from edge_ocr.forms.corrections import Corrections
from edge_ocr.forms.form import Form
from edge_ocr.forms.form_file import load_form
from edge_ocr.forms.form_reader import BatchFormReader
from edge_ocr.forms.local_page import LocalPage
from edge_ocr.forms.review import Review
from edge_ocr.forms.table import FLOWS, heading, to_table
from edge_ocr.output import ending_at_sigterm, note, reporting, say
from edge_ocr.page import Page

WISHES = ("model", "tuned", "recogniser", "language", "backend", "max_seconds")
"""Of a reader, which count for all fields."""


def run(options: argparse.Namespace, sources: list[Source]) -> list[int]:
    """Read the form on all pictures; returns the exit codes of failures."""
    form = load_form(options.form)
    wishes = {name: getattr(options, name) for name in WISHES}
    sure = SURE if options.sure is None else options.sure
    wishes |= {"form": form, "sure": sure, "keeps_views": options.review}
    corrections = Corrections(_corrections_folder(options)) if options.review else None
    drawings = drawing_places(options.annotate, sources) if options.annotate else {}
    delivery = FormDelivery(form, options.format, drawings, options.max_seconds, corrections)
    failures: list[int] = []
    with ExitStack() as stack:
        stack.enter_context(ending_at_sigterm())
        jobs = min(options.jobs, len(sources))
        read = stack.enter_context(readers(BatchFormReader.load, wishes, delivery.wanted, jobs, options.scheduler))
        stack.callback(delivery.finish)
        results = read(sources)
        for source, outcome in with_progress(results, len(sources)) if is_watched(options, sources) else results:
            with reporting(failures):
                delivery.take(source, outcome)
        if corrections:
            _review(delivery.corrected(), corrections, options.port)
    return failures


def _review(forms: Sequence[FilledForm], corrections: Corrections, port: int) -> None:
    """Wait until a person has looked at the doubtful answers."""
    count = sum(len(filled.doubtful) for filled in forms)
    if not count:
        note("no answer is doubtful: there is nothing to look at")
        return
    with LocalPage(Review(forms, corrections), port) as page:
        note(f"{count} doubtful answers are at {page.url}: end there, or with Ctrl-C, and go on at any time")
        page.finished.wait()


def _corrections_folder(options: argparse.Namespace) -> Path:
    form = Path(options.form)
    return Path(options.corrections) if options.corrections else form.with_name(f"{form.stem}-corrections")


class FormDelivery(Delivery):
    """Gives rows out as they come; at the end the table for people, which needs its widths, and what is corrected."""

    def __init__(
        self,
        form: Form,
        format: str,
        drawings: Mapping[Source, Path],
        max_seconds: float,
        corrections: Corrections | None = None,
    ) -> None:
        super().__init__("text", drawings=drawings, max_seconds=max_seconds)
        self._flow, self._corrections = FLOWS.get(format), corrections
        self.filled: list[FilledForm] = []
        if format == "csv":
            say(heading(form))

    def take(self, source: Source, reading: Outcome) -> None:
        """As `Delivery.take`; then raises FormNotFound if a picture of the file does not show the form."""
        super().take(source, reading)
        assert not isinstance(reading, Exception)
        refusals = [page.refusal for page in reading.pages if isinstance(page, FilledForm) and page.refusal]
        for refusal in refusals[1:]:
            note(refusal)
        if refusals:
            raise FormNotFound(refusals[0])

    def finish(self) -> None:
        """Give out what waits for the end, and say how much there is for a person to look at."""
        forms = self.corrected()
        if self._flow is None and forms:
            say(to_table(forms))
        elif self._flow and self._corrections:
            for filled in forms:
                say(self._flow(filled))
        doubtful = sum(len(filled.doubtful) for filled in forms)
        if doubtful:
            answers = sum(len(filled.answers) for filled in forms)
            note(f"{doubtful} of {answers} answers are doubtful: --review shows them beside their pictures")

    def corrected(self) -> list[FilledForm]:
        """The forms so far, with the answers that a person has given."""
        return [self._corrections.applied(filled) for filled in self.filled] if self._corrections else self.filled

    def _note_gaps(self, pages: Sequence[Page]) -> None:
        super()._note_gaps([page for page in pages if page.partial])

    def _say(self, pages: Sequence[Page]) -> None:
        for page in pages:
            if isinstance(page, FilledForm) and not page.refusal:
                self.filled.append(page)
                if self._flow and not self._corrections:
                    say(self._flow(page))
