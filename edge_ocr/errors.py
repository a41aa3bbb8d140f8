"""What can go wrong, as exceptions that say what happened, what was expected and what to do.

    EdgeOcrError
    ├── BadImage        (ValueError)         a file or array that is no picture we can read
    ├── ImageNotFound   (FileNotFoundError)  no such file, or a folder without pictures
    ├── BadBundle       (ValueError)         a model whose parts are missing or contradict each other
    ├── NoInterpreter   (ImportError)        no installed package can run the model
    ├── BadCharset      (ValueError)         a charset that names nothing the model knows
    ├── BadPattern      (ValueError)         a pattern that is no regular expression, or matches nothing
    ├── CannotWrite     (OSError)            a result that could not be stored
    ├── CameraNotFound  (FileNotFoundError)  no such camera, stream or film
    ├── CameraLost      (OSError)            a camera that gives no pictures any more
    ├── RegionOutside   (ValueError)         a part of the picture that is to be read, but lies beside it
    ├── PreviewError    (OSError)            a page that cannot be served: its port is taken, its library is missing
    ├── BadData         (ValueError)         truths or measurements in a file that hold no such thing
    ├── LimitMissed     (RuntimeError)       a measurement beyond the limit that was set for it
    └── NothingSteady   (LookupError)        one text was wanted, and no text held: in time, or before the film's end

Each class is also the builtin that a caller would expect, and carries the exit code of its kind: the command line
turns every one into one sentence on stderr in one place (`edge_ocr.commands.main`).
"""


class EdgeOcrError(Exception):
    """Base of all errors that edge-ocr raises on purpose; `str(error)` is one sentence for the user."""

    exit_code = 1


class BadImage(EdgeOcrError, ValueError):
    """The bytes are no picture, or one that is too large, too small or broken."""

    exit_code = 3


class ImageNotFound(EdgeOcrError, FileNotFoundError):
    """The file does not exist, or the folder holds no pictures."""

    exit_code = 4

    def __str__(self) -> str:
        return str(self.args[0])


class BadBundle(EdgeOcrError, ValueError):
    """The model's files are missing, corrupt or contradict each other."""

    exit_code = 5


class NoInterpreter(EdgeOcrError, ImportError):
    """The wanted interpreter package is not installed or cannot run here."""

    exit_code = 6


class BadCharset(EdgeOcrError, ValueError):
    """The charset is malformed or shares no character with the model."""

    exit_code = 7


class BadPattern(EdgeOcrError, ValueError):
    """The pattern is no regular expression, or no text of the alphabet can match it."""

    exit_code = 8


class CannotWrite(EdgeOcrError, OSError):
    """A result could not be stored (disk full, no permission, no such folder)."""

    exit_code = 9

    def __str__(self) -> str:
        return str(self.args[0])


class CameraNotFound(EdgeOcrError, FileNotFoundError):
    """The camera, stream or film does not exist or cannot be opened."""

    exit_code = 14

    def __str__(self) -> str:
        return str(self.args[0])


class CameraLost(EdgeOcrError, OSError):
    """A camera or a stream that was there gives no pictures any more; it may come back."""

    exit_code = 15

    def __str__(self) -> str:
        return str(self.args[0])


class RegionOutside(EdgeOcrError, ValueError):
    """The region that is to be read lies outside of the picture."""

    exit_code = 21


class PreviewError(EdgeOcrError, OSError):
    """The page cannot be served."""

    exit_code = 16

    def __str__(self) -> str:
        return str(self.args[0])


class BadData(EdgeOcrError, ValueError):
    """A truth.json or a file of measurements is missing, broken, or of another format."""

    exit_code = 18


class LimitMissed(EdgeOcrError, RuntimeError):
    """A measurement is beyond the limit that was set for it."""

    exit_code = 19


class NothingSteady(EdgeOcrError, LookupError):
    """One steady text was wanted, and none came before the time was over or the film ended."""

    exit_code = 22
