"""The needs of the program `edge-ocr`: memory of a reading, time of the import, each in a fresh process."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from convert.comparison.contender_process import ContenderFailed
from convert.paths import ROOT
from edge_ocr.child import last_line

IMPORTS = 5
"""Measurements of `import edge_ocr`; the fastest counts, as the others waited for the disk or the processor."""

IMPORT_CODE = """
import time, sys
start = time.perf_counter()
import edge_ocr
print(time.perf_counter() - start, "tensorflow" in sys.modules)
"""

READ_CODE = """
import sys
from edge_ocr.commands.main import main
code = main()
from convert.comparison.usage import peak_mb
print(peak_mb())
sys.exit(code)
"""
"""Runs the script `edge-ocr`, then prints its peak memory."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """The needs of the program `edge-ocr`."""

    read_peak_mb: float
    """Most memory of `edge-ocr read` with one picture, in millions of bytes."""
    import_s: float
    """`import edge_ocr` in a new Python."""
    tensorflow: bool
    """Whether that import loaded TensorFlow."""


def footprint(picture: Path) -> Footprint:
    """Memory of `edge-ocr read`, with the bundled models, and time of `import edge_ocr`."""
    peak = _child(READ_CODE, "read", str(picture.resolve()))
    imports = [_child(IMPORT_CODE).split() for _ in range(IMPORTS)]
    return Footprint(
        float(peak.splitlines()[-1]), min(float(row[0]) for row in imports), any(row[1] == "True" for row in imports)
    )


def _child(code: str, *arguments: str) -> str:
    """The output of a new Python that runs `code`; ContenderFailed if it fails."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        why = last_line(done.stderr) or f"exit code {done.returncode}"
        raise ContenderFailed(f"edge-ocr failed in a fresh process ({why}): fix that and run it again")
    return done.stdout
