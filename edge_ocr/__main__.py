"""`python -m edge_ocr` is `edge-ocr`."""

import signal
import sys


def main() -> int:
    """Run `edge-ocr`; returns the exit code.

    numpy and OpenCV, interrupted while they are imported, raise what they like: until then, and when all is said,
    Ctrl-C just ends the process.
    """
    is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if not is_ignored:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from edge_ocr.cameras.behind import end_past_them
    from edge_ocr.commands.main import main as run

    try:
        if not is_ignored:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = run()
        end_past_them(code)
        return code
    finally:
        if not is_ignored:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
