"""`edge-ocr form new`: a page on which the fields of a form are marked, which writes the form's file."""

import argparse
from pathlib import Path

from edge_ocr.arguments import name_of
from edge_ocr.commands.form_options import add_port
from edge_ocr.output import ending_at_sigterm, note

EXAMPLES = """examples:
  edge-ocr form new club.jpg                            mark the fields of a scan; club.toml is written beside it
  edge-ocr read --form club.toml photos/ --format csv   then read photographs of filled copies

What is there already is shown, and may be changed. Ctrl-C ends it, too; what was saved stays.
"""


def add_form_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command itself."""
    form = commands.add_parser(
        "form",
        help="describe a form, to read photographs of filled copies",
        description="Describe a form once; then `edge-ocr read --form` reads photographs of filled copies of it.",
    )
    new = form.add_subparsers(dest="action", required=True, metavar="ACTION").add_parser(
        "new",
        help="mark the fields of a form on a page",
        description="Mark the fields of a form on a page in the browser of this machine.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = new.add_argument
    add("picture", metavar="SCAN", type=name_of("a picture"), help="an empty or filled copy, straight and upright")
    add("--output", type=name_of("a file"), metavar="FORM.toml", help="the form's file (beside the picture)")
    add_port(new)


def run(options: argparse.Namespace) -> int:
    """Serve the page until its reader is done. Returns 0."""
    from edge_ocr.folders import check_file
    from edge_ocr.forms.editor import Editor
    from edge_ocr.forms.local_page import LocalPage

    picture = Path(options.picture)
    path = check_file(Path(options.output) if options.output else picture.with_suffix(".toml"))
    with ending_at_sigterm(), LocalPage(Editor(picture, path), options.port) as page:
        note(f"the form is at {page.url}: mark its fields there; Ctrl-C ends it")
        page.finished.wait()
    note(f"the form's file is {path}")
    return 0
