"""Forty photographs of two made forms: every form is found, and what stands in it is read."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_ocr.forms.form_file import load_form
from edge_ocr.forms.form_reader import FormReader
from edge_ocr.forms.patch import corners
from edge_ocr.forms.registration import Print
from edge_ocr.forms.snapping import snapped
from tests.forms.conftest import fill
from tests.forms.made import FORMS, FRAMES, MEMBERSHIP, METERS, SCALE, MadeForm, answers_of, photograph

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


BENT = 1.5
"""Millimetres, to both sides."""


@pytest.mark.parametrize(("form", "most"), [(METERS, BENT), (FRAMES, 0.0)], ids=["bent", "without words"])
def test_other_forms_are_read(form: MadeForm, most: float, tmp_path: Path) -> None:
    """Only sheets that lie flat under glass are read, or only forms that have words on them."""
    reader = FormReader.load(load_form(form.write(tmp_path)), max_seconds=math.inf)
    right = []
    for number in range(4):
        rng = np.random.default_rng(5000 + number)
        truth = answers_of(form, rng)
        photo = photograph(form.filled(truth, rng), rng).bent(np.random.default_rng(5), most)
        right += [answer.value == truth[answer.name] for answer in reader.read(photo.picture).answers]
    print(f"{sum(right)} of {len(right)} right")
    assert sum(right) >= 0.85 * len(right)


@pytest.mark.parametrize(
    ("form", "most", "typical", "worst"),
    [(MEMBERSHIP, 0.0, 0.2, 0.5), (METERS, 0.0, 0.2, 0.5), (FRAMES, 0.0, 0.3, 1.5), (MEMBERSHIP, BENT, 0.3, 2.5)],
    ids=["membership", "meters", "without words", "membership, bent"],
)
def test_fields_are_found_where_they_are(
    form: MadeForm, most: float, typical: float, worst: float, tmp_path: Path
) -> None:
    """Fields are cut out beside what was written, by as many millimetres."""
    described = snapped(load_form(form.write(tmp_path)))
    print_, off = Print(described), []
    for number in range(5):
        rng = np.random.default_rng(1000 * len(form.entries) + number)
        photo = photograph(form.filled(answers_of(form, rng), rng), rng).bent(np.random.default_rng(number), most)
        found = print_.find(np.asarray(cv2.cvtColor(photo.picture, cv2.COLOR_BGR2GRAY), np.uint8))
        assert found, f"photograph {number}"
        for field in described.fields:
            own = corners(field.area, np.diag([*(SCALE * side for side in form.size), 1.0]))
            off += list(np.linalg.norm(corners(field.area, found.near(field.area)) - photo.places(own), axis=1) / SCALE)
    print(f"corners off by {np.median(off):.2f} mm, 95 % by less than {np.percentile(off, 95):.2f}, all {max(off):.2f}")
    assert np.median(off) <= typical and max(off) <= worst
