"""`--exec`: a command of the user's, started for each reading, which it gets on stdin and in its environment."""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from typing import IO

from edge_ocr.child import last_line
from edge_ocr.errors import Undelivered
from edge_ocr.outputs.courier import Receiver

LONGEST_S = 60.0
"""Seconds after which a command is killed, and the reading counts as not taken."""

LOOK_S = 0.05
"""Seconds between two looks whether it has ended, or should."""

LONGEST_VARIABLE = 30_000
"""Characters; Linux starts no program with a variable of more than 128 KiB."""


class Program(Receiver):
    """Runs `command` in a shell. The reading is never part of the command, so no text can be one."""

    def __init__(self, command: str, longest: float = LONGEST_S) -> None:
        self._command, self._longest = command, longest

    def deliver(self, text: str, stop: threading.Event) -> None:
        """Run it to its end with one reading; Undelivered unless its exit code is 0."""
        with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as reading:
            reading.write(f"{text}\n".encode())
            reading.seek(0)
            process = subprocess.Popen(
                ["/bin/sh", "-c", self._command],
                env={**os.environ, **_variables(text)},
                stdin=reading,
                stdout=subprocess.DEVNULL,  # On ours are texts and nothing else.
                stderr=complaints,
                start_new_session=True,  # Ctrl-C is for us, and what it starts can be ended with it.
            )
            self._wait(process, stop)
            if process.returncode:
                raise Undelivered(f"the command of --exec {_end(process.returncode)}{_reason(complaints)}: expected 0")

    def _wait(self, process: "subprocess.Popen[bytes]", stop: threading.Event) -> None:
        """Wait for its end; kill it when its time is over."""
        end = time.monotonic() + self._longest
        while process.poll() is None:
            if time.monotonic() > end or stop.wait(LOOK_S):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                why = "edge-ocr ends" if stop.is_set() else f"it took longer than {self._longest:g} s"
                raise Undelivered(f"the command of --exec was killed, since {why}")


def _end(code: int) -> str:
    return f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"


def _reason(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    said = last_line(complaints.read().decode(errors="replace"))
    return f" ({said[:200]})" if said else ""


def _variables(text: str) -> dict[str, str]:
    facts = json.loads(text)
    names = ("text", "region", "confidence", "time", "value")
    known = {name: facts[name] for name in names if facts.get(name) is not None}
    return {f"EDGE_OCR_{name.upper()}": str(value)[:LONGEST_VARIABLE] for name, value in known.items()}
