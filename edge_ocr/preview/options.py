"""The options of `edge-ocr live` for its page."""

import argparse
import os
from pathlib import Path

from edge_ocr.arguments import read_text
from edge_ocr.errors import PreviewError
from edge_ocr.preview.access import Access, parse_network

TOKEN_VARIABLE = "EDGE_OCR_TOKEN"

NEED_A_PAGE = ("token", "token_file", "allow_host", "allow_embed", "trust_proxy", "base_path")
"""Options that say nothing without --preview."""


def add_page(parser: argparse.ArgumentParser) -> None:
    """Make the options known."""
    add = parser.add_argument_group("page in the browser").add_argument
    add("--preview", nargs="?", const="", metavar="HOST:PORT", help="serve a page for the browser (127.0.0.1:8080)")
    add("--token-file", metavar="FILE", help=f"file of what viewers must know; or set {TOKEN_VARIABLE}")
    add("--token", metavar="TEXT", help="the same, on the command line, where other users of this machine see it")
    more = {"action": "append", "default": []}
    add("--allow-host", **more, metavar="NAME", help="another name under which browsers ask for the page")  # type: ignore[arg-type]
    add("--allow-embed", **more, metavar="ORIGIN", help="a site that may show the page in a frame")  # type: ignore[arg-type]
    add("--trust-proxy", **more, metavar="ADDRESS", help="a proxy whose X-Forwarded headers are true")  # type: ignore[arg-type]
    add("--base-path", metavar="/PATH", help="path under which a proxy passes the page on")


def check_page(options: argparse.Namespace) -> None:
    """Refuse options of a page that is not served."""
    given = next((name for name in NEED_A_PAGE if getattr(options, name) not in (None, [])), None)
    if given is not None and options.preview is None:
        name = "--" + given.replace("_", "-")
        options.usage_error(f"{name} is for viewers of the page: add --preview, or leave {name} out")


def access_of(options: argparse.Namespace) -> Access:
    """Who may see the page. Raises PreviewError."""
    return Access(
        token=_token(options),
        hosts=frozenset(name.lower() for name in options.allow_host),
        embedders=tuple(origin.rstrip("/") for origin in options.allow_embed),
        proxies=tuple(parse_network(text) for text in options.trust_proxy),
        base=(options.base_path or "").rstrip("/"),
    )


def _token(options: argparse.Namespace) -> str | None:
    """The token from the command line, a file or the environment, in this order."""
    if options.token is not None:
        return str(options.token)
    if options.token_file is None:
        return os.environ.get(TOKEN_VARIABLE)
    return read_text(Path(options.token_file), "a file with the token", PreviewError).strip("\r\n")
