"""Characters seen through the finder: each with its own label, and in proportion to its writer's capitals."""

import cv2
import numpy as np

from convert.paths import FINDER
from convert.synthesis.character_sources import Drawn
from convert.synthesis.seen_characters import ink_box, seen_characters
from edge_ocr.ink.finder import Finder
from edge_ocr.model.bundle import load_bundle

WIDE, TALL = "w", "l"


def draw(rng: np.random.Generator) -> Drawn:
    """A wide box or a tall one, which nobody takes for the other; a capital is as high as the tall one."""
    ink = np.zeros((60, 60), np.uint8)
    is_wide = rng.random() < 0.5
    cv2.rectangle(ink, (6, 20) if is_wide else (22, 6), (54, 40) if is_wide else (38, 54), 255, 4)
    return Drawn(ink, WIDE if is_wide else TALL, True, 48.0)


def test_each_character_keeps_its_label_and_its_scale() -> None:
    """Fails when a tile shows a neighbour, or a small letter grows to a capital: the network would learn both."""
    seen = list(seen_characters(draw, Finder(load_bundle(FINDER)), np.random.default_rng(1)))
    assert len(seen) > 20
    right = 0
    for drawn in seen:
        _, _, width, height = ink_box(drawn.ink)
        right += (width > height) == (drawn.char == WIDE)
        assert 0.5 < max(width, height) / drawn.capital_height < 1.6
    assert right == len(seen)
