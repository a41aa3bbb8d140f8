"""What programs print: results on stdout, messages on stderr, and each error as one sentence with its exit code."""

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from edge_ocr.errors import CannotWrite, EdgeOcrError, ExitCode

ISSUES = "the project's issue tracker"

ERASE_LINE = "\x1b[K"
"""Makes a terminal erase from the cursor to the end of the line."""

BAR = 24
"""Characters of a bar of progress."""


class StdoutLost(CannotWrite):
    """stdout takes nothing more, so there is no point in reading on."""


def guard(run: Callable[[], int]) -> int:
    """Call `run` for its exit code. Any exception becomes one sentence on stderr and the exit code of its kind."""
    try:
        try:
            code = run()
        except SystemExit as stop:  # argparse's way to end after --help or a wrong option.
            code = stop.code if isinstance(stop.code, int) else 0
        if sys.stdout is not None:
            flush_stdout()
        return code
    except (Exception, KeyboardInterrupt) as error:
        with suppress(Exception):
            flush_stdout()
        _abandon_stdout_if_broken()
        return explain(error)


@contextmanager
def reporting(failures: list[int]) -> Iterator[None]:
    """Report an error and note its exit code; the work goes on, unless stdout is lost."""
    try:
        yield
    except (StdoutLost, BrokenPipeError):
        raise
    except Exception as error:
        failures.append(explain(error))


@contextmanager
def ending_at_sigterm(code: int = ExitCode.TERMINATED) -> Iterator[None]:
    """SIGTERM ends the block by an exception, so that it can end what it started; only in the main thread."""

    def end(number: int, at: object) -> None:
        sys.exit(code)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def explain(error: BaseException) -> int:
    """Print on stderr what went wrong, in one sentence; returns the exit code for it."""
    if os.environ.get("EDGE_OCR_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        note("interrupted")
        return ExitCode.INTERRUPTED
    if isinstance(error, BrokenPipeError):
        return ExitCode.PIPE_CLOSED
    if isinstance(error, EdgeOcrError):
        note(_one_line(error))
        return error.exit_code
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        note("this process may open too few files: raise its limit, such as by `ulimit -n 1024`")
        return ExitCode.FAILED
    if isinstance(error, MemoryError):
        note("there is not enough memory for this picture: scale it down")
        return ExitCode.UNEXPECTED
    note(
        f"something unexpected happened ({type(error).__name__}: {_one_line(error)}): please run it again with "
        f"EDGE_OCR_DEBUG=1 and report what it prints to {ISSUES}"
    )
    return ExitCode.UNEXPECTED


def note(sentence: str) -> None:
    """Print a message that is not part of the result: on stderr, if there is one."""
    with suppress(OSError, ValueError):
        # A progress bar may be on this line of the terminal: erase it first.
        print(f"{ERASE_LINE if is_terminal(sys.stderr) else ''}edge-ocr: {sentence}", file=sys.stderr, flush=True)


def show_progress(part: float, what: str) -> None:
    """Draw a bar on stderr's line, of which this part, 0 to 1, is full, and what is being done behind it."""
    full = ("#" * int(BAR * part)).ljust(BAR, ".")
    print(f"{ERASE_LINE}[{full}] {what}\r", end="", file=sys.stderr, flush=True)


def end_progress() -> None:
    """Erase the bar."""
    print(ERASE_LINE, end="", file=sys.stderr, flush=True)


def is_terminal(stream: object) -> bool:
    """Whether a person looks at this stream; a closed or absent one is no terminal."""
    return bool(getattr(stream, "isatty", lambda: False)())


def say(text: str) -> None:
    """Print a part of the result on stdout at once, so that an interruption loses nothing.

    Raises:
        BrokenPipeError: the reader of stdout is gone.
        StdoutLost: stdout is closed, or its device is full.
    """
    with _writing_stdout():
        print(text)


def pour(content: bytes) -> None:
    """Write a document on stdout as it is; raises as `say` does."""
    with _writing_stdout():
        sys.stdout.buffer.write(content)


@contextmanager
def _writing_stdout() -> Iterator[None]:
    if sys.stdout is None:
        raise StdoutLost("stdout is closed: the text has nowhere to go, so leave stdout open or redirect it to a file")
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _stdout_error(error) from error
    flush_stdout()


def flush_stdout() -> None:
    """Write out what Python has buffered; raises as `say` does."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _stdout_error(error) from error


def _stdout_error(error: OSError) -> StdoutLost:
    return StdoutLost(f"the text cannot be written to stdout ({error.strerror}): make room or send it elsewhere")


def _abandon_stdout_if_broken() -> None:
    """After stdout failed, redirect it to nothing, or Python fails again on its buffer, with a traceback."""
    try:
        flush_stdout()
    except Exception:
        with suppress(Exception):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
