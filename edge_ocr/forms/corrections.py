"""A folder of corrected answers, in the form that `python -m convert finetune --data FOLDER` reads.

`truth.txt` has a line `picture<TAB>text` for each answer; the picture shows its handwriting as the reader saw it,
without the form's print. Marks, from which no model learns, are kept the same way in `marks.txt`.
"""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from edge_ocr.errors import BadData
from edge_ocr.folders import check_folder, make_folder, write_whole
from edge_ocr.forms.answers import Answer, FilledForm

TRUTHS, MARKS = "truth.txt", "marks.txt"
"""The names that finetune knows, and one that it passes over."""

LONGEST_STEM = 60
"""Characters of a photograph's name in a picture's."""


class Corrections:
    """Answers that a person has given; one that was given is not asked for again."""

    def __init__(self, folder: Path) -> None:
        """Raises CannotWrite if the folder cannot be written, BadData if what it holds is not ours."""
        self._folder = check_folder(folder)
        self._texts, self._marks = _read(folder / TRUTHS), _read(folder / MARKS)

    def applied(self, filled: FilledForm) -> FilledForm:
        """The form with the answers that were given for this very photograph."""
        answers = tuple(self._applied(filled, answer) for answer in filled.answers)
        return replace(filled, answers=answers)

    def keep(self, filled: FilledForm, answer: Answer, value: str | bool) -> None:
        """Store what a doubtful answer really is; raises CannotWrite."""
        assert answer.views is not None
        make_folder(self._folder)
        name = _name(filled, answer)
        rows, file = (self._marks, MARKS) if isinstance(value, bool) else (self._texts, TRUTHS)
        write_whole(self._folder / name, answer.views.photo if isinstance(value, bool) else answer.views.line)
        rows[name] = ("no", "yes")[value] if isinstance(value, bool) else " ".join(value.split())
        write_whole(self._folder / file, "".join(f"{key}\t{text}\n" for key, text in rows.items()).encode())

    def _applied(self, filled: FilledForm, answer: Answer) -> Answer:
        if answer.views is None:
            return answer
        name = _name(filled, answer)
        if isinstance(answer.value, bool):
            given: str | bool | None = {"yes": True, "no": False}.get(self._marks.get(name, ""))
        else:
            given = self._texts.get(name)
        return answer if given is None else replace(answer, value=given, confidence=1.0, doubt="")


def _name(filled: FilledForm, answer: Answer) -> str:
    """Of an answer's picture: another photograph of the same name has another one."""
    assert answer.views is not None
    seen = hashlib.sha256(answer.views.photo).hexdigest()[:10]
    stem = re.sub(r"[^\w-]+", "-", f"{Path(filled.name).name}-{answer.name}")[-LONGEST_STEM:]
    return f"{stem}-{seen}.{'jpg' if isinstance(answer.value, bool) else 'png'}"


def _read(path: Path) -> dict[str, str]:
    """Rows of `picture<TAB>text`; none where there is no file yet."""
    try:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return dict(line.split("\t", 1) for line in lines if line.strip())
    except (OSError, ValueError) as error:
        raise BadData(f"{path} is no file of corrections ({error}): name another folder with --corrections") from error
