"""The options of `edge-ocr live` that decide which texts are given out, and when."""

import argparse
from decimal import Decimal, InvalidOperation

from edge_ocr.arguments import bounded_float, bounded_int
from edge_ocr.live.gate import Gates, Pace
from edge_ocr.live.meter import LastValues
from edge_ocr.live.rules import MOST_DIGITS, Rules
from edge_ocr.outputs.state import StateFolder

PAUSE = bounded_float("seconds from 0 to 86400, such as 60", 0, 86_400)


def add_gates(live: argparse.ArgumentParser) -> None:
    """Add the options to the parser of `live`."""
    add = live.add_argument_group("when texts are given out").add_argument
    add("--debounce", type=PAUSE, default=0.0, metavar="S", help="only texts that stay for so many seconds (0)")
    add(
        "--repeat-after", type=PAUSE, metavar="S", help="a text that stays again after so many seconds (default: never)"
    )
    group = live.add_argument_group(
        "meters and counters",
        "What breaks a rule is reported on stderr and not given out. The last value is kept in --state. With several "
        "regions, write each one's rules into the file of --regions.",
    )
    add = group.add_argument
    add(
        "--digits",
        type=bounded_int(1, MOST_DIGITS),
        metavar="N",
        help="a number of N digits; reads --pattern '\\d{N}' by itself",
    )
    add("--never-falling", action="store_true", help="no number below the last one")
    add("--largest-step", type=_step, metavar="X", help="no number further than X from the last one")
    add("--unit", metavar="UNIT", help="what the meter counts, such as kWh, for --home-assistant")


def rules_of(options: argparse.Namespace) -> Rules:
    """What the options say of meters."""
    return Rules(options.digits, options.never_falling, options.largest_step, options.unit)


def make_gates(options: argparse.Namespace, state: StateFolder) -> Gates:
    """The gates that the options ask for; `state` is the folder of what outlasts a restart."""
    pace = Pace(options.debounce, options.repeat_after)
    return Gates(pace, lambda: LastValues(state.path / "values.json"))


def _step(text: str) -> Decimal:
    try:
        step = Decimal(text)
    except InvalidOperation:
        step = Decimal(-1)
    if not step.is_finite() or step < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not valid: expected a number from 0, such as 10 or 0.5")
    return step
