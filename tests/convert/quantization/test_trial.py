"""The float model is tried before it is quantized: what the user learns of a model that reads nothing."""

import os

import numpy as np
import pytest

pytest.importorskip("tensorflow")
os.environ["KERAS_BACKEND"] = "tensorflow"

from convert.quantization.own_pictures import Pictures
from convert.quantization.trial import CHANGES, Examples, examples, try_model

pytestmark = pytest.mark.slow

LABELS = ("A", "B", "Oo", "1", ".", "")


@pytest.fixture(scope="module")
def drawn() -> Examples:
    found = examples("characters", LABELS, None)
    assert found is not None
    return found


def knowing(drawn: Examples, expected: np.ndarray) -> object:
    """A model that reads these pictures rightly where its pixels are like `expected`, else answers the first label."""
    truths = np.array([LABELS.index(text) for text in drawn.texts])

    def run(images: np.ndarray) -> np.ndarray:
        alike = images.shape == expected[: len(images)].shape and np.allclose(
            images, expected[: len(images)], atol=1e-3
        )
        return np.eye(len(LABELS))[truths[: len(images)] if alike else np.zeros(len(images), int)]

    return run


def test_a_model_that_reads_is_not_doubted(drawn: Examples) -> None:
    """Every conversion would be warned about."""
    assert try_model(knowing(drawn, drawn.images), drawn, LABELS) == (
        f"the float model reads 100% of {len(drawn.texts)} printed characters right", ""
    )  # fmt: skip


@pytest.mark.parametrize("words", [words for words, _, _ in CHANGES])
def test_other_pixels_are_found_out(drawn: Examples, words: str) -> None:
    """A model that learned from pixels from 0 to 1 is accepted as good, and reads ZZZZ."""
    change, cure = next((change, cure) for name, change, cure in CHANGES if name == words)
    _, doubt = try_model(knowing(drawn, change(drawn.images)), drawn, LABELS)
    assert doubt == f"with {words} it reads 100% of them: {cure}"


def test_one_answer_to_all_is_reported(drawn: Examples) -> None:
    """A model that learned nothing passes."""
    said, doubt = try_model(lambda images: np.eye(6)[np.full(len(images), 3)], drawn, LABELS)
    assert "reads 2" not in said and doubt.startswith("it answers '1' to 100% of them")


def test_pictures_with_labels_are_taken_before_drawn_ones() -> None:
    """The user's own hand says more than print."""
    tiles, names = [np.zeros((32, 32), np.uint8)] * 24, ["A", "o", "2", 3, 17, None] * 4
    found = examples("characters", LABELS, Pictures(tiles * 2, names * 2))
    assert found is not None and found.what == "32 of your labelled pictures"
    assert set(found.texts) == {"A", "Oo", "1"}  # "2" and 3: the third and the fourth label.


def test_letters_of_many_scripts_are_drawn() -> None:
    """A model of Greek or Cyrillic is tried on nothing."""
    found = examples("characters", ("Ж", "λ", "é", "ş"), None)
    assert found is not None and set(found.texts) == {"Ж", "λ", "é", "ş"}
    assert examples("characters", tuple(map(chr, range(0xE000, 0xE010))), None) is None  # For private use.


def test_lines_are_tried_too() -> None:
    """A line model that reads nothing passes."""
    labels = ("", "a", "b", "c")
    drawn = examples("lines", labels, None)
    assert drawn is not None and drawn.images.shape[:2] == (40, 40)
    numbers = {text: [labels.index(char) for char in text] for text in drawn.texts}

    def run(images: np.ndarray) -> np.ndarray:
        alike = [np.allclose(image, 255 * images[0]) for image in drawn.images]
        read = numbers[drawn.texts[alike.index(True)]] if any(alike) else [0]
        return np.eye(4)[[frame for number in read for frame in (number, 0)]][np.newaxis, np.newaxis]

    said, doubt = try_model(run, drawn, labels)
    assert said == "the float model reads 0% of 40 printed lines right"
    assert doubt == "with pixels from 0 to 1 it reads 100% of them: add --scale 1/255"
