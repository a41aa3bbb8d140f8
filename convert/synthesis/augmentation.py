"""Augmentation: what happens to ink on its way through pen, paper, camera and `find_ink`.

`wear` makes clean ink pale, blurred, broken, noisy or compressed, once for each tile or strip of a shard; `vary_tile`
and `vary_strip` change these a little each time that training shows them. `convert.synthesis.photograph` does the same
to whole pages. Every step takes and gives (height, width) uint8 with bright ink on black, and draws its chances from
`rng`.
"""

import cv2
import numpy as np

from edge_ocr.layout.strip import HEIGHT
from edge_ocr.layout.tile import SIDE
from edge_ocr.page import Gray

Rng = np.random.Generator

CLEAR = 0.3
"""Part of the characters that stay as they were drawn or scanned."""


def between(rng: Rng, low: float, high: float) -> float:
    """A uniform number; several times cheaper a call than `rng.uniform`."""
    return low + (high - low) * rng.random()


def thicken(ink: Gray, rng: Rng) -> Gray:
    """A broader or a finer pen, by one step of dilation or erosion."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)) if rng.random() < 0.6 else np.ones((2, 2), np.uint8)
    return cv2.dilate(ink, kernel) if rng.random() < 0.6 else cv2.erode(ink, kernel)


def blur(ink: Gray, rng: Rng, most: float) -> Gray:
    """Defocus, sigma up to `most` pixels; pen loses strength as it would in a picture."""
    return cv2.GaussianBlur(ink, (0, 0), between(rng, 0.3, max(0.31, most)))


def fade(ink: Gray, rng: Rng) -> Gray:
    """Uneven pressure: a smooth random field weakens the stroke, down to breaks."""
    field = rng.random((4, 4), dtype=np.float32)
    height, width = ink.shape
    smooth_field = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
    least = between(rng, 0.15, 0.8)
    return cv2.multiply(ink, np.clip(least + (1.3 - least) * smooth_field, 0, 1), dtype=cv2.CV_8U)


def grain(ink: Gray, rng: Rng) -> Gray:
    """Rough paper and sensor noise: speckles inside the stroke and a little outside it."""
    noise = rng.standard_normal(ink.shape, dtype=np.float32) * between(rng, 4, 24)
    return np.clip(ink * (1 + noise / 90) + np.maximum(noise - 20, 0), 0, 255).astype(np.uint8)


def compress(ink: Gray, rng: Rng) -> Gray:
    """JPEG's blocks and ringing."""
    quality = int(between(rng, 15, 60))
    data = cv2.imencode(".jpg", ink, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def threshold(ink: Gray, rng: Rng) -> Gray:
    """The ramp of `find_ink`: what is below its foot is paper, above its top full pen; sometimes set badly."""
    peak = max(1.0, float(ink.max()))
    foot = between(rng, 0.05, 0.4) * peak
    top = foot + between(rng, 0.15, 0.7) * peak
    return cv2.convertScaleAbs(cv2.subtract(ink, foot), alpha=255.0 / (top - foot))


def wear(ink: Gray, rng: Rng, size: int = 0) -> Gray:
    """All steps, each with its chance; small characters are blurred less, so that they stay legible.

    `size` is a character's in pixels; 0 takes the ink's longer side.

    Some go through no more than the threshold: a network that sees only worn ones reads clear ones worse than it could.
    """
    if rng.random() < CLEAR:
        return threshold(ink, rng) if rng.random() < 0.5 else ink
    if rng.random() < 0.3:
        ink = thicken(ink, rng)
    if rng.random() < 0.3:
        ink = fade(ink, rng)
    if rng.random() < 0.7:
        ink = blur(ink, rng, 0.035 * (size or max(ink.shape)))
    if rng.random() < 0.35:
        ink = grain(ink, rng)
    if rng.random() < 0.15:
        ink = compress(ink, rng)
    if rng.random() < 0.8:
        ink = threshold(ink, rng)
    return ink


def vary_tile(tile: Gray, rng: Rng) -> Gray:
    """A new variation each time a tile is shown: few pixels a character, or a finer or broader stroke.

    Cheap enough to be done while training: shrinking to 9 to 20 pixels and back, and a power law of strength.
    """
    if rng.random() < 0.2:
        side = int(rng.integers(9, 21))
        small = cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA)
        tile = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return _other_strength(tile, rng)


def vary_strip(strip: Gray, rng: Rng) -> Gray:
    """A new variation each time a strip is shown: width, height, slant and place, few pixels, a finer stroke."""
    width = strip.shape[1]
    wide, tall = np.exp(rng.normal(0, 0.08)), np.exp(rng.normal(0, 0.05))
    slant = float(np.clip(rng.normal(0, 0.08), -0.2, 0.2))
    middle = HEIGHT / 2
    matrix = np.array(
        [[wide, slant, max(0.0, -slant) * HEIGHT], [0, tall, middle * (1 - tall) + rng.normal(0, 0.8)]], np.float32
    )
    new_width = round(wide * width + abs(slant) * HEIGHT)
    strip = cv2.warpAffine(strip, matrix, (new_width, HEIGHT), flags=cv2.INTER_LINEAR)
    if rng.random() < 0.2:
        factor = float(rng.uniform(0.45, 0.8))
        small = cv2.resize(strip, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        strip = cv2.resize(small, (new_width, HEIGHT), interpolation=cv2.INTER_LINEAR)
    return _other_strength(strip, rng)


def _other_strength(image: Gray, rng: Rng) -> Gray:
    """Sometimes a finer or a broader stroke, by a power law of strength."""
    if rng.random() < 0.3:
        curve = 255 * (np.arange(256) / 255) ** np.exp(rng.normal(0, 0.4))
        image = cv2.LUT(image, curve.astype(np.uint8))
    return image
