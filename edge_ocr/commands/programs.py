"""The options of `edge-ocr live` by which other programs get its texts, and what they open."""

import argparse
from contextlib import ExitStack
from pathlib import Path

from edge_ocr.arguments import name_of
from edge_ocr.errors import EdgeOcrError
from edge_ocr.outputs.courier import Courier, Deliver
from edge_ocr.outputs.program import Program
from edge_ocr.outputs.queue import Queue
from edge_ocr.outputs.state import StateFolder
from edge_ocr.outputs.webhook import Webhook


def add_programs(live: argparse.ArgumentParser) -> None:
    """Add the options to the parser of `live`."""
    group = live.add_argument_group(
        "other programs",
        "Each text is handed on as JSON, as --json prints it. What is not taken waits on disk and is handed on again, "
        "in order and after a restart, too.",
    )
    add = group.add_argument
    add(
        "--exec", type=name_of("a command"), metavar="CMD", help="run this for each text: JSON on stdin, $EDGE_OCR_TEXT"
    )
    add("--webhook", metavar="URL", help="send each text to this address by POST")
    add("--webhook-token", metavar="FILE", help="with --webhook: a file with the bearer token that the address expects")
    add("--state", metavar="FOLDER", help="what outlasts a restart (default: ~/.local/state/edge-ocr)")


def check_programs(options: argparse.Namespace) -> None:
    """Refuse options that need another one."""
    if options.webhook_token and not options.webhook:
        options.usage_error("--webhook-token is for --webhook: add --webhook, or leave --webhook-token out")


def open_couriers(options: argparse.Namespace, stack: ExitStack) -> dict[str, Courier]:
    """A courier for each program that the options name, by its option's name; `stack` ends them.

    Raises EdgeOcrError if an address or a file is wrong, or the folder of what waits cannot be used.
    """
    receivers: dict[str, Deliver] = {}
    if options.exec:
        receivers["exec"] = Program(options.exec).deliver
    if options.webhook:
        receivers["webhook"] = Webhook(options.webhook, _secret(options.webhook_token)).deliver
    if not receivers:
        return {}
    state = StateFolder(options.state)
    stack.callback(state.close)
    couriers = {}
    for name, deliver in receivers.items():
        courier = couriers[name] = Courier(Queue(state.path / f"{name}.db"), deliver)
        stack.callback(courier.close)
    return couriers


def _secret(path: str | None) -> str | None:
    """The first line of a file that holds a secret."""
    if path is None:
        return None
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise EdgeOcrError(f"{path} cannot be read ({error}): expected a text file with the secret") from error
    secret = (text.splitlines() or [""])[0].strip()
    if not secret:
        raise EdgeOcrError(f"{path} is empty: expected the secret on its first line")
    return secret
