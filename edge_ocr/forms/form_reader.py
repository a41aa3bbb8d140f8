"""Photograph -> filled form: find the form, lay each field flat, take the print away, read what is left."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadCharset, BadForm, BadPattern, FormNotFound
from edge_ocr.forms.answers import SURE, Answer, FilledForm, Views, as_lines
from edge_ocr.forms.comb import Comb, read_cells
from edge_ocr.forms.field_reader import FieldReader
from edge_ocr.forms.form import Field, Form
from edge_ocr.forms.marks import cover, is_marked
from edge_ocr.forms.patch import Patch, corners, cut_patch, handwriting
from edge_ocr.forms.placement import Found, Homography
from edge_ocr.forms.printed import print_of
from edge_ocr.forms.registration import Print
from edge_ocr.forms.shapes import has_unread, has_writing
from edge_ocr.forms.snapping import snapped
from edge_ocr.page import Box, Frame, Gray
from edge_ocr.picture.load import load_image
from edge_ocr.reader import LEAST_S, Reader
from edge_ocr.stopwatch import Stopwatch

CUT_OFF = 0.02
"""Part of a field that may lie outside the photograph."""


class FormReader:
    """Reads copies of one form. Make it once, use it for any number of photographs."""

    def __init__(self, form: Form, reader: Reader, sure: float = SURE, *, keeps_views: bool = False) -> None:
        """
        Args:
            form: that the photographs show.
            reader: of level, upright lines, from whose open models each field gets a reader of its own.
            sure: confidence, 0 to 1, below which an answer is doubtful.
            keeps_views: whether doubtful answers come with their pictures.

        Raises:
            BadForm: the model cannot read a field's charset or pattern, or the form's picture has too little print.
        """
        self.form, self.sure, self._max_seconds = snapped(form), sure, reader.max_seconds
        self._keeps_views = keeps_views
        self._print = Print(self.form)
        self._readers = {field.name: _reader_of(field, reader, form) for field in form.fields if not field.is_mark}

    @classmethod
    def load(cls, form: Form, *, sure: float = SURE, keeps_views: bool = False, **wishes: Any) -> "FormReader":
        """A reader of copies of a form.

        Args:
            form: from `load_form`.
            sure: confidence, 0 to 1, below which an answer is doubtful.
            keeps_views: whether doubtful answers come with their pictures.
            wishes: those of `Reader.load` that say how to read, not what: `model`, `tuned`, `recogniser`, `language`,
                `backend`, and `max_seconds`, which finding the form has, and then each field.

        Raises:
            BadForm: a charset or pattern of a field cannot be used.
            BadBundle, NoInterpreter: as `Reader.load`.
        """
        reader = Reader.load(**wishes, find="paper", turn=0.0, min_confidence=0.0)
        return cls(form, reader, sure, keeps_views=keeps_views)

    def read(self, picture: Frame | Any) -> FilledForm:
        """Everything that stands in the form's fields.

        Args:
            picture: a Frame, or anything that `load_image` takes.

        Raises:
            FormNotFound: the picture does not show the form.
            BadImage, ImageNotFound: as `load_image`.
        """
        frame = load_image(picture, max_seconds=self._max_seconds)
        watch = Stopwatch(max(LEAST_S, self._max_seconds - frame.seconds))
        with watch("layout"):
            found = self._find(frame, watch)
        height, width = frame.image.shape[:2]
        if found is None:
            answers = tuple(_unread(field) for field in self.form.fields)
        else:
            answers = tuple(self._answer(frame.image, field, found.near(field.area)) for field in self.form.fields)
        return FilledForm(as_lines(answers), width, height, frame.name, partial=found is None, answers=answers)

    def _find(self, frame: Frame, watch: Stopwatch) -> Found | None:
        """Where the form lies; None if time was over."""
        image = frame.image
        gray = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
        found = self._print.find(gray, watch)
        if found is None and not watch.was_over:
            raise FormNotFound(
                f"{frame.name or 'the picture'} does not show the form of {self.form.name}: expected all of it, sharp, "
                "without a hand or a fold over its print; take it again, or name its own form"
            )
        return found

    def _answer(self, photo: NDArray[np.uint8], field: Field, to_photo: Homography) -> Answer:
        box, inside = _place(field, to_photo, photo.shape)
        if not inside:
            nothing = False if field.is_mark else ""
            return Answer(field.name, field.kind, nothing, 0.0, box, "the photograph ends within it")
        patch = cut_patch(photo, field.area, to_photo)
        ink = handwriting(patch, print_of(self.form, field, patch))
        comb = read_cells(ink, patch.margin, field.spans) if field.kind == "comb" else None
        line = cv2.bitwise_not(comb.line if comb else ink)
        value: str | bool
        if field.is_mark:
            value, confidence = is_marked(cover(ink, patch.margin), field.kind)
            doubt = ""
        elif any(comb.filled) if comb else has_writing(ink, patch.size[1]):
            value, confidence, doubt = self._text(field, line, comb)
        else:
            value, confidence, doubt = "", 1.0, ""
        doubt = doubt or ("hard to read" if confidence < self.sure else "")
        views = _views(patch, line) if doubt and self._keeps_views else None
        return Answer(field.name, field.kind, value, confidence, box, doubt, views)

    def _text(self, field: Field, line: Gray, comb: Comb | None) -> tuple[str, float, str]:
        """What is written in a field, its confidence, and why it is doubtful whatever that is."""
        count = sum(comb.filled) if comb else None
        page = self._readers[field.name].read(Frame(line, field.name), count)
        if not page.lines:
            return "", 0.0, "there is writing that cannot be read" + (" as the pattern says" if field.pattern else "")
        text, confidence = page.text, min(line.confidence for line in page.lines)
        if page.partial:
            return text, confidence, "time was over"
        if has_unread(cv2.bitwise_not(line), page):
            return text, confidence, "a part of the writing was not read"
        if field.kind == "text":
            return text, confidence, ""
        text = "".join(text.split())
        if comb and len(text) != count:
            return page.text, confidence, f"{len(text)} characters were read in {count} cells"
        return comb.spaced(text) if comb else text, confidence, ""


def _reader_of(field: Field, reader: Reader, form: Form) -> FieldReader:
    try:
        return FieldReader(reader, field)
    except (BadCharset, BadPattern) as error:
        raise BadForm(f"{form.name}, field {field.name!r}: {error}") from error


def _unread(field: Field) -> Answer:
    """Of a form that was not found in time."""
    return Answer(field.name, field.kind, False if field.is_mark else "", 0.0, Box(0, 0, 0, 0), "time was over")


def _place(field: Field, to_photo: Homography, shape: tuple[int, ...]) -> tuple[Box, bool]:
    """The upright box around a field on a photograph, and whether it is all there."""
    around = corners(field.area, to_photo)
    height, width = shape[:2]
    low, high = np.floor(around.min(axis=0)), np.ceil(around.max(axis=0))
    box = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    rim = CUT_OFF * max(box.width, box.height)
    inside = bool((low >= -rim).all() and high[0] <= width + rim and high[1] <= height + rim)
    return box.within(width, height), inside


def _views(patch: Patch, line: Gray) -> Views:
    photo, alone = cv2.imencode(".jpg", patch.picture)[1], cv2.imencode(".png", line)[1]
    return Views(photo.tobytes(), alone.tobytes())


class BatchFormReader(FormReader):
    """The same for many pictures at once, where one that does not show the form keeps no other one back."""

    def read(self, picture: Frame | Any) -> FilledForm:
        """As `FormReader.read`, but what does not show the form has a refusal instead of answers."""
        frame = load_image(picture, max_seconds=self._max_seconds)
        try:
            return FormReader.read(self, frame)
        except FormNotFound as error:
            height, width = frame.image.shape[:2]
            return FilledForm((), width, height, frame.name, refusal=str(error))
