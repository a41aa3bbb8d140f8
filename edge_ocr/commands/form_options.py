"""The options of `edge-ocr read` that are about forms."""

import argparse

from edge_ocr.arguments import CONFIDENCE, bounded_int, name_of
from edge_ocr.forms.answers import SURE
from edge_ocr.forms.table import FORMATS

OWN = ("charset", "pattern", "pattern_in", "output", "beside", "again", "rejected")
"""Options that have no meaning for forms, whose fields say what may stand in them, and whose answers go to stdout."""


def add_form(parser: argparse.ArgumentParser) -> None:
    """The options themselves."""
    group = parser.add_argument_group("forms")
    add = group.add_argument
    add("--form", type=name_of("a form"), metavar="FORM.toml", help="read the fields of this form: a table, CSV, JSON")
    add("--sure", type=CONFIDENCE, metavar="C", help=f"answers below this confidence are doubtful, 0 to 1 ({SURE:g})")
    add("--review", action="store_true", help="show doubtful answers beside their pictures on a page, to correct them")
    add("--corrections", type=name_of("a folder"), metavar="FOLDER", help="where they are kept (FORM-corrections)")
    add_port(group)


def add_port(options: argparse._ActionsContainer) -> None:
    """Where a page for the browser of this machine is served."""
    help_ = "port of the page, which only this machine's browser sees (a free one)"
    options.add_argument("--port", type=bounded_int(0, 65535), default=0, metavar="N", help=help_)


def check_form(options: argparse.Namespace) -> None:
    """Refuse options that contradict each other."""
    if options.form is None:
        for name in ("sure", "review", "corrections", "port"):
            if getattr(options, name) not in (None, False, 0):
                options.usage_error(f"--{name} is about forms: add --form FORM.toml, or leave it out")
        return
    for name in OWN:
        if getattr(options, name):
            where = "the form's file says it for each field" if name in OWN[:3] else "answers go to stdout"
            options.usage_error(f"--{name.replace('_', '-')} does not go with --form: {where}, so leave it out")
    if (options.corrections or options.port) and not options.review:
        options.usage_error("--corrections and --port are about --review: add it, or leave them out")
    if options.format not in FORMATS:
        options.usage_error(f"--format {options.format} does not go with --form: choose one of {', '.join(FORMATS)}")
