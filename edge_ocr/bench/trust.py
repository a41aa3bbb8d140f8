"""What speaks against a measurement, in sentences."""

import numpy as np

from edge_ocr.bench.conditions import flags_now, flags_since_boot
from edge_ocr.bench.figures import LEAST_ROUNDS, rounds_ms
from edge_ocr.bench.record import Record

OTHERS_MATTER = 0.1
"""Cores that other programs may keep busy without a remark."""

SCATTER_MATTERS = 0.1
"""Largest spread of the middle half of the rounds, as a part of the median."""

GETS_WARM_C = 10.0
"""Degrees of warming that may change a board's speed."""


def doubts(record: Record) -> list[str]:
    """One sentence for each doubt; if there is none, one that says so."""
    found = [*_about_board(record), *_about_rounds(record)]
    return found or ["nothing speaks against it"]


def _about_board(record: Record) -> list[str]:
    before, after = record["conditions"]["before"], record["conditions"]["after"]
    others, found = record["conditions"]["others_cores"], []
    if others is not None and others > OTHERS_MATTER:
        found.append(f"other programs kept {others:.2f} cores busy: end them and measure again")
    if before["governor"] not in (None, "performance"):
        found.append(f"the governor is {before['governor']}: `performance` keeps the clock steady")
    word = after["throttled"]
    if word is not None and (flags_now(word) or flags_since_boot(word & ~(before["throttled"] or 0))):
        found.append("the firmware limited the board: improve its supply or cooling, and measure again")
    degrees = [look["temperature_c"] for look in (before, after)]
    if None not in degrees and degrees[1] - degrees[0] > GETS_WARM_C:
        found.append(f"it got {degrees[1] - degrees[0]:.0f} °C warmer: --minutes shows whether it stays as fast")
    missing = [name for name, key in _TELLING.items() if after[key] is None]
    if missing:
        found.append(f"{', '.join(missing)}: unknown on this system")
    return found


_TELLING = {
    "governor": "governor",
    "clock": "clock_mhz",
    "temperature": "temperature_c",
    "throttling flags": "throttled",
}


def _about_rounds(record: Record) -> list[str]:
    found = []
    if record["interrupted"]:
        kept = f"{record['settings']['starts']} of its starts are kept"
        found.append(f"Ctrl-C ended it early: {kept}, and the calls of the models were not timed")
    rounds = record["settings"]["rounds"] * record["settings"]["starts"]
    if rounds < LEAST_ROUNDS:
        found.append(f"rounds in all starts: {rounds}; a comparison needs {LEAST_ROUNDS} or more")
    for backend in record["backends"]:
        low, middle, high = np.percentile(rounds_ms(backend), [25, 50, 75]).tolist()
        if middle and (high - low) / middle > SCATTER_MATTERS:
            part = (high - low) / middle
            found.append(f"the middle half of {backend['backend']}'s rounds spreads over {part:.0%} of their median")
        if backend["accuracy"]["unsteady"]:
            names = ", ".join(backend["accuracy"]["unsteady"])
            found.append(f"{backend['backend']} did not read {names} the same every time: please report it")
    return found
