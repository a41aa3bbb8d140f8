"""Forty photographs of two made forms: every form is found, and what stands in it is read."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_ocr.forms.form_file import load_form
from edge_ocr.forms.form_reader import FormReader
from tests.forms.conftest import fill
from tests.forms.made import FORMS, METERS, MadeForm, bent

pytestmark = pytest.mark.slow

COPIES = 20

LEAST_RIGHT = {"text": 0.85, "digits": 0.9, "comb": 0.85, "checkbox": 1.0, "signature": 1.0}
"""Part of the fields of a kind that must be read without a wrong character."""

MOST_SURELY_WRONG = 0.05
"""Part of the texts that may be wrong without a mark of doubt: nobody looks at them again."""

MOST_DOUBTFUL = 0.25
"""Part of the right texts that may be marked as doubtful: somebody looks at them in vain."""


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_photographed_forms_are_read(form: MadeForm, tmp_path: Path) -> None:
    """A form is not found, fields are read wrongly, or wrong answers bear no mark."""
    reader = FormReader.load(load_form(form.write(tmp_path)), max_seconds=math.inf)
    right: dict[str, list[bool]] = {}
    doubts: dict[bool, list[bool]] = {True: [], False: []}
    for copy in fill(tmp_path, form, COPIES, 1000 * len(form.entries)):
        filled = reader.read(cv2.imread(str(copy.photo)))
        for answer in filled.answers:
            is_right = answer.value == copy.truth[answer.name]
            right.setdefault(answer.kind, []).append(is_right)
            if not isinstance(answer.value, bool):
                doubts[is_right].append(bool(answer.doubt))
            if not is_right:
                print(f"{copy.photo.name} {answer.name}: {copy.truth[answer.name]!r}, read {answer}")
    for kind, verdicts in right.items():
        print(f"{kind}: {sum(verdicts)} of {len(verdicts)} right")
        assert sum(verdicts) >= LEAST_RIGHT[kind] * len(verdicts), kind
    texts = len(doubts[True]) + len(doubts[False])
    print(f"surely wrong: {doubts[False].count(False)} of {texts}; in doubt though right: {doubts[True].count(True)}")
    assert doubts[False].count(False) <= MOST_SURELY_WRONG * texts
    assert doubts[True].count(True) <= MOST_DOUBTFUL * texts


def test_bent_paper_is_read(tmp_path: Path) -> None:
    """Only sheets that lie flat under glass are read."""
    reader = FormReader.load(load_form(METERS.write(tmp_path)), max_seconds=math.inf)
    right = []
    for copy in fill(tmp_path, METERS, 4, 5000):
        photo = bent(np.asarray(cv2.imread(str(copy.photo)), np.uint8), np.random.default_rng(5), 1.5)
        right += [answer.value == copy.truth[answer.name] for answer in reader.read(photo).answers]
    print(f"{sum(right)} of {len(right)} right")
    assert sum(right) >= 0.85 * len(right)
