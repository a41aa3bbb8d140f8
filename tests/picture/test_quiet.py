"""Native libraries' messages stay off the terminal; ours do not."""

import subprocess
import sys

PROGRAM = """
import os, sys
from edge_ocr.picture.quiet import own_stderr

with own_stderr():
    os.write(2, b"native ")
    print("ours", file=sys.stderr)
os.write(2, b"afterwards")
"""


def test_only_our_own_messages_are_seen_meanwhile() -> None:
    """A camera's driver writes into the view, or the view is lost with the driver's messages."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert done.stderr == "ours\nafterwards"


def test_without_a_stderr_nothing_is_kept_quiet() -> None:
    """A service that was started without one ends at once."""
    program = (
        "import sys\nsys.stderr = None\nfrom edge_ocr.picture.quiet import own_stderr\nwith own_stderr(): print('done')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout == "done\n"
