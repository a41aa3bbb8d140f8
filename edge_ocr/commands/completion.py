"""`edge-ocr completion SHELL`: a script that completes commands and options; `edge-ocr manual`: a man page.

Both are made from the parser, so that they name what there is.
"""

import argparse
from collections.abc import Iterator

from edge_ocr.commands.main import make_parser
from edge_ocr.errors import EdgeOcrError
from edge_ocr.output import say
from edge_ocr.version import __version__

PLACES = frozenset({"FILE", "FILE.toml", "FILE.pem", "FOLDER", "IMAGE", "OUT.png", "SOURCE"})
"""What options call values that are files or folders."""


def run(options: argparse.Namespace) -> int:
    """Print the script or the page; returns 0.

    Raises:
        EdgeOcrError: the library that makes them is not installed.
    """
    try:
        text = manual(make_parser()) if options.command == "manual" else completion(make_parser(), options.shell)
    except ImportError as error:
        raise EdgeOcrError(f"this needs another package ({error}): run `pip install 'edge-ocr[shell]'`") from error
    say(text.rstrip("\n"))
    return 0


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script for bash, zsh or tcsh."""
    import shtab

    for action in _actions(parser):
        if action.metavar in PLACES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    return shtab.complete(parser, shell)


def manual(parser: argparse.ArgumentParser) -> str:
    """The page, in roff."""
    from argparse_manpage.manpage import Manpage

    page = Manpage(parser)
    page.source, page.manual = f"edge-ocr {__version__}", "User Commands"
    name = ".SH NAME\nedge\\-ocr"
    return str(page).replace(name, f"{name} \\- {parser.description}", 1)


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The options of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
