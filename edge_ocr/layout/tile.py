"""Ink and a box -> Tile: the ONE preprocessing of characters, used by the reader and by training alike."""

import cv2
import numpy as np

from edge_ocr.page import Gray

SIDE = 32
"""Height and width of a tile in pixels."""

INK_SIDE = 26
"""The longer side of the ink inside a tile, in pixels; the rest is margin, so that a stroke never touches the edge."""

SMALLEST = 0.5
"""What is smaller than this part of a capital's height is not enlarged further: a full stop stays a dot, not a disc."""


def cut_tile(ink: Gray, capital_height: float = 0.0) -> Gray:
    """Scale one character's ink into a tile.

    The character keeps its proportions, is centred by its box as in EMNIST, and its darkest pixel becomes 255, so that
    thin pens, which averaging makes pale, look like all others.

    Args:
        ink: (height, width) uint8, 0 paper to 255 pen, cropped to the character's box.
        capital_height: height of a capital letter of the same line, in pixels; 0 when unknown (a lone character).

    Returns:
        (32, 32) uint8, 0 paper to 255 pen; all zero when the crop is empty.
    """
    tile = np.zeros((SIDE, SIDE), np.uint8)
    height, width = ink.shape
    if height == 0 or width == 0:
        return tile
    scale = INK_SIDE / max(height, width, SMALLEST * capital_height)
    new_height, new_width = max(1, round(height * scale)), max(1, round(width * scale))
    # Averaging over areas keeps every stroke when shrinking; it is plain bilinear when enlarging.
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(ink, (new_width, new_height), interpolation=how)
    peak = int(small.max())
    if peak == 0:
        return tile
    top, left = (SIDE - new_height) // 2, (SIDE - new_width) // 2
    cv2.convertScaleAbs(small, dst=tile[top : top + new_height, left : left + new_width], alpha=255.0 / peak)
    return tile


def stack_tiles(tiles: "list[Gray]") -> Gray:
    """Tiles as one batch, (n, 32, 32) uint8; n may be 0."""
    return np.stack(tiles) if tiles else np.zeros((0, SIDE, SIDE), np.uint8)
