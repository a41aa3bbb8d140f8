"""What can go wrong: exceptions that say what happened, what was expected and what to do.

    EdgeOcrError
    ├── BadImage        (ValueError)         a file or array that is not a picture we can read
    ├── ImageNotFound   (FileNotFoundError)  no such file, or a folder without pictures
    ├── BadBundle       (ValueError)         a model whose parts are missing or contradict each other
    ├── NoInterpreter   (ImportError)        no installed package can run the model
    ├── BadCharset      (ValueError)         a charset with no character of the model
    ├── BadPattern      (ValueError)         a pattern that is not a regular expression, or matches nothing
    ├── CannotWrite     (OSError)            a result that cannot be stored
    ├── CameraNotFound  (FileNotFoundError)  no such camera, stream or film
    ├── CameraLost      (OSError)            a camera that stopped giving pictures
    ├── RegionOutside   (ValueError)         a region outside the picture
    ├── BadRegions      (ValueError)         regions that are described wrongly
    ├── BadForm         (ValueError)         a form that is described wrongly
    ├── FormNotFound    (LookupError)        a photograph that does not show the form
    ├── PreviewError    (OSError)            a page that cannot be served: its port is taken, its library is missing
    ├── BadData         (ValueError)         a truth or measurement file that is missing or broken
    ├── LimitMissed     (RuntimeError)       a measurement beyond its limit
    ├── NothingSteady   (LookupError)        no text held before the timeout or the film's end
    ├── RuleBroken      (ValueError)         a meter's reading that cannot be true after the last one
    └── Undelivered     (ConnectionError)    a program, a page or a broker that does not take a reading now

Each class is also the builtin that a caller would expect, and has an exit code of `ExitCode`. The command line turns
each into one sentence on stderr, in one place (`edge_ocr.output.guard`).
"""

from enum import IntEnum, unique


@unique
class ExitCode(IntEnum):
    """Exit codes of `edge-ocr` and `python -m convert`, by which scripts distinguish errors."""

    DONE = 0
    FAILED = 1
    """An error without its own code, or a gate that a model failed."""
    USAGE = 2
    """Wrong options, as argparse has it."""
    BAD_IMAGE = 3
    IMAGE_NOT_FOUND = 4
    BAD_BUNDLE = 5
    NO_INTERPRETER = 6
    BAD_CHARSET = 7
    BAD_PATTERN = 8
    CANNOT_WRITE = 9
    DATA_NOT_FOUND = 10
    BAD_DATASET = 11
    NO_TRAINING = 12
    CAMERA_NOT_FOUND = 14
    CAMERA_LOST = 15
    NO_PREVIEW = 16
    CONTENDER_FAILED = 17
    BAD_DATA = 18
    LIMIT_MISSED = 19
    CANNOT_CONVERT = 20
    REGION_OUTSIDE = 21
    NOTHING_STEADY = 22
    BAD_REGIONS = 23
    UNDELIVERED = 24
    RULE_BROKEN = 25
    BAD_FORM = 26
    FORM_NOT_FOUND = 27
    UNEXPECTED = 70
    """A bug: EX_SOFTWARE of sysexits.h."""
    INTERRUPTED = 130
    """Ctrl-C: 128 and the number of SIGINT, as shells have it."""
    PIPE_CLOSED = 141
    """The reader of stdout is gone: 128 and the number of SIGPIPE, as shells have it."""
    TERMINATED = 143
    """SIGTERM: 128 and its number, as shells have it."""


class EdgeOcrError(Exception):
    """Base of all errors that edge-ocr raises on purpose; `str(error)` is one sentence for the user."""

    exit_code = ExitCode.FAILED


class BadImage(EdgeOcrError, ValueError):
    """The bytes are not a picture, or one that is too large, too small or broken."""

    exit_code = ExitCode.BAD_IMAGE


class ImageNotFound(EdgeOcrError, FileNotFoundError):
    """The file does not exist, or the folder holds no pictures."""

    exit_code = ExitCode.IMAGE_NOT_FOUND

    def __str__(self) -> str:
        return str(self.args[0])


class BadBundle(EdgeOcrError, ValueError):
    """The model's files are missing, corrupt or contradict each other."""

    exit_code = ExitCode.BAD_BUNDLE


class NoInterpreter(EdgeOcrError, ImportError):
    """The requested interpreter is not installed or cannot run here."""

    exit_code = ExitCode.NO_INTERPRETER


class BadCharset(EdgeOcrError, ValueError):
    """The charset is malformed or shares no character with the model."""

    exit_code = ExitCode.BAD_CHARSET


class BadPattern(EdgeOcrError, ValueError):
    """The pattern is not a regular expression, or no text of the alphabet can match it."""

    exit_code = ExitCode.BAD_PATTERN


class CannotWrite(EdgeOcrError, OSError):
    """A result cannot be stored (disk full, no permission, no such folder)."""

    exit_code = ExitCode.CANNOT_WRITE

    def __str__(self) -> str:
        return str(self.args[0])


class CameraNotFound(EdgeOcrError, FileNotFoundError):
    """The camera, stream or film does not exist or cannot be opened."""

    exit_code = ExitCode.CAMERA_NOT_FOUND

    def __str__(self) -> str:
        return str(self.args[0])


class CameraLost(EdgeOcrError, OSError):
    """A camera or a stream stopped giving pictures; it may come back."""

    exit_code = ExitCode.CAMERA_LOST

    def __str__(self) -> str:
        return str(self.args[0])


class RegionOutside(EdgeOcrError, ValueError):
    """The region to read is outside the picture."""

    exit_code = ExitCode.REGION_OUTSIDE


class BadRegions(EdgeOcrError, ValueError):
    """A file of regions is broken, or names or edges in it are wrong."""

    exit_code = ExitCode.BAD_REGIONS


class BadForm(EdgeOcrError, ValueError):
    """A form's file is broken, or says something that is no form."""

    exit_code = ExitCode.BAD_FORM


class FormNotFound(EdgeOcrError, LookupError):
    """A photograph does not show the form, or not well enough to say where its fields are."""

    exit_code = ExitCode.FORM_NOT_FOUND


class PreviewError(EdgeOcrError, OSError):
    """The page cannot be served."""

    exit_code = ExitCode.NO_PREVIEW

    def __str__(self) -> str:
        return str(self.args[0])


class BadData(EdgeOcrError, ValueError):
    """A truth.json or a file of measurements is missing, broken, or of another format."""

    exit_code = ExitCode.BAD_DATA


class LimitMissed(EdgeOcrError, RuntimeError):
    """A measurement is beyond its limit."""

    exit_code = ExitCode.LIMIT_MISSED


class NothingSteady(EdgeOcrError, LookupError):
    """No text held before the timeout or the end of the film."""

    exit_code = ExitCode.NOTHING_STEADY


class Undelivered(EdgeOcrError, ConnectionError):
    """A receiver does not take a reading now; the reading waits."""

    exit_code = ExitCode.UNDELIVERED

    def __str__(self) -> str:
        return str(self.args[0])


class RuleBroken(EdgeOcrError, ValueError):
    """A meter's reading breaks a rule: it is left out."""

    exit_code = ExitCode.RULE_BROKEN


def first_line(error: BaseException) -> str:
    """What a library says went wrong, without its full stop, for use inside a sentence of ours."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(". ") if lines else type(error).__name__
