"""FORM.toml: what it may say, and what is wrong with it in one sentence that names the field."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_ocr.errors import BadForm, ImageNotFound
from edge_ocr.forms.form import Area, Field
from edge_ocr.forms.form_file import load_form

HEAD = 'picture = "form.png"\nsize = [200, 100]\n'
FIELD = '[[field]]\nname = "a"\nkind = "text"\nbox = [20, 10, 100, 20]\n'
COMB = FIELD.replace('"text"', '"comb"')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "form.png"), np.full((100, 200), 255, np.uint8))
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "form.toml"
    path.write_text(text, "utf-8")
    return path


def test_millimetres_and_parts_say_the_same(folder: Path) -> None:
    """Boxes would lie elsewhere than where they were drawn."""
    in_parts = 'picture = "form.png"\n[[field]]\nname = "a"\nbox = [0.1, 0.1, 0.5, 0.2]\ncharset = "0-9"\n'
    field = load_form(write(folder, in_parts)).fields[0]
    assert field == Field("a", "text", Area(0.1, 0.1, 0.5, 0.2), "0-9")
    assert load_form(write(folder, HEAD + FIELD)).fields[0].area == field.area


def test_digits_are_digits_unless_a_pattern_says_more(folder: Path) -> None:
    """A field for digits would give letters; or one for 12,5 no comma."""
    digits = FIELD.replace('"text"', '"digits"')
    assert load_form(write(folder, HEAD + digits)).fields[0].wishes == ("0-9", None)
    with_pattern = digits + "pattern = '\\d+,\\d'\n"
    assert load_form(write(folder, HEAD + with_pattern)).fields[0].wishes == (None, r"\d+,\d")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("picture = ", "is not TOML"),
        ("", "has no field"),
        (HEAD, "has no field"),
        (HEAD + "field = 3\n", "write each as [[field]]"),
        (HEAD + 'colour = "red"\n' + FIELD, "'colour': expected field, picture, size"),
        ("size = [200, 100]\n" + FIELD, "expected the name of the form's picture"),
        ('picture = "form.png"\nsize = [200]\n' + FIELD, "expected width and height in millimetres"),
        ('picture = "form.png"\nsize = [0, inf]\n' + FIELD, "expected width and height in millimetres"),
        (HEAD + FIELD + FIELD.replace('"a"', '"A"'), "two fields called 'a'"),
        (HEAD + FIELD.replace('"a"', '""'), "name = '' in field 1"),
        (HEAD + FIELD.replace('"a"', '"a\\nb"'), "in field 1"),
        (HEAD + FIELD.replace('name = "a"\n', ""), "name = None in field 1"),
        (HEAD + FIELD.replace('"text"', '"photo"'), "field 'a' has kind = 'photo': expected one of text, digits"),
        (HEAD + FIELD + 'colour = "red"\n', "field 'a' has 'colour'"),
        (HEAD + FIELD.replace("[20, 10, 100, 20]", "[20, 10, 100]"), "expected [left, top, width, height]"),
        (HEAD + FIELD.replace("[20, 10, 100, 20]", "[20, 10, 0, 20]"), "expected [left, top, width, height]"),
        (HEAD + FIELD.replace("[20, 10, 100, 20]", "[20, 10, nan, 20]"), "expected [left, top, width, height]"),
        (HEAD + FIELD.replace("[20, 10, 100, 20]", "[150, 10, 100, 20]"), "reaches over the form's edge"),
        (HEAD + FIELD.replace("[20, 10, 100, 20]", '["20", 10, 100, 20]'), "expected [left, top, width, height]"),
        (HEAD.replace("size = [200, 100]\n", "") + FIELD, "parts of the picture from 0 to 1"),
        (HEAD + FIELD + "charset = 9\n", "charset = 9: expected a text in quotes"),
        (HEAD + FIELD.replace('"text"', '"checkbox"') + 'charset = "X"\n', "a checkbox has no characters"),
        (HEAD + COMB, "a comb needs cells"),
        (HEAD + FIELD + "cells = 3\n", "a comb needs cells"),
        (HEAD + COMB + "cells = 0\n", "expected a whole number from 1 to 100"),
        (HEAD + COMB + "cells = true\n", "expected a whole number from 1 to 100"),
        (HEAD + COMB + "cells = 2.5\n", "expected a whole number from 1 to 100"),
    ],
)
def test_what_is_wrong_is_one_sentence(text: str, says: str, folder: Path) -> None:
    """Somebody who writes a form by hand would see a traceback, or a field that reads nonsense."""
    path = write(folder, text)
    with pytest.raises(BadForm) as caught:
        load_form(path)
    sentence = str(caught.value)
    assert says in sentence and str(path) in sentence and "\n" not in sentence


def test_a_missing_file_and_a_missing_picture_are_named(folder: Path) -> None:
    """The sentence would not say which of the two files is missing."""
    with pytest.raises(BadForm, match=r"nowhere\.toml cannot be read"):
        load_form(folder / "nowhere.toml")
    with pytest.raises(ImageNotFound, match=r"other\.png does not exist"):
        load_form(write(folder, HEAD.replace("form.png", "other.png") + FIELD))
