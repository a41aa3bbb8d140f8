"""`python -m tests.signals --count 100`: Ctrl-C and SIGTERM at random moments of commands that read slow pages.

Each must end its command within a second, with its exit code, without a traceback, and leave no process behind. As in a
terminal, Ctrl-C goes to the command's children, too; SIGTERM goes to the command alone.
"""

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2

from tests.live.test_capture import wait_for
from tests.places import ROOT
from tests.textures import knit, newsprint, noise

ANSWER_S = 1.0
"""Seconds within which a signal must be answered."""

LATEST_S = 6.0
"""Seconds after its start until which a command gets its signal: it starts, opens its models, or reads."""

GIVE_UP_S = 30.0
"""Seconds after which a command that does not end is killed."""

RUN = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # What is started in the background ignores it.
class Begun:
    def find_spec(self, name, path=None, target=None):
        if name == "edge_ocr.commands":
            os.write(1, b"!")
from edge_ocr.__main__ import main
sys.meta_path.insert(0, Begun())
sys.exit(main())
"""
"""`edge-ocr`, which says when its first import begins: before that, it is Python itself that starts."""

COMMANDS = {
    "read": ["read", *["{0}"] * 20, "--max-seconds", "1000"],
    "live": ["live", "--camera", "{0}", "--loop"],
    "read --jobs": ["read", *["{0}"] * 20, "--jobs", "2", "--max-seconds", "1000"],
    "watch": ["watch", "{0}"],
}
"""What is interrupted; {0} is a folder of slow pages."""

CODES = {
    signal.SIGINT: {"read": 130, "live": 130, "read --jobs": 130, "watch": 130},
    signal.SIGTERM: {"read": 143, "live": 0, "read --jobs": 143, "watch": 0},
}
"""Exit codes; a command that has not begun may also be ended by the signal itself."""

MARK = "EDGE_OCR_SIGNALS"
"""Environment variable by which all processes of a case are known."""


def slow_pages(folder: Path) -> None:
    """Pages that take seconds each: they look like hundreds of letters that are none."""
    for draw, pitch in ((newsprint, 60), (knit, 24), (noise, 8)):
        cv2.imwrite(str(folder / f"{draw.__name__}.png"), draw(1920, 1080, pitch))


def interrupt(name: str, number: signal.Signals, after: float, folder: Path) -> tuple[float, str]:
    """Seconds until a command had ended after its signal, and what was wrong with that."""
    arguments = [part.format(folder) for part in COMMANDS[name]]
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        cwd=ROOT, env={**os.environ, MARK: mark}, start_new_session=True, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.read(1)
    time.sleep(after)
    began = time.monotonic()
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    try:
        _, said = process.communicate(timeout=GIVE_UP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return GIVE_UP_S, f"did not end: {process.communicate()[1]}"
    seconds = time.monotonic() - began
    if "Traceback" in said:
        return seconds, said
    if process.returncode not in (CODES[number][name], -number):
        return seconds, f"ended with {process.returncode}: {said}"
    # A decoder hangs up at the next look at its socket.
    return seconds, "" if wait_for(lambda: not left_behind(mark), GIVE_UP_S) else f"left {left_behind(mark)} behind"


def left_behind(mark: str) -> list[int]:
    """The processes of a case that still run."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            is_one = f"{MARK}={mark}\0".encode() in place.read_bytes()
        except OSError:  # It has just ended, or is somebody else's.
            continue
        if is_one:
            found.append(int(place.parent.name))
    return found


def main() -> int:
    """Returns 0 if every signal was answered as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="signals (100)")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other moments (1)")
    parser.add_argument("--within", type=float, default=ANSWER_S, help="seconds that an answer may take (1)")
    options = parser.parse_args()
    rng, times, failures = random.Random(options.seed), [], []
    with tempfile.TemporaryDirectory() as folder:
        slow_pages(Path(folder))
        for case in range(options.count):
            name = list(COMMANDS)[case % len(COMMANDS)]
            number = (signal.SIGINT, signal.SIGTERM)[case // len(COMMANDS) % 2]
            after = rng.uniform(0, LATEST_S)
            seconds, fault = interrupt(name, number, after, Path(folder))
            times.append(seconds)
            if fault or seconds > options.within:
                failures.append(f"{number.name} to {name} after {after:.2f} s took {seconds:.2f} s. {fault}")
    answered = options.count - len(failures)
    usual, most = statistics.median(times), max(times)
    print(f"{answered} of {options.count} signals answered: usually in {usual:.2f} s, at most in {most:.2f} s")
    for failure in failures:
        print(failure, file=sys.stderr)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
