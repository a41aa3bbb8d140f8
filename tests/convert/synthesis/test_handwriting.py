"""Lines in a handwriting font: characters apart, words farther apart, all on one baseline."""

import cv2
import numpy as np
import pytest
from PIL import ImageFont

from convert.synthesis.handwriting import Hand, write_line

HAND = Hand("built-in")


def built_in_font() -> ImageFont.FreeTypeFont:
    """Pillow's own font, so that writing is tested without the data folder."""
    font = ImageFont.load_default(78)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def components(ink: np.ndarray) -> np.ndarray:
    """Boxes (left, top, width, height) of the connected pieces of ink, from left to right."""
    boxes = cv2.connectedComponentsWithStats((ink > 40).astype(np.uint8))[2][1:, :4]
    return boxes[np.argsort(boxes[:, 0])]


@pytest.mark.parametrize("seed", range(6))
def test_characters_do_not_touch(seed: int) -> None:
    """Fails when neighbours run together: the pages would measure cutting, not reading."""
    ink, _ = write_line("LAVTY7WJ", HAND, built_in_font(), np.random.default_rng(seed))
    assert len(components(ink)) == 8


@pytest.mark.parametrize("seed", range(6))
def test_spaces_are_wider_than_gaps(seed: int) -> None:
    """A person could not see where a word ends."""
    ink, _ = write_line("HHH HHH", HAND, built_in_font(), np.random.default_rng(seed))
    boxes = components(ink)
    gaps = boxes[1:, 0] - boxes[:-1, 0] - boxes[:-1, 2]
    assert gaps[2] > 1.8 * np.delete(gaps, 2).max()


def test_a_line_stands_on_its_baseline() -> None:
    """Fails when the baseline handed back is not where the characters stand."""
    ink, baseline = write_line("HEH", HAND, built_in_font(), np.random.default_rng(0))
    feet = components(ink)[:, 1] + components(ink)[:, 3]
    assert np.abs(feet - baseline).max() < 0.2 * HAND.capital
