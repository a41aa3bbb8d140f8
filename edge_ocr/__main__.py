"""`python -m edge_ocr` is `edge-ocr`."""

import signal
import sys


def main() -> int:
    """Run `edge-ocr`; returns the exit code.

    numpy and OpenCV, interrupted while they are imported, raise what they like: until then, and when all is said,
    Ctrl-C just ends the process.
    """
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:  # It may be ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from edge_ocr.cameras.behind import end_past_them
    from edge_ocr.commands.main import main as run

    try:
        signal.signal(signal.SIGINT, usual)
        code = run()
        end_past_them(code)
        return code
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
