"""Which pictures are worth reading: changes of the writing, not of the light or by noise; sharp ones."""

import cv2
import numpy as np
import pytest

from edge_ocr.live.scene import PATIENCE_S, Scene
from tests.scenes import photograph, write

PAGE = photograph(write("HELLO TAX", size=(640, 480), capital=30, pen=3, corner=(60, 200)).ink).image
MORE = photograph(write("HELLO TAX 1", size=(640, 480), capital=30, pen=3, corner=(60, 200)).ink).image


def noisy(image: np.ndarray, seed: int, deviation: float = 3.0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, deviation, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def test_noise_and_light_are_no_change() -> None:
    """A still scene is read all day, at full power."""
    scene = Scene()
    assert scene.has_changed(noisy(PAGE, 0))
    assert not any(scene.has_changed(noisy(PAGE, seed)) for seed in range(1, 20))
    assert not scene.has_changed(cv2.subtract(noisy(PAGE, 30), 12))


def test_dim_light_is_not_another_scene_each_time() -> None:
    """In the noise of a dark room what was read is forgotten with every picture, and no text ever holds."""
    scene = Scene()
    assert scene.has_changed(noisy(PAGE, 0, 48.0)) and scene.is_another
    changes = [scene.has_changed(noisy(PAGE, seed, 48.0)) and scene.is_another for seed in range(1, 20)]
    assert not any(changes)
    covered = PAGE.copy()
    covered[:, :280] //= 3
    assert scene.has_changed(noisy(covered, 1, 48.0)) and scene.is_another


def test_one_more_character_is_a_change() -> None:
    """What was written last is never read."""
    scene = Scene()
    scene.has_changed(noisy(PAGE, 0))
    assert scene.has_changed(noisy(MORE, 1))
    assert not scene.is_another
    assert not scene.has_changed(noisy(MORE, 2))


def test_a_moved_page_is_a_change_of_the_same_scene() -> None:
    """A page that was pushed aside keeps its old boxes, or its reading starts from nothing."""
    scene = Scene()
    scene.has_changed(PAGE)
    assert scene.has_changed(np.roll(PAGE, 40, axis=0)) and not scene.is_another


def test_what_fills_the_picture_is_another_scene() -> None:
    """Readings of the last page go on voting on the next one."""
    scene = Scene()
    scene.has_changed(PAGE)
    checks = (np.indices((480, 640)).sum(axis=0) // 40 % 2 * 200).astype(np.uint8)
    assert scene.has_changed(checks) and scene.is_another
    assert scene.has_changed(PAGE) and scene.is_another


def test_a_blurred_picture_waits_for_a_sharp_one_but_not_for_ever() -> None:
    """Smeared letters are read although sharp ones come, or nothing is read in the dark."""
    scene = Scene()
    blurred = cv2.GaussianBlur(PAGE, (0, 0), 4)
    assert not scene.is_blurred(PAGE, 0.0)
    waits = [scene.is_blurred(blurred, 1 + part * PATIENCE_S) for part in (0, 0.5, 0.9, 1, 1.1)]
    assert waits == [True, True, True, False, False]
    assert not scene.is_blurred(PAGE, 2.0)


@pytest.mark.parametrize("shape", [(1, 1), (7, 900), (480, 640, 3)])
def test_any_picture_can_be_judged(shape: tuple[int, ...]) -> None:
    """A narrow region, or colour, takes the program down."""
    image = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    scene = Scene()
    assert scene.has_changed(image) and not scene.is_blurred(image, 0.0)
    assert not scene.has_changed(image)
